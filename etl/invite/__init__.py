"""Invitations: what each department that owes a report is sent, filled with what it last said.

The data come from `sql/invite/`; how a return looks is `return_book.py`, and a card
`pledge_card.py`.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from sqlalchemy import Connection, Row

from etl.documents.notes import PROGRAM
from etl.invite.invitation import (
    POST_TERM,
    PRE_TERM,
    Frame,
    Invitation,
    InvitedLine,
    Line,
    plan_measure,
)
from etl.invite.pledge_card import OutgoingAchievement, OutgoingCard, PlannedText, card_blocks
from etl.invite.return_book import build
from etl.office import styles
from etl.office.hwpx import write_hwpx
from etl.period import Period
from etl.problems import UsageError
from etl.warehouse import run_file

_UNIT_PLACES = 6  # 백만원 is won with the point moved six places
# Goes through what is to be written, and may tell how much of it is.
Each = Callable[[Sequence[Any]], Iterable[Any]]
_Rows = Mapping[str, list[Row[Any]]]
# The member of a file that says who wrote it and who saved it last, and how it says so.
_WRITERS = {
    ".xlsx": ("docProps/core.xml", r"<(?:dc:creator|cp:lastModifiedBy)[^>]*>([^<]*)<"),
    ".hwpx": ("Contents/content.hpf", r'name="(?:creator|lastsaveby)"[^>]*>([^<]*)<'),
}


@dataclass(frozen=True)
class _Owed:
    """The pledges that owe a report, in the order of departments; rows about them by pledge id."""

    frame: Frame
    pledges: list[Row[Any]]
    subprojects: _Rows
    budget: _Rows
    reported_subprojects: _Rows
    bodies: _Rows
    contacts: _Rows
    deadlines: Mapping[str, Row[Any]]

    def frame_of(self, department_code: str) -> Frame:
        """The frame of a department's return: with the deadlines it has of its own, if any."""
        own = self.deadlines.get(department_code)
        if own is None:
            return self.frame
        return replace(self.frame, due_date=own.due_date, grace_date=own.grace_date)

    def budget_lines(self, pledge: Row[Any]) -> list[InvitedLine]:
        """The last report's lines; else one per sub-project; else the pledge itself, if any."""
        reported = self.budget[pledge.pledge_id]
        if reported:
            return _reported_lines(self.frame, reported)
        if pledge.budget_class_code == "NO_BUDGET":
            return []
        if pledge.report_id is None and self.subprojects[pledge.pledge_id]:
            return [InvitedLine(*row) for row in self.subprojects[pledge.pledge_id]]
        return [InvitedLine(pledge.pledge_id, pledge.pledge_name)]

    def subproject_lines(self, pledge: Row[Any]) -> list[Line]:
        """What sub-tasks last said, then those of the register that have said nothing yet."""
        named = {"pledge_id": pledge.pledge_id, "pledge_name": pledge.pledge_name}
        reported = {
            row.subproject_name: {
                "status": row.status_name,
                "rate": _shortest(row.declared_rate_pct),
            }
            for row in self.reported_subprojects[pledge.pledge_id]
        }
        listed = (row.subproject_name for row in self.subprojects[pledge.pledge_id])
        names = dict.fromkeys([*reported, *listed])
        return [{**named, "subproject_name": name, **reported.get(name, {})} for name in names]


def write_invitations(
    connection: Connection,
    government_id: str,
    quarter: Period,
    as_of: datetime,
    folder: Path,
    each: Each = iter,
) -> list[Path]:
    """Write one workbook per department that owes a report; return their paths, by code.

    Afterwards the folder holds no other workbook of ours: what an earlier run wrote for a
    department that owes nothing any more is removed. Raises UsageError when the government is
    unknown or no term holds the quarter's 기준일.
    """
    owed = _read_owed(connection, government_id, quarter, as_of)
    stems = _department_stems(owed)
    written = [
        styles.save(build(one), folder / f"{stems[one.department_code]}.xlsx", as_of)
        for one in each(_invitations(owed))
    ]
    _remove_earlier(folder.glob("*_*.xlsx"), written)
    return written


def write_cards(
    connection: Connection,
    government_id: str,
    quarter: Period,
    as_of: datetime,
    folder: Path,
    each: Each = iter,
) -> list[Path]:
    """Write one card per pledge that owes a report into a folder per department; return the paths.

    A department's folder has the name of its workbook. What an earlier run wrote for a pledge that
    owes nothing any more is removed. Raises UsageError as `write_invitations` does.
    """
    owed = _read_owed(connection, government_id, quarter, as_of)
    known = _of_term(owed.frame, as_of) | {
        "quarter_id": str(quarter), "reference_date": owed.frame.reference_date
    }  # fmt: skip
    achieved = _by_pledge(connection, "achievements", **known)
    cards = _by_pledge(connection, "cards", **known)
    stems = _department_stems(owed)
    written: list[Path] = []
    taken: set[str] = set()
    for pledge in each(owed.pledges):
        stem = f"{stems[pledge.department_code]}/{_stem(pledge.pledge_id, pledge.pledge_name)}"
        path = folder / f"{_unique(stem, taken)}.hwpx"
        card = _card(owed, pledge, achieved[pledge.pledge_id])
        for earlier in cards[pledge.pledge_id]:
            card = _with_texts(card, earlier)
        blocks = card_blocks(card)
        written.append(write_hwpx(blocks, path, written_at=as_of))
    _remove_earlier(folder.glob("*/*_*.hwpx"), written)
    return written


