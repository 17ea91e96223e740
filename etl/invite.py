"""Invitations: one pre-filled return per department that owes a report.

The data come from `sql/core/invitation_*.sql`; how a return looks is `documents/return_book.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from sqlalchemy import Connection, Row

from etl.documents import styles
from etl.documents.return_book import (
    POST_TERM,
    PRE_TERM,
    BudgetLine,
    Frame,
    Invitation,
    build,
    plan_measure,
)
from etl.problems import UsageError
from etl.quarter import Quarter
from etl.warehouse import run_file

_UNIT_PLACES = 6  # 백만원 is won with the point moved six places


def write_invitations(
    connection: Connection, government_id: str, quarter: Quarter, as_of: datetime, folder: Path
) -> list[Path]:
    """Write one workbook per department that owes a report; return their paths, by code.

    Afterwards the folder holds no other workbook of ours: what an earlier run wrote for a
    department that owes nothing any more is removed. Raises UsageError when the government is
    unknown or no term holds the quarter's 기준일.
    """
    written = []
    names: set[str] = set()
    for invitation in read_invitations(connection, government_id, quarter, as_of):
        name = _file_name(invitation, names)
        written.append(styles.save(build(invitation), folder / name, as_of))
    _remove_earlier(folder, names)
    return written


def read_invitations(
    connection: Connection, government_id: str, quarter: Quarter, as_of: datetime
) -> list[Invitation]:
    """Read what each owing department's return is filled with, by department code."""
    frame = _frame(connection, government_id, quarter, as_of)
    known: dict[str, Any] = {
        "government_id": government_id,
        "term_number": frame.term_number,
        "as_of": as_of,
    }
    pledges = run_file(
        connection,
        "core/invitation_pledges.sql",
        **known,
        quarter_id=str(quarter),
        reference_date=frame.reference_date,
    )
    reports = {"report_ids": [p.report_id for p in pledges if p.report_id is not None]}
    subprojects = _grouped(run_file(connection, "core/invitation_subprojects.sql", **known))
    budget = _grouped(run_file(connection, "core/invitation_budget.sql", **reports))
    bodies = _grouped(run_file(connection, "core/invitation_cooperation.sql", **reports))
    contacts = _grouped(run_file(connection, "core/invitation_contacts.sql", **reports))

    invitations: dict[str, Invitation] = {}
    for pledge in pledges:
        code = pledge.department_code
        one = invitations.setdefault(code, Invitation(frame, code, pledge.department_name))
        one.progress.append(_progress_row(pledge))
        one.budget += _budget_lines(frame, pledge, budget, subprojects)
        one.cooperation += [tuple(row) for row in bodies[pledge.pledge_id]]
        one.contact += [tuple(row) for row in contacts[pledge.pledge_id]]
    return list(invitations.values())


def _frame(connection: Connection, government_id: str, quarter: Quarter, as_of: datetime) -> Frame:
    rows = run_file(
        connection,
        "core/invitation_frame.sql",
        government_id=government_id,
        quarter_id=str(quarter),
        as_of=as_of,
        quarter_last_day=quarter.last_day,
        usual_voted_year=quarter.year + (quarter.number == 4),
    )
    if not rows:
        raise UsageError(
            f"기관 {government_id}의 공약대장에 {quarter} 기준일이 든 임기가 없습니다.",
            "아무것도 쓰지 않았습니다.",
            "공약대장의 기관·임기 시트를 확인하고 `gongyak register`로 다시 올리십시오.",
        )
    return Frame(quarter, **rows[0]._mapping)


def _grouped(rows: Iterable[Row[Any]]) -> Mapping[str, list[Row[Any]]]:
    groups: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[row.pledge_id].append(row)
    return groups


def _progress_row(pledge: Row[Any]) -> tuple[Any, ...]:
    return (
        pledge.pledge_id,
        pledge.pledge_name,
        pledge.status_name,
        _shortest(pledge.declared_rate_pct),
        pledge.target_name,
        pledge.due_name,
        pledge.due_year,
        pledge.content,
        pledge.problem,
        pledge.plan,
        None,
    )


def _budget_lines(
    frame: Frame,
    pledge: Row[Any],
    budget: Mapping[str, list[Row[Any]]],
    subprojects: Mapping[str, list[Row[Any]]],
) -> list[BudgetLine]:
    """The last report's lines; else one per sub-project; else one empty line, if any at all."""
    reported = budget[pledge.pledge_id]
    if reported:
        return _reported_lines(frame, reported)
    if pledge.budget_class_code == "NO_BUDGET":
        return []
    if pledge.report_id is None and subprojects[pledge.pledge_id]:
        return [BudgetLine(*row) for row in subprojects[pledge.pledge_id]]
    return [BudgetLine(pledge.pledge_id)]


def _reported_lines(frame: Frame, rows: Iterable[Row[Any]]) -> list[BudgetLine]:
    lines: dict[tuple[str, str], BudgetLine] = {}
    for row in rows:
        key = (row.subproject_name, row.funding_source_label)
        line = lines.setdefault(key, BudgetLine(row.pledge_id, *key))
        _place_amounts(frame, line, row)
    return list(lines.values())


def _place_amounts(frame: Frame, line: BudgetLine, row: Row[Any]) -> None:
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


def in_unit(won: Decimal) -> Decimal | int:
    """Return whole won as 백만원, exactly: 500,000 won is 0.5."""
    return _shortest(won.scaleb(-_UNIT_PLACES)) or 0


def _shortest(number: Decimal | None) -> Decimal | int | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else number.normalize()


def _file_name(invitation: Invitation, taken: set[str]) -> str:
    code = styles.safe_name(invitation.department_code)
    stem = f"{code}_{styles.safe_name(invitation.department_name)}"
    name, number = f"{stem}.xlsx", 2
    while name in taken:
        name, number = f"{stem}-{number}.xlsx", number + 1
    taken.add(name)
    return name


def _remove_earlier(folder: Path, kept: set[str]) -> None:
    """Remove workbooks that an earlier run wrote here and nobody has saved since."""
    for path in folder.glob("*_*.xlsx"):
        if path.name not in kept and _is_untouched(path):
            path.unlink()


def _is_untouched(path: Path) -> bool:
    try:
        with ZipFile(path) as parts:
            core = parts.read("docProps/core.xml").decode("utf-8", "replace")
    except (BadZipFile, KeyError, OSError):
        return False
    written_by = re.findall(r"<(?:dc:creator|cp:lastModifiedBy)[^>]*>([^<]*)<", core)
    return written_by == [styles.PROGRAM, styles.PROGRAM]
