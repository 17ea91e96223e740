"""The half of the model's machine that keeps the register, and what both halves share."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from etl.quarter import SEOUL
from tests.conftest import Beginnings
from tests.torture.model_domain import QUARTERS, Change, File, Known, Pledge, Register
from tests.torture.model_returns import UNREASONED
from tests.torture.model_world import World

BEGIN = datetime(2021, 10, 5, 9, 0, tzinfo=SEOUL)  # 40 steps reach past the last window
FIRST = Register({
    "1-1": Pledge("D01", "교육문화", "임기내"),
    "1-2": Pledge("D01", "교육문화", "임기내"),
    "2-1": Pledge("D02", "환경", "임기후"),
    "2-2": Pledge("D03", "환경", "임기내"),
})  # fmt: skip
LATER = {"2-3": Pledge("D02", "환경", "임기내"), "2-4": Pledge("D03", "교육문화", "임기후")}
TEXTS = {
    "owners": ("D01", "D02", "D03", "D01,D03"),
    "field": ("교육문화", "환경", "복지"),
    "due": ("임기내", "임기후"),
}
KINDS = ("폐기", "보류", "완료확정", "통합", "분리")
MENDED = ("text", "text", "decision", "decision", "undone", "confirmed", "added", "reference day")

days = st.dates(date(2021, 6, 1), date(2022, 1, 20))
numbers = st.integers(0, 10**6)  # picks one of what is there


def begun(home: Path) -> None:
    """What every run begins with: the register is loaded."""
    World(home).register(FIRST, BEGIN)


class RegisterMachine(RuleBasedStateMachine):
    """A home and a model of it; `moments` is what was known, and when."""

    beginnings: ClassVar[Beginnings]
    told: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(TemporaryDirectory(prefix="model")))
        home = self.stack.enter_context(self.beginnings.home(begun, folder / "home"))
        self.world = World(home)
        self.at = BEGIN
        self.known = Known(FIRST)
        self.moments: list[tuple[datetime, Known]] = [(BEGIN, self.known)]
        self.sent: list[tuple[Path, str, File]] = []
        self.releases: dict[tuple[str, int], tuple[datetime, Known]] = {}
        self.looked_back = 0

    def now(self, what: str) -> datetime:
        self.told[what] += 1
        self.at += timedelta(hours=61, minutes=7)
        return self.at

    def becomes(self, known: Known, at: datetime) -> None:
        self.known = known
        self.moments.append((at, known))

    # -- the register -----------------------------------------------------------------------------

    def _register(self, what: str, register: Register) -> None:
        if register == self.known.register:
            return
        at = self.now(what)
        self.world.register(register, at)
        self.becomes(replace(self.known, register=register), at)

    @rule(kind=st.sampled_from(MENDED), pick=numbers, to=numbers, day=st.none() | days)
    def mend_register(self, kind: str, pick: int, to: int, day: date | None) -> None:
        """The next register has one thing otherwise; `pick` and `to` choose which, and what."""
        register = self.known.register
        pledge = sorted(register.pledges)[pick % len(register.pledges)]
        if kind == "text":
            made = _with_text(register, pledge, to, day)
        elif kind == "decision":
            made = _with_decision(register, pledge, KINDS[to % len(KINDS)], day or BEGIN.date())
        elif kind == "undone":
            made = _without_change(register, to)
        elif kind == "confirmed":
            made = _with_pledge(register, pledge, day)
        elif kind == "added":
            later = [known for known in LATER if known not in register.pledges]
            made = _with_pledge(register, later[0], day) if later else register
        else:
            made = _with_reference_day(register, QUARTERS[to % len(QUARTERS)], day)
        self._register(f"register: {kind}", made)


def _with_text(register: Register, pledge: str, to: int, day: date | None) -> Register:
    """A dated change; without a day a correction, which holds from the start."""
    item = sorted(TEXTS)[to % len(TEXTS)]
    if any((c.pledge, c.item) == (pledge, item) for c in register.changes):
        return register
    line = register.pledges[pledge]
    before, after = getattr(line, item), TEXTS[item][to // len(TEXTS) % len(TEXTS[item])]
    changes = (Change(pledge, day, "변경", item, before, after),) if day else ()
    return replace(
        register,
        pledges={**register.pledges, pledge: replace(line, **{item: after})},
        changes=(*register.changes, *changes),
    )


def _with_decision(register: Register, pledge: str, kind: str, day: date) -> Register:
    """폐기, 통합 and 분리 spare the pledge whose lines come without a reason: P-18 would ask."""
    after = {"통합": UNREASONED, "분리": "2-3, 2-4"}.get(kind, "")
    is_spared = pledge == UNREASONED and kind in ("폐기", "통합", "분리")
    is_known = any((c.pledge, c.kind) == (pledge, kind) for c in register.changes)
    if is_spared or is_known or pledge in after:
        return register
    return replace(register, changes=(*register.changes, Change(pledge, day, kind, after=after)))


def _without_change(register: Register, to: int) -> Register:
    if not register.changes:
        return register
    gone = register.changes[to % len(register.changes)]
    pledges = dict(register.pledges)
    if gone.item:
        pledges[gone.pledge] = replace(pledges[gone.pledge], **{gone.item: gone.before})
    left = tuple(change for change in register.changes if change is not gone)
    return replace(register, pledges=pledges, changes=left)


def _with_pledge(register: Register, pledge: str, confirmed: date | None) -> Register:
    line = replace(register.pledges.get(pledge) or LATER[pledge], confirmed=confirmed)
    return replace(register, pledges={**register.pledges, pledge: line})


def _with_reference_day(register: Register, quarter: str, day: date | None) -> Register:
    known = {k: v for k, v in register.reference_days.items() if k != quarter}
    return replace(register, reference_days=known | ({quarter: day} if day else {}))