def _invitations(owed: _Owed) -> list[Invitation]:
    """Return what each owing department's return is filled with, by department code."""
    invitations: dict[str, Invitation] = {}
    for pledge in owed.pledges:
        code = pledge.department_code
        one = invitations.setdefault(
            code, Invitation(owed.frame_of(code), code, pledge.department_name)
        )
        one.progress.append(_progress_line(pledge))
        one.budget += owed.budget_lines(pledge)
        one.subproject += owed.subproject_lines(pledge)
        one.cooperation += [row._asdict() for row in owed.bodies[pledge.pledge_id]]
        one.contact += [row._asdict() for row in owed.contacts[pledge.pledge_id]]
    return list(invitations.values())


def _progress_line(pledge: Row[Any]) -> Line:
    coded = {name: getattr(pledge, f"{name}_name") for name in ("status", "target", "grade", "due")}
    return {**pledge._asdict(), **coded, "rate": _shortest(pledge.declared_rate_pct)}


def _card(owed: _Owed, pledge: Row[Any], achieved: Iterable[Row[Any]]) -> OutgoingCard:
    """Return what a pledge's card is filled with; the register's partners before any report."""
    bodies = [tuple(row)[1:] for row in owed.bodies[pledge.pledge_id]]
    if pledge.report_id is None and pledge.cooperating:
        bodies = [("협업부서", pledge.cooperating, None)]
    total = pledge.declared_total_krw
    return OutgoingCard(
        owed.frame,
        pledge.pledge_id,
        pledge.pledge_name,
        pledge.department_name,
        status_name=pledge.status_name,
        rate_pct=_shortest(pledge.declared_rate_pct),
        target_name=pledge.target_name,
        grade_name=pledge.grade_name,
        due_name=pledge.due_name,
        due_year=pledge.due_year,
        declared_total=None if total is None else in_unit(total),
        project_type=pledge.project_type,
        problem=pledge.problem,
        plan=pledge.plan,
        subproject_names=[row.subproject_name for row in owed.subprojects[pledge.pledge_id]],
        budget=owed.budget_lines(pledge),
        achievements=[OutgoingAchievement(*tuple(row)[1:]) for row in achieved],
        cooperation=bodies,
        contacts=[tuple(row)[1:] for row in owed.contacts[pledge.pledge_id]],
    )


def _with_texts(card: OutgoingCard, earlier: Row[Any]) -> OutgoingCard:
    """Return a card with what the pledge's newest card says that no workbook can."""
    plans = zip(
        earlier.subproject_names or (),
        earlier.first_years or (),
        earlier.last_years or (),
        earlier.contents or (),
        strict=True,
    )
    planned = [PlannedText(*plan) for plan in plans]
    return replace(card, goal=earlier.goal, overview=earlier.overview, planned=planned)


def _read_owed(
    connection: Connection, government_id: str, quarter: Period, as_of: datetime
) -> _Owed:
    """Read what is owed for a quarter, as it was known at `as_of`.

    Raises UsageError when the government is unknown or no term holds the quarter's 기준일.
    """
    frame = _frame(connection, government_id, quarter, as_of)
    known = _of_term(frame, as_of)
    pledges = run_file(
        connection,
        "invite/pledges.sql",
        **known,
        quarter_id=str(quarter),
        reference_date=frame.reference_date,
    )
    own = run_file(connection, "quarter/department_windows.sql", government_id=government_id,
                   quarter_id=str(quarter), as_of=as_of)  # fmt: skip
    reports = {"report_ids": [p.report_id for p in pledges if p.report_id is not None]}
    return _Owed(
        frame,
        list(pledges),
        subprojects=_by_pledge(connection, "subprojects", **known),
        budget=_by_pledge(connection, "budget", **reports),
        reported_subprojects=_by_pledge(connection, "subproject_status", **reports),
        bodies=_by_pledge(connection, "cooperation", **reports),
        contacts=_by_pledge(connection, "contacts", **reports),
        deadlines={row.department_code: row for row in own},
    )


def _of_term(frame: Frame, as_of: datetime) -> dict[str, Any]:
    """Return what every query about a term asks by."""
    return {
        "government_id": frame.government_id,
        "term_number": frame.term_number,
        "as_of": as_of,
    }


def _by_pledge(connection: Connection, name: str, **parameters: Any) -> _Rows:
    """Return the rows of a query of `sql/invite/` by pledge id."""
    groups: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in run_file(connection, f"invite/{name}.sql", **parameters):
        groups[row.pledge_id].append(row)
    return groups


