"""Random edits of valid workbooks: a typed result, nothing lost, no wrong value accepted.

Every workbook is read twice, by the product and by an oracle that knows openpyxl only; then whole
batches go the real way into a warehouse, where what was loaded must be what the oracle reads.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from etl import check, pipeline
from etl.figures import compute
from etl.figures.pledges import QuarterAsOf
from etl.quarter import SEOUL, Quarter
from etl.read_workbook import read_workbook
from etl.staged import StagedFile, stage_columns
from etl.warehouse import transaction
from tests.conftest import REGISTERED_AT, fresh_home
from tests.evidence import require_cells
from tests.factories import GOVERNMENT, QUARTER, register_workbook
from tests.flow.edits import EDITS, edited
from tests.flow.oracle import MONEY, Oracle, Said, clean, read as read_plainly

AT = datetime(2022, 1, 7, 10, 0, tzinfo=SEOUL)
FILES_PER_BATCH = 250
PLANS = st.lists(
    st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 9_999), st.integers(0, 9_999)),
    min_size=1,
    max_size=6,
)
BUDGET = "staging.quarterly_return__budget"
# Problems that speak for a whole sheet, and for a whole row.
OF_A_SHEET = {"copied_sheet", "hidden_sheet", "extra_sheet", "unknown_unit", "no_header_row"}
OF_A_ROW = {"untouched_row", "outside_table"}


@dataclass
class File:
    """One edited workbook: what was done to it, and what the two readers say."""

    number: str
    plan: list[tuple[str, int, int]]
    content: bytes
    staged: StagedFile
    told: Oracle

    @property
    def is_refused(self) -> bool:
        return any(problem.code in refusing() for problem in self.staged.problems)


def refusing() -> set[str]:
    rules = [
        rule for rule in check.rules() if rule.table == "problem" and rule.level == "reject_file"
    ]
    return {code for rule in rules for code in re.findall("'([a-z_]+)'", rule.condition or "")}


def make(count: int, folder: Path) -> list[File]:
    """Draw, write and read so many edited workbooks; each reader's word is checked on the way."""
    files: list[File] = []

    @settings(max_examples=count, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(plan=PLANS)
    def one(plan: list[tuple[str, int, int]]) -> None:
        number = f"{len(files):04d}"
        content = edited(folder / "r.xlsx", f"D{number}", (f"{number}-1", f"{number}-2"), plan)
        file = File(number, plan, content, read_workbook(content, "r.xlsx"), read_plainly(content))
        assert isinstance(file.staged, StagedFile)
        if not file.is_refused:
            nothing_is_lost(file)
            no_value_is_wrong(file)
        files.append(file)

    one()
    return files


def nothing_is_lost(file: File) -> None:
    """Every written cell of a table is staged, or something was said of its place."""
    kept = {(sheet, row, letter) for sheet, row, letter, *_ in staged_cells(file.staged)}
    for place, cell in file.told.cells.items():
        assert place in kept or is_named(file, place) or is_left_out(file, cell), (place, cell)
    for place in file.told.beside:
        assert place in kept or is_named(file, place), place
    for sheet in file.told.other_sheets:
        assert sheet in {problem.sheet_name for problem in file.staged.problems}, sheet


def is_named(file: File, place: tuple[str, int, str]) -> bool:
    sheet, row, letter = place
    for problem in file.staged.problems:
        if problem.sheet_name != sheet:
            continue
        if problem.code in OF_A_SHEET or (problem.code in OF_A_ROW and problem.row == row):
            return True
        if problem.column == letter and (
            problem.row == row
            or problem.code
            in ("extra_column", "duplicate_column", "outside_table", "unread_amount")
        ):
            return True
        if problem.code == "merged_cells" and _is_inside(problem.seen, row, letter):
            return True
    return False


def _is_inside(box: str, row: int, letter: str) -> bool:
    first, last = [re.fullmatch(r"([A-Z]+)(\d+)", corner) for corner in box.split(":")]
    assert first
    assert last
    return first[1] <= letter <= last[1] and int(first[2]) <= row <= int(last[2])


def is_left_out(file: File, cell: Said) -> bool:
    """What the form lets lie: a line that names a pledge and says nothing of it; headers again."""
    row = file.told.row(cell.sheet, cell.row)
    if all(_is_header(h, c) for h, c in row.items()):
        return True
    if cell.table == "예산":
        if not {"계", "합계", "소계"}.isdisjoint(c.text.replace(" ", "") for c in row.values()):
            return not MONEY.fullmatch(cell.header)
        said = {h for h, c in row.items() if MONEY.fullmatch(h) and c.text not in ("-", "해당없음")}
        return not said
    return cell.table != "공약현황" and row.keys() <= {"공약번호"}


def _is_header(header: str, cell: Said) -> bool:
    """Tell whether a cell says its header once more, or the upper part of one over two rows."""
    said = clean(cell.text).replace(" ", "")
    return bool(said) and (str(cell.value).strip() == header or header.startswith(said))


def staged_cells(staged: StagedFile) -> Iterator[tuple[str, int, str, str, Any, str]]:
    """Yield (sheet, row, letter, field, value, kind) of every staged value that is not blank."""
    tables = {table.table_no: table for table in staged.tables}
    for stage, rows in staged.rows.items():
        columns = stage_columns(stage)
        for values in rows:
            row = dict(zip(columns, values, strict=True))
            table = tables[row["_table"]]
            if stage == BUDGET:
                yield (table.sheet_name, row["_row"], row["_column"], row["field"], row["amount"],
                       row["amount_kind"])  # fmt: skip
                row = {"pledge_id": row["pledge_id"], "subproject_name": row["subproject_name"],
                       "source": row["source_raw"], "_row": row["_row"]}  # fmt: skip
            for field, letter in table.columns.items():
                if row.get(field) is not None or row.get(f"{field}_kind", "blank") != "blank":
                    yield (table.sheet_name, row["_row"], letter, field, row[field],
                           row.get(f"{field}_kind", "value"))  # fmt: skip


def no_value_is_wrong(file: File) -> None:
    for sheet, row, letter, field, value, kind in staged_cells(file.staged):
        cell = file.told.cells.get((sheet, row, letter))
        if (
            cell is None or kind != "value"
        ):  # a merged cell's value, or nothing that could be loaded
            continue
        if "." in field:
            assert value == cell.money(), cell
        elif field == "rate":
            assert value == cell.rate(), cell
        elif field == "achieved_on":
            assert value == cell.day(), cell
        elif field == "subproject_name" and value == "계":  # every label of a total is this one
            assert cell.text.replace(" ", "") in ("계", "합계", "소계"), cell
        elif isinstance(cell.value, str) and field not in ("status", "target", "due", "due_year"):
            assert clean(value) == cell.text, cell


# --- the real way -------------------------------------------------------------------------------

REPORTS = """
    SELECT report.report_id, submission.file_name, report.pledge_id, sheet.sheet_name,
           progress._row, progress.status_code, progress.declared_rate_pct
    FROM core.pledge_report AS report
    INNER JOIN core.fct_quarterly_progress AS progress USING (report_id)
    INNER JOIN audit.submission USING (submission_id)
    INNER JOIN audit.submission_table AS sheet
        ON report.submission_id = sheet.submission_id AND progress._table = sheet.table_no
"""
AMOUNTS = """
    SELECT budget.*, sheet.sheet_name
    FROM core.fct_quarterly_budget AS budget
    INNER JOIN core.pledge_report AS report USING (report_id)
    INNER JOIN audit.submission_table AS sheet
        ON report.submission_id = sheet.submission_id AND budget._table = sheet.table_no
"""
STOPPED = """
    SELECT submission.file_name, submission.state, verdict.pledge_id,
           EXISTS (
               SELECT 1 FROM audit.finding
               WHERE finding.submission_id = submission.submission_id
                   AND finding.level = 'reject_file'
           ) AS is_refused,
           EXISTS (
               SELECT 1 FROM audit.finding
               WHERE finding.submission_id = submission.submission_id
                   AND finding.level <> 'inform'
                   AND COALESCE(finding.pledge_id, verdict.pledge_id, '') = COALESCE(verdict.pledge_id, '')
           ) AS is_told
    FROM audit.submission
    LEFT JOIN audit.pledge_verdict AS verdict
        ON submission.submission_id = verdict.submission_id AND verdict.verdict <> 'accepted'
    WHERE submission.form_code IS NULL OR submission.form_code = 'quarterly_return'
"""


def loaded_is_what_was_written(files: list[File], server: Path, folder: Path) -> int:
    """Collect the files of one batch and compare what is in force with the oracle; return how much."""
    with fresh_home(server, folder):
        pipeline.register(str(_register(folder / "register.xlsx", files)), at=REGISTERED_AT)
        by_name = {f"{file.number}.xlsx": file for file in files}
        for name, file in by_name.items():
            (folder / name).write_bytes(file.content)
        batch_id = pipeline.receive([str(folder / name) for name in by_name], AT).batch_id
        assert batch_id is not None
        pipeline.read(batch_id)
        pipeline.check(batch_id, AT)
        pipeline.load(batch_id, AT)
        with transaction() as connection:
            reports = connection.execute(text(REPORTS)).all()
            amounts = connection.execute(text(AMOUNTS)).all()
            stopped = connection.execute(text(STOPPED)).all()
            asked = GOVERNMENT, Quarter.parse(QUARTER), AT
            compute(connection, QuarterAsOf(*asked))
            assert require_cells(connection, *asked)
    for row in stopped:
        assert row.is_refused == (row.state == "rejected"), row
        assert row.is_told or row.is_refused or row.pledge_id is None, row
        assert row.is_refused or not by_name[row.file_name].is_refused, row
    for report in reports:
        _report_is_right(report, by_name[report.file_name])
        lines = [line for line in amounts if line.report_id == report.report_id]
        _amounts_are_right(report, lines, by_name[report.file_name])
    return len(reports)


def _register(path: Path, files: list[File]) -> Path:
    departments = [{"부서코드": f"D{f.number}", "부서명": f"부서 {f.number}"} for f in files]
    ids = [(f"{f.number}-{place}", f"D{f.number}") for f in files for place in (1, 2)]
    pledges = [{"공약번호": one, "공약명": one, "주관부서코드": code} for one, code in ids]
    lines = [{"공약번호": one, "세부사업": "본사업"} for one, _ in ids]
    return register_workbook(path, departments=departments, pledges=pledges, subprojects=lines)


def _report_is_right(report: Any, file: File) -> None:
    told = file.told
    row = told.row(report.sheet_name, report._row)
    assert told.pledges[report.sheet_name, report._row] == report.pledge_id, (report, file.plan)
    assert row["추진상황"].status() == report.status_code, (report, file.plan)
    rate = row["이행률(%)"].rate() if "이행률(%)" in row else None
    assert rate == report.declared_rate_pct, (report, file.plan)


def _amounts_are_right(report: Any, lines: list[Any], file: File) -> None:
    """Each loaded amount is its cell's, and no amount of the pledge stayed behind unnamed."""
    told = file.told
    left = ("hidden_sheet", "copied_sheet")
    hidden = {p.sheet_name for p in file.staged.problems if p.code in left}
    unread = hidden - {table.sheet_name for table in file.staged.tables}
    for line in lines:
        for amount, letter in (
            (line.plan_krw, line._plan_column),
            (line.executed_krw, line._executed_column),
        ):
            cell = told.cells.get((line.sheet_name, line._row, letter or ""))
            assert amount == ((cell.money() if cell else None) or 0), (report, line, cell)
    written = [
        cell
        for cell in told.cells.values()
        if cell.sheet not in unread and _is_amount_of(told, cell, report.pledge_id)
    ]
    spent = sum((c.money() or 0 for c in written if "집행액" in c.header), Decimal(0))
    planned = sum((c.money() or 0 for c in written if "집행액" not in c.header), Decimal(0))
    assert spent == sum(line.executed_krw for line in lines), (report, written)
    assert planned == sum(line.plan_krw for line in lines), (report, written)


def _is_amount_of(told: Oracle, cell: Said, pledge_id: str) -> bool:
    if not MONEY.fullmatch(cell.header) or told.pledges.get((cell.sheet, cell.row)) != pledge_id:
        return False
    names = [
        c.text.replace(" ", "")
        for h, c in told.row(cell.sheet, cell.row).items()
        if h == "세부사업"
    ]
    return not {"계", "합계", "소계", "총계"}.intersection(names)


def _run(count: int, server: Path, folder: Path) -> None:
    files = make(count, folder)
    loaded = 0
    for start in range(0, len(files), FILES_PER_BATCH):
        batch = files[start : start + FILES_PER_BATCH]
        loaded += loaded_is_what_was_written(batch, server, folder / f"batch{start}")
    # Enough must get through for the comparison to mean something.
    assert loaded > count / 4
    assert any(file.is_refused for file in files)


@pytest.mark.slow
def test_a_few_edits_lose_nothing_and_load_nothing_wrong(server: Path, tmp_path: Path) -> None:
    _run(25, server, tmp_path)


@pytest.mark.torture
@pytest.mark.slow
def test_hundreds_of_edits_lose_nothing_and_load_nothing_wrong(
    server: Path, tmp_path: Path
) -> None:
    _run(400, server, tmp_path)
