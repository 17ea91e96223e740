"""What the journal tells of one government, done again in an empty warehouse by the same stages.

Batches and submissions keep their numbers. Nothing is answered, published or written into a
journal; the archive is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from etl import archive
from etl.archive import Event
from etl.check import judge_batches
from etl.load import withdraw
from etl.pipeline.checks import versions
from etl.pipeline.files import load_checked
from etl.pipeline.reading import gathered, read_files, stage
from etl.pipeline.rechecks import record_judgement, replayed
from etl.pipeline.replay_groups import STAGES, groups
from etl.pipeline.waivers import Waiver
from etl.problems import CellProblem
from etl.staged import REGISTER, StagedFile
from etl.warehouse import run_file, transaction

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
    receipts: dict[int, Line] = field(default_factory=dict)


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
        self.known: dict[int, Line] = {}
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
                self.made.receipts[number] = _owned(self.known[number], line)
            elif step.kind == "waiver":
                self._waivers.add(line["waiver_id"])


def _batch_of(line: Line, receipts: dict[int, Line]) -> int:
    return int(line.get("batch_id") or receipts[line["submission_id"]]["batch_id"])


def _owned(receipt: Line, read: Line) -> Line:
    """A card's government can depend on which others were loaded; it is taken as decided then."""
    owner = receipt["asked_government_id"] or read.get("government_id")
    return {**receipt, "asked_government_id": owner}


def _in_full(events: Iterable[Event], receipts: dict[int, Line]) -> Iterator[Event]:
    """Yield the events in their order and gather the receipts.

    A journal from before reading and checking were told holds receipts that say less: their files
    were read and checked as they came.
    """
    for event in events:
        if event.kind != "receipt":
            yield event
            continue
        is_short = _is_short(event.lines[0])
        for place, line in enumerate(event.lines):
            if is_short:
                line = {**line, **_not_told(line, event.at + place * timedelta(microseconds=1))}
            receipts[line["submission_id"]] = line
        if is_short:
            yield replace(event, kind="read")
            yield replace(event, kind="check", lines=event.lines[:1])


def _is_short(receipt: Line) -> bool:
    return "source_uri" not in receipt


def _not_told(line: Line, received_at: datetime) -> Line:
    return {
        "source_uri": line["file_name"],
        "received_at": received_at.isoformat(),
        "asked_government_id": None,
        "asked_quarter_id": None,
    }


class Replay:
    """Does the steps of a plan in the warehouse in use, which must be empty."""

    def __init__(self, made: Plan) -> None:
        self._plan = made
        self._waivers: dict[int, int] = {}
        self._read_files: dict[int, StagedFile | CellProblem] = {}
        self._steps: dict[str, Callable[[Event], None]] = {
            "withdrawal": self._withdraw,
            "waiver": self._waive,
            "waiver_end": self._end_waiver,
            "recheck": self._recheck,
        }

    def start(self) -> None:
        """Read all files at once, and keep the journal's numbers free."""
        receipts = self._plan.receipts
        files = [(number, line["sha256"], line["file_name"]) for number, line in receipts.items()]
        self._read_files = dict(read_files(files, archive.get))
        batches = [line["batch_id"] for step in self._plan.steps for line in step.lines
                   if "batch_id" in line]  # fmt: skip
        with transaction() as connection:
            run_file(
                connection,
                "core/number_after.sql",
                batch_id=max(batches, default=1),
                submission_id=max(receipts, default=1),
            )

    def groups(self) -> Iterator[list[Event]]:
        """Yield the steps in groups, each of which can be done at once; call `start` before."""
        staged = {
            step.name: _batch_of(step.lines[0], self._plan.receipts)
            for step in self._plan.steps
            if step.kind in STAGES
        }
        steps = [(step, staged.get(step.name)) for step in self._plan.steps]
        return groups(steps, self._touched())

    def _touched(self) -> dict[int, frozenset[str] | None]:
        """Return what the files of each batch have to do with; None for everything."""
        touched: dict[int, frozenset[str] | None] = {}
        for step in self._plan.steps:
            for line in step.lines if step.kind == "read" else ():
                number, batch_id = line["submission_id"], line["batch_id"]
                names = _touched_by(number, self._read_files[number])
                before = touched.get(batch_id, frozenset())
                touched[batch_id] = None if before is None or names is None else before | names
        return touched

    def do(self, steps: Sequence[Event]) -> None:
        """Do the steps of a group again; raises whatever their stages raise."""
        if steps[0].kind not in STAGES:
            self._steps[steps[0].kind](steps[0])
            return
        read, checked, loaded = ([step for step in steps if step.kind == stage] for stage in STAGES)
        if read:
            self._read(read)
        if checked:
            judge_batches(self._moments(checked))
        if loaded:
            with transaction() as connection:
                load_checked(connection, self._moments(loaded))

    def _moments(self, steps: Sequence[Event]) -> dict[int, datetime]:
        return {_batch_of(step.lines[0], self._plan.receipts): step.at for step in steps}

    def _read(self, steps: Sequence[Event]) -> None:
        found = {
            line["submission_id"]: self._read_files[line["submission_id"]]
            for step in steps
            for line in step.lines
        }
        with transaction() as connection:
            for step in steps:
                self._receive(connection, step)
            batch_ids = [step.lines[0]["batch_id"] for step in steps]
            stage(connection, batch_ids, gathered(found.items()))

    def _receive(self, connection: Connection, step: Event) -> None:
        batch_id = step.lines[0]["batch_id"]
        receipts = [self._plan.receipts[line["submission_id"]] for line in step.lines]
        # Whatever an earlier run left behind came before the batch was opened.
        own = [receipt["received_at"] for receipt in receipts if receipt["batch_id"] == batch_id]
        run_file(
            connection,
            "core/replay_batch.sql",
            batch_id=batch_id,
            purpose=receipts[0]["purpose"],
            at=min(map(datetime.fromisoformat, own), default=step.at),
            **versions(),
        )
        for receipt in receipts:
            run_file(connection, "core/replay_receipt.sql", **{**receipt, "batch_id": batch_id})

    def _withdraw(self, step: Event) -> None:
        for line in step.lines:
            with transaction() as connection:
                withdraw(connection, line["submission_id"], line["by"], line["reason"], step.at)

    def _waive(self, step: Event) -> None:
        for line in step.lines:
            told = {name: line[name] for name in Waiver.__dataclass_fields__}
            told["expires_on"] = date.fromisoformat(line["expires_on"])
            with transaction() as connection:
                (row,) = run_file(connection, "core/record_waiver.sql", at=step.at, **told)
            self._waivers[line["waiver_id"]] = row.waiver_id

    def _end_waiver(self, step: Event) -> None:
        for line in step.lines:
            number = self._waivers[line["waiver_id"]]
            with transaction() as connection:
                run_file(connection, "core/end_waiver.sql", waiver_id=number, at=step.at)

    def _recheck(self, step: Event) -> None:
        for line in step.lines:
            known = [s for s in line["submission_ids"] if s in self._plan.receipts]
            with replayed(known, step.at) as batch_id:
                judge_batches({batch_id: step.at})
                with transaction() as connection:
                    record_judgement(connection, batch_id)


def _touched_by(number: int, found: StagedFile | CellProblem) -> frozenset[str] | None:
    """Return what a file has to do with: its receipt and its pledges; None for everything."""
    receipt = frozenset({f"receipt {number}"})
    if isinstance(found, CellProblem):
        return receipt
    if found.form_code == REGISTER or found.answers_findings:
        return None
    return receipt | {f"pledge {pledge_id}" for pledge_id in found.pledge_ids}
