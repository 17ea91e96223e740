"""What the journal tells of one government, done again in an empty warehouse by the same stages.

Batches and submissions keep their numbers. Nothing is answered, published or written into a
journal; the archive is only read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from etl import archive
from etl.archive import Event
from etl.check import check_batch
from etl.load import staging, withdraw
from etl.pipeline.judgements import versions
from etl.pipeline.reading import Found, Read, StagedFiles, identify, read_files, stage
from etl.pipeline.receiving import ReceiptLine
from etl.pipeline.rechecks import judge_again
from etl.pipeline.submissions import load_checked
from etl.pipeline.waivers import Waiver
from etl.problems import FileFault, SystemFault
from etl.warehouse import run_alone, run_file, statement, transaction

Line = dict[str, Any]
KIND_NAMES = {
    "receipt": "접수",
    "read": "읽기",
    "check": "점검",
    "acceptance": "적재",
    "withdrawal": "철회",
    "waiver": "점검예외",
    "waiver_end": "점검예외 끝",
    "recheck": "다시 점검",
}


@dataclass
class Plan:
    """What is to be done again: steps in their order, and the receipts that they need by number."""

    steps: list[Event] = field(default_factory=list)
    receipts: dict[int, ReceiptLine] = field(default_factory=dict)


def until_approval(
    events: Sequence[Event], government_id: str, quarter_id: str, revision: int
) -> list[Event] | None:
    """Return what was written before a revision was approved; None where nothing tells of that.

    Whatever was decided later for an earlier moment is no part of what was approved.
    """
    asked = (government_id, quarter_id, revision)
    for place, event in enumerate(events):
        if event.kind == "approval" and asked in {
            (line["government_id"], line["quarter_id"], line["revision"]) for line in event.lines
        }:
            return list(events[:place])
    return None


def gaps(events: Sequence[Event], known: Iterable[tuple[str, int]]) -> list[str]:
    """Return what the journal ought to tell and does not, a line each.

    `known` are kinds of events and numbers that the warehouse knows of.
    """
    lines = [(event.kind, line) for event in events for line in event.lines]
    told = {(kind, line[_NUMBERS[kind]]) for kind, line in lines if kind in _NUMBERS}
    owed = {("receipt", number) for kind, number in told if kind == "read"} | set(known)
    batches = {(kind, line["batch_id"]) for kind, line in lines if "batch_id" in line}
    short = {line["batch_id"] for kind, line in lines if kind == "receipt" and _is_short(line)}
    steps = {
        (before, batch)
        for kind, batch in batches
        for before in _BEFORE.get(kind, ())
        if batch not in short
    }
    return [
        f"일지에 {what} {number}의 {KIND_NAMES[kind]} 기록이 없습니다."
        for what, missing in (("번호", owed - told), ("묶음", steps - batches))
        for kind, number in sorted(missing)
    ]


_NUMBERS = {
    "receipt": "submission_id",
    "read": "submission_id",
    "acceptance": "submission_id",
    "withdrawal": "submission_id",
    "waiver": "waiver_id",
    "waiver_end": "waiver_id",
}
_BEFORE = {"check": ("read",), "acceptance": ("read", "check")}


def plan(events: Iterable[Event], government_id: str) -> Plan:
    """Choose what concerns one government.

    Files that nobody could assign to a government changed nothing for any. What an older journal
    does not tell of a file is taken to concern it.
    """
    choice = _Choice(government_id)
    for event in _in_full(events, choice.known):
        lines = tuple(line for line in event.lines if choice.concerns(event.kind, line))
        if lines:
            choice.take(replace(event, lines=lines))
    return choice.made


class _Choice:
    """The plan in the making; `known` are the receipts of everybody so far."""

    def __init__(self, government_id: str) -> None:
        self.made = Plan()
        self.known: dict[int, ReceiptLine] = {}
        self._government_id = government_id
        self._batches: set[int] = set()
        self._waivers: set[int] = set()

    def concerns(self, kind: str, line: Line) -> bool:
        match kind:
            case "read" | "waiver" | "recheck":
                return bool(line.get("government_id", self._government_id) == self._government_id)
            case "check" | "acceptance":
                return _batch_of(line, self.known) in self._batches
            case "withdrawal":
                return line["submission_id"] in self.made.receipts
            case "waiver_end":
                return line["waiver_id"] in self._waivers
        return False

    def take(self, step: Event) -> None:
        self.made.steps.append(step)
        for line in step.lines:
            if step.kind == "read":
                self._batches.add(line["batch_id"])
                number = line["submission_id"]
                self.made.receipts[number] = _as_read(self.known[number], line)
            elif step.kind == "waiver":
                self._waivers.add(line["waiver_id"])


def _batch_of(line: Line, receipts: Mapping[int, ReceiptLine]) -> int:
    return int(line.get("batch_id") or receipts[line["submission_id"]].batch_id)


def _as_read(receipt: ReceiptLine, read: Line) -> ReceiptLine:
    """What reading decided from what there was then, whose a card is and its edition, is taken."""
    owner = receipt.asked_government_id or read.get("government_id")
    return replace(receipt, asked_government_id=owner, form_edition=read.get("form_edition"))


def _in_full(events: Iterable[Event], receipts: dict[int, ReceiptLine]) -> Iterator[Event]:
    """Yield the events in their order and gather the receipts.

    A journal from before reading and checking were told holds receipts that say less: their files
    were read and checked as they came.
    """
    for event in events:
        if event.kind != "receipt":
            yield event
            continue
        for place, line in enumerate(event.lines):
            moment = event.at + place * timedelta(microseconds=1)
            receipts[line["submission_id"]] = _receipt(line, moment)
        if _is_short(event.lines[0]):
            yield replace(event, kind="read")
            yield replace(event, kind="check", lines=event.lines[:1])


def _is_short(receipt: Line) -> bool:
    return "source_uri" not in receipt


def _receipt(line: Line, received_at: datetime) -> ReceiptLine:
    """Read a receipt; `received_at` is when a file came whose line does not say it."""
    usual = {"source_uri": line["file_name"], "received_at": received_at.isoformat()}
    told: Line = {one.name: line.get(one.name, usual.get(one.name)) for one in fields(ReceiptLine)}
    return ReceiptLine(**told)


def _without_faults(found: Iterable[tuple[int, Read]]) -> dict[int, Found]:
    files: dict[int, Found] = {}
    for number, one in found:
        if isinstance(one, FileFault):
            raise SystemFault(
                f"보관된 파일(접수 {number})을 다시 읽지 못했습니다({one.error_type} {one.place}).",
                "창고는 바뀌지 않았습니다.",
                "접수번호와 함께 개발자에게 알리십시오.",
            )
        files[number] = one
    return files


# PostgreSQL keeps a plan until it learns that a table is another than when it made it: small ones
# are read whole, and the empty ones of the beginning would be for ever.
_GROWN = (2, 10, 40, 160)
"""After how many loads it is told."""


class Replay:
    """Does the steps of a plan in the warehouse in use, which must be empty."""

    def __init__(self, made: Plan) -> None:
        self._plan = made
        self._waivers: dict[int, int] = {}
        self._files: dict[int, Found] = {}
        self._read_once: set[int] = set()
        self._loaded = 0
        self._steps: dict[str, Callable[[Event], None]] = {
            "read": self._read,
            "check": self._check,
            "acceptance": self._load,
            "withdrawal": self._withdraw,
            "waiver": self._waive,
            "waiver_end": self._end_waiver,
            "recheck": self._recheck,
        }

    def start(self) -> None:
        """Receive, read and stage all files at once, and keep the journal's numbers free."""
        receipts = self._plan.receipts
        files = [
            (number, one.sha256, one.file_name, one.form_edition)
            for number, one in receipts.items()
        ]
        self._files = _without_faults(read_files(files, archive.get))
        with transaction() as connection:
            self._receive(connection)
            staging.stage_found(connection, self._files.items())
        batches = [line["batch_id"] for step in self._plan.steps for line in step.lines
                   if "batch_id" in line]  # fmt: skip
        run_alone(
            "replay/number_after.sql",
            batch_id=max(batches, default=1),
            submission_id=max(receipts, default=1),
        )

    def _receive(self, connection: Connection) -> None:
        reads = [step for step in self._plan.steps if step.kind == "read"]
        batches = [
            {"batch_id": step.lines[0]["batch_id"], "purpose": self._receipts(step)[0].purpose,
             "at": step.at, **versions()}
            for step in reads
        ]  # fmt: skip
        told = [
            asdict(receipt) | {"batch_id": step.lines[0]["batch_id"]}
            for step in reads
            for receipt in self._receipts(step)
        ]
        if reads:
            connection.execute(statement("replay/batch.sql"), batches)
            connection.execute(statement("replay/receipt.sql"), told)

    def _receipts(self, step: Event) -> list[ReceiptLine]:
        return [self._plan.receipts[line["submission_id"]] for line in step.lines]

    def do(self, step: Event) -> None:
        """Do one step again; raises whatever its stage raises."""
        self._steps[step.kind](step)

    def _read(self, step: Event) -> None:
        numbers = [receipt.submission_id for receipt in self._receipts(step)]
        batch_id = step.lines[0]["batch_id"]
        with transaction() as connection:
            run_file(connection, "replay/read_again.sql", batch_id=batch_id, submission_ids=numbers)
            run_file(connection, "read/place_cards.sql", batch_id=batch_id)
        # What reading told of a file the first time stands in its rows, such as a pledge's name.
        if read_before := [number for number in numbers if number in self._read_once]:
            stage(batch_id, [(number, self._files[number]) for number in read_before])
        self._read_once.update(numbers)
        identify(batch_id, StagedFiles(numbers, 0, {}))

    def _check(self, step: Event) -> None:
        set_aside = [number for line in step.lines for number in line.get("set_aside", ())]
        if set_aside:
            with transaction() as connection:
                staging.set_aside(connection, set_aside)
        check_batch(step.lines[0]["batch_id"], step.at, by="decisions")

    def _load(self, step: Event) -> None:
        with transaction() as connection:
            load_checked(connection, _batch_of(step.lines[0], self._plan.receipts), step.at)
            self._loaded += 1
            if self._loaded in _GROWN:
                run_file(connection, "replay/analyse.sql")

    def _withdraw(self, step: Event) -> None:
        for line in step.lines:
            with transaction() as connection:
                withdraw(connection, line["submission_id"], line["by"], line["reason"], step.at)

    def _waive(self, step: Event) -> None:
        for line in step.lines:
            told = {name: line[name] for name in Waiver.__dataclass_fields__}
            told["expires_on"] = date.fromisoformat(line["expires_on"])
            (row,) = run_alone("waive/record_waiver.sql", at=step.at, **told)
            self._waivers[line["waiver_id"]] = row.waiver_id

    def _end_waiver(self, step: Event) -> None:
        for line in step.lines:
            number = self._waivers[line["waiver_id"]]
            run_alone("waive/end_waiver.sql", waiver_id=number, at=step.at)

    def _recheck(self, step: Event) -> None:
        for line in step.lines:
            known = [s for s in line["submission_ids"] if s in self._plan.receipts]
            judge_again(known, step.at, record=True)