def _frame(connection: Connection, government_id: str, quarter: Period, as_of: datetime) -> Frame:
    rows = run_file(
        connection,
        "invite/frame.sql",
        government_id=government_id,
        quarter_id=str(quarter),
        as_of=as_of,
        quarter_last_day=quarter.last_day,
        usual_voted_year=quarter.usual_voted_year,
    )
    if not rows:
        raise UsageError(
            f"기관 {government_id}의 공약대장에 {quarter} 기준일이 든 임기가 없습니다.",
            "아무것도 쓰지 않았습니다.",
            "공약대장의 기관·임기 시트를 확인하고 `gongyak register`로 다시 올리십시오.",
        )
    return Frame(quarter, **rows[0]._mapping)


def in_unit(won: Decimal) -> Decimal | int:
    """Return whole won as 백만원, exactly: 500,000 won is 0.5."""
    return _shortest(won.scaleb(-_UNIT_PLACES)) or 0


def _shortest(number: Decimal | None) -> Decimal | int | None:
    """Return a number without the zeros that say nothing."""
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else number.normalize()


def _reported_lines(frame: Frame, rows: Iterable[Row[Any]]) -> list[InvitedLine]:
    lines: dict[tuple[str, str], InvitedLine] = {}
    for row in rows:
        key = (row.subproject_name, row.funding_source_label)
        line = lines.setdefault(key, InvitedLine(row.pledge_id, *key))
        _place_amounts(frame, line, row)
    return list(lines.values())


def _place_amounts(frame: Frame, line: InvitedLine, row: Row[Any]) -> None:
    """Put one fiscal year's money where this quarter's form has room for it, else in a note."""
    year = row.fiscal_year
    plan_field = _plan_field(frame, year)
    if plan_field is None:
        line.notes[_nearest_field(frame, year)].append(_unplaced_note(row))
        return
    if row.plan_krw is not None:
        line.amounts[plan_field] = in_unit(row.plan_krw)
        reported = "secured" if row.is_secured_label else "demand"
        if year.isdigit() and not plan_field.endswith(reported):
            line.notes[plan_field].append(_relabelled_note(row.is_secured_label))
    if row.executed_krw is not None and year.isdigit():
        line.amounts[f"{year}.executed"] = in_unit(row.executed_krw)


def _plan_field(frame: Frame, fiscal_year: str) -> str | None:
    if fiscal_year == PRE_TERM:
        return f"{PRE_TERM}.secured"
    if fiscal_year == POST_TERM:
        return f"{POST_TERM}.demand"
    if fiscal_year.isdigit() and int(fiscal_year) in frame.fiscal_years:
        return f"{fiscal_year}.{plan_measure(frame, int(fiscal_year))}"
    return None


def _nearest_field(frame: Frame, fiscal_year: str) -> str:
    return _plan_field(frame, fiscal_year.split("~")[0]) or f"{PRE_TERM}.secured"


def _relabelled_note(was_secured: bool) -> str:
    if was_secured:
        return "지난 보고에서는 확보액이었습니다. 이번 양식에서는 투자수요로 적습니다."
    return "지난 보고의 투자수요입니다. 의결된 예산(확보액)으로 고치십시오. 같으면 그대로 둡니다."


def _unplaced_note(row: Row[Any]) -> str:
    label = "확보액" if row.is_secured_label else "투자수요"
    parts = [
        f"{name} {in_unit(amount):,}백만원"
        for name, amount in ((label, row.plan_krw), ("집행액", row.executed_krw))
        if amount
    ]
    money = ", ".join(parts) or "금액 0"
    return f"지난 보고에는 {row.fiscal_year}년으로 {money}이었습니다. 해마다 나누어 적으십시오."


def _department_stems(owed: _Owed) -> dict[str, str]:
    """Return department code → the name of its file, without the ending."""
    taken: set[str] = set()
    names = {pledge.department_code: pledge.department_name for pledge in owed.pledges}
    return {code: _unique(_stem(code, name), taken) for code, name in names.items()}


def _stem(code: str, name: str) -> str:
    return f"{styles.safe_name(code)}_{styles.safe_name(name)}"


def _unique(stem: str, taken: set[str]) -> str:
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    taken.add(name)
    return name


def _remove_earlier(found: Iterable[Path], written: Iterable[Path]) -> None:
    """Remove files that an earlier run wrote and nobody has saved since."""
    kept = {*written}
    for path in [*found]:
        if path not in kept and _is_untouched(path):
            path.unlink()


def _is_untouched(path: Path) -> bool:
    member, pattern = _WRITERS[path.suffix]
    try:
        with ZipFile(path) as parts:
            text = parts.read(member).decode("utf-8", "replace")
    except (BadZipFile, KeyError, OSError):
        return False
    return re.findall(pattern, text) == [PROGRAM, PROGRAM]
