"""The domain in plain Python: what counts where, from dictionaries, dates and Decimals alone.

It knows nothing of SQL or of the product. A `Register` is what the office's workbook says, a
`File` one return that came, a `Known` what is so at one moment: to ask of an earlier moment is to
take the `Known` of then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

TERM_START = date(2018, 7, 1)
# The first day a quarter is reported, the last of its grace, and its 기준일.
WINDOWS = {
    "2021Q2": (date(2021, 6, 21), date(2021, 7, 17), date(2021, 6, 30)),
    "2021Q3": (date(2021, 9, 20), date(2021, 10, 17), date(2021, 9, 30)),
    "2021Q4": (date(2021, 12, 20), date(2022, 1, 17), date(2021, 12, 31)),
}
QUARTERS = tuple(WINDOWS)
COMPLETED = ("완료", "완료(계속)")
CLOSING = ("완료확정", "폐기")


@dataclass(frozen=True)
class Pledge:
    """One line of 공약; the texts are as the sheet would show them after all its changes."""

    owners: str
    field: str
    due: str
    confirmed: date | None = None


@dataclass(frozen=True)
class Change:
    """One line of 공약변경; `item` is an attribute of Pledge where it is a 변경."""

    pledge: str
    day: date
    kind: str
    item: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Register:
    """The register as one workbook tells it."""

    pledges: Mapping[str, Pledge]
    changes: tuple[Change, ...] = ()
    reference_days: Mapping[str, date] = field(default_factory=dict)

    def reference_day(self, quarter: str) -> date:
        return self.reference_days.get(quarter) or WINDOWS[quarter][2]

    def text_on(self, pledge: str, item: str, day: date) -> str:
        """What an attribute was on a day: before a dated change its 변경전."""
        changes = [c for c in self.changes if (c.pledge, c.item) == (pledge, item)]
        for change in sorted(changes, key=lambda c: c.day):
            if day < change.day:
                return change.before
        return str(getattr(self.pledges[pledge], item))

    def owners_on(self, pledge: str, day: date) -> list[str]:
        return self.text_on(pledge, "owners", day).split(",")

    def is_described(self, pledge: str, day: date) -> bool:
        """Whether the register tells of a pledge on a day: from its 확정일."""
        line = self.pledges.get(pledge)
        return line is not None and (line.confirmed or TERM_START) <= day

    def decisions(self, pledge: str, day: date) -> list[Change]:
        return [c for c in self.changes if c.pledge == pledge and c.day <= day]

    def in_force(self, day: date) -> list[str]:
        """Pledges confirmed by then that neither 통합 nor 분리 has taken away."""
        return [
            pledge
            for pledge in self.pledges
            if self.is_described(pledge, day)
            and not any(c.kind in ("통합", "분리") for c in self.decisions(pledge, day))
        ]

    def owes(self, pledge: str, day: date) -> bool:
        return not any(c.kind in CLOSING for c in self.decisions(pledge, day))


@dataclass(frozen=True)
class Line:
    """What a department says of one pledge; money by header of 예산, in 백만원."""

    pledge: str
    status: str
    rate: Decimal
    target: str | None
    reason: str | None
    money: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class File:
    """One return. Two with the same content are equal, whatever their bytes."""

    department: str
    quarter: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Waiver:
    """A rule set aside from a quarter on, until a day; `pledge` None for all."""

    rule: str
    pledge: str | None
    first: str
    last: str
    expires: date

    def covers(self, rule: str, pledge: str, quarter: str, day: date) -> bool:
        return (
            self.rule == rule
            and self.pledge in (None, pledge)
            and self.first <= quarter <= self.last
            and day <= self.expires
        )


@dataclass(frozen=True)
class Receipt:
    """One file that came: which number, when, and the pledges whose report was accepted."""

    file: File
    sha256: str
    number: int
    accepted: tuple[str, ...]
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Known:
    """What is so at one moment. Receipts are in the order in which they came."""

    register: Register
    receipts: tuple[Receipt, ...] = ()
    waivers: Mapping[int, Waiver] = field(default_factory=dict)

    def report(self, pledge: str, quarter: str) -> Receipt | None:
        """The report in force: of the newest file that was accepted and not taken back."""
        for one in reversed(self.receipts):
            if one.file.quarter == quarter and pledge in one.accepted and not one.is_withdrawn:
                return one
        return None

    def reports(self) -> dict[tuple[str, str], str]:
        """The file that each report in force stands in, by pledge and quarter."""
        asked = {(p, r.file.quarter) for r in self.receipts for p in r.accepted}
        found = {key: self.report(*key) for key in asked}
        return {key: one.sha256 for key, one in found.items() if one}

    def line_of(self, pledge: str, quarter: str) -> tuple[str, Line] | None:
        """The line that counts, and its quarter: the quarter's own, else the last before it."""
        for known in reversed([q for q in QUARTERS if q <= quarter]):
            if one := self.report(pledge, known):
                return known, next(x for x in one.file.lines if x.pledge == pledge)
        return None

    def is_wholly_in_force(self, one: Receipt) -> bool:
        """Whether all that a file says counts from it, so that the same again is no news."""
        return not one.is_withdrawn and all(
            self.report(line.pledge, one.file.quarter) == one for line in one.file.lines
        )

    def accepted_of(self, file: File, day: date) -> tuple[str, ...]:
        """The pledges of a file, received on that day, that no rule stops."""
        return tuple(x.pledge for x in file.lines if not self._is_stopped(file, x, day))

    def _is_stopped(self, file: File, line: Line, day: date) -> bool:
        def waived(rule: str) -> bool:
            waivers = self.waivers.values()
            return any(w.covers(rule, line.pledge, file.quarter, day) for w in waivers)

        reference_day = self.register.reference_day(file.quarter)
        is_past = day > WINDOWS[file.quarter][1] and any(  # F-47
            quarter != file.quarter and start <= day <= grace
            for quarter, (start, grace, _) in WINDOWS.items()
        )
        if is_past and not waived("F-47"):
            return True
        if not self.register.is_described(line.pledge, reference_day):  # P-02
            return True
        if self.register.owners_on(line.pledge, reference_day)[0] != file.department:  # P-03
            return True
        if not 0 <= line.rate <= 100:  # P-07
            return True
        if line.reason:
            return False
        before = [q for q in QUARTERS if q < file.quarter]
        previous = self.line_of(line.pledge, before[-1]) if before else None
        falls = previous is not None and line.rate < previous[1].rate  # H-01
        is_short = line.status in COMPLETED and line.rate < 100  # P-09
        return (is_short and not waived("P-09")) or (falls and not waived("H-01"))

    def withdrawn(self, number: int) -> "Known":
        """The same with one file taken back."""
        receipts = (replace(r, is_withdrawn=r.is_withdrawn or r.number == number)
                    for r in self.receipts)  # fmt: skip
        return replace(self, receipts=tuple(receipts))
