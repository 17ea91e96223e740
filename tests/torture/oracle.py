"""What is demanded of a damaged file: no more than can be known, and no less.

- Every file gives a `StagedFile` whose rows fit their tables, with no key twice.
- Where its letters are guarded by a checksum or by its markup (packages), damage to bytes, order or
  encoding gives the rows of the whole file, or a problem that the whole file does not have. A `.hwp`
  has no checksum, nor has a text; a `.pdf` has none that readers ask for.
- A value typed over a known cell comes as that value, or with a problem there (`known.py`).
- Whatever says something else without a word about it says it: each amount and rate stands in the
  cell that it names, as a reader of another make has it.
"""

import io
import warnings
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl

from etl.documents.blocks import Block
from etl.documents.formats import read_blocks
from etl.documents.package import DocumentError
from etl.pipeline.reading import sent_members
from etl.staged import StagedFile, stage_columns
from tests.torture import known
from tests.torture.samples import Sample
from tests.unit.test_card_damage import budget, cells_at

if TYPE_CHECKING:
    from tests.torture.fuzz import Input

CHECKED = frozenset({"return", "register", "docx", "hwpx", "xlsx", "bundle"})
_UNITS = {"원": 1, "천원": 10**3, "백만원": 10**6, "억원": 10**8}
_CARDS = frozenset({"docx", "hwpx", "hwp", "txt", "xlsx", "pdf"})


def outcome(sample: Sample, staged: StagedFile) -> str:
    """Return `same`, `told` (there is a problem that the whole file has not) or `other`."""
    assert isinstance(staged, StagedFile)
    if set(staged.problems) - set(sample.staged.problems):
        return "told"
    return "same" if meaning(staged) == meaning(sample.staged) else "other"


def meaning(staged: StagedFile) -> tuple[Any, ...]:
    """Return what a file says, and whose it is."""
    rows = {stage: lines for stage, lines in staged.rows.items() if lines}
    return (staged.form_code, staged.government_id, staged.term_number, staged.quarter_id,
            staged.department_code, rows)  # fmt: skip


def wrong(one: "Input", staged: StagedFile, came: str) -> str | None:
    """Return what is wrong with how an input was taken; None where nothing is."""
    if misfit := _misfit(staged):
        return misfit
    if one.typed:
        return known.judged(one.typed, staged)
    if one.sample.kind == "bundle" and one.keeps:
        return _members_changed(one)
    if one.blocks is not None:
        is_book = staged.document_format == "xlsx"  # its cells are called as its reader calls them
        blocks = read_blocks(one.content, one.name) if is_book else one.blocks
        return _unlike_blocks(blocks, staged)
    if came != "other":
        return None
    if one.keeps:
        return "says something else without a word about it"
    if staged.document_format in _CARDS and staged.form_code == "pledge_card":
        return _unlike_blocks(read_blocks(one.content, one.name), staged)
    return _unlike_openpyxl(one.content, staged)


def _misfit(staged: StagedFile) -> str | None:
    """Tell of rows that do not fit their table, or of a key that is there twice."""
    for stage, lines in staged.rows.items():
        width = len(stage_columns(stage))
        if any(len(line) != width for line in lines):
            return f"a row of {stage} is no {width} values"
        keys = [line[: 3 if stage == known.BUDGET else 2] for line in lines]
        if len(set(keys)) < len(keys):
            return f"a key of {stage} is there twice"
    return None


def _members_changed(one: "Input") -> str | None:
    """Tell of a member that comes out of a damaged bundle with other bytes than went in."""
    try:
        found = sent_members(one.content)
    except DocumentError:
        return None
    whole = set(one.sample.members.values())
    changed = [member.name for member in found if member.content not in whole]
    return f"members have other bytes: {changed}" if changed else None


def _unlike_blocks(blocks: Sequence[Block], staged: StagedFile) -> str | None:
    """Tell of an amount that is not printed in its cell; 투자수요 may be 계획 less what is secured."""
    cells = cells_at(blocks)
    unit_of = {table.table_no: _UNITS.get(table.money_unit or "", 1) for table in staged.tables}
    rows = budget(staged)
    secured = {_line(row): row["amount"] or 0 for row in rows if row["measure"] == "secured"}
    for row in (row for row in rows if row["amount"] is not None):
        where = row["_column"].replace("{row}", f"{row['_row']}")
        more = {0, secured.get(_line(row), 0)} if row["measure"] == "demand" else {0}
        texts = [cell.text for cell in cells.get(where, [])]
        can_be = {one for text in texts for one in known.meanings(text, unit_of[row["_table"]])}
        if not can_be & {row["amount"] + one for one in more}:
            return f"{where} says {texts}, {row['measure']} {row['amount']} was read"
    return None


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["_table"], row["_row"], row["fiscal_year"]


def _unlike_openpyxl(content: bytes, staged: StagedFile) -> str | None:
    """Tell of an amount or a rate that another reader does not find in its cell.

    What that reader cannot open at all is not judged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except Exception:
        return None
    for sheet, address, value, unit in _numbers(staged):
        if sheet not in book.sheetnames:
            continue
        seen = book[sheet][address].value
        if value not in known.meanings(str(seen), unit) and value not in _exact(seen, unit):
            return f"{sheet} {address}: {value} was read, another reader sees {seen!r}"
    return None


def _exact(seen: Any, unit: int) -> set[Decimal]:
    if isinstance(seen, bool) or not isinstance(seen, int | float):
        return set()
    return {Decimal(repr(seen)) * unit, Decimal(str(seen)) * unit * 100}


def _numbers(staged: StagedFile) -> list[tuple[str, str, Decimal, int]]:
    """Return (sheet, cell, value, unit in won) of each amount and rate."""
    tables = {table.table_no: table for table in staged.tables}
    found = []
    for stage, lines in staged.rows.items():
        names = stage_columns(stage)
        for line in lines:
            row = dict(zip(names, line, strict=True))
            table = tables[row["_table"]]
            if stage == known.BUDGET and row["amount"] is not None:
                unit = _UNITS.get(table.money_unit or "", 1)
                cell = f"{row['_column']}{row['_row']}"
                found.append((table.sheet_name, cell, Decimal(row["amount"]), unit))
            elif stage == known.PROGRESS and row["rate"] is not None and "rate" in table.columns:
                cell = f"{table.columns['rate']}{row['_row']}"
                found.append((table.sheet_name, cell, Decimal(row["rate"]), 1))
    return found
