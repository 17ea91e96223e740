"""Made-up cards (공약관리카드) as blocks: everything a card holds, and how offices vary it.

A `CardModel` says what is printed; `card_blocks` gives the blocks that a reader of a formatted
document would give, with true merged cells. Everything is invented. Nothing of the product's
readers or writers is used here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock
from tests.card_model import (
    GROUP,
    HEADINGS,
    LINES,
    PAIR,
    TOTAL_PAIR,
    BudgetLine,
    CardModel,
    Cell,
)

__all__ = [
    "LINES",
    "BudgetLine",
    "CardModel",
    "Cell",
    "card_blocks",
    "cell_at",
    "changed",
    "table_block",
    "with_rows",
]


def card_blocks(*models: CardModel) -> list[Block]:
    """Return the blocks of a document of one or more cards, one after the other."""
    blocks: list[Block] = []
    paragraphs = tables = 0
    for item in (item for model in models for item in _as_printed(model)):
        if isinstance(item, str):
            paragraphs += 1
            blocks.append(Paragraph(paragraphs, item))
        else:
            tables += 1
            blocks.append(replace(item, number=tables))
    return blocks


def cell_at(blocks: Iterable[Block], locator: str) -> GridCell:
    """Return the cell that a locator such as `표3 4행5열` names."""
    table, row, column = _numbers(locator)
    found = next(b for b in blocks if isinstance(b, TableBlock) and b.number == table)
    cell = found.at(row, column)
    assert cell is not None, locator
    return cell


def changed(blocks: Iterable[Block], texts: Mapping[str, str]) -> list[Block]:
    """Return the blocks with other texts at some locators."""
    found = list(blocks)
    for locator, text in texts.items():
        old = cell_at(found, locator)
        number = _numbers(locator)[0]
        found = [
            replace(b, cells=tuple(replace(c, text=text) if c is old else c for c in b.cells))
            if isinstance(b, TableBlock) and b.number == number
            else b
            for b in found
        ]
    return found


def with_rows(blocks: Iterable[Block], number: int, rows: Sequence[Sequence[Cell]]) -> list[Block]:
    """Return the blocks with other rows in one table."""
    return [
        replace(table_block(rows), number=number)
        if isinstance(b, TableBlock) and b.number == number
        else b
        for b in blocks
    ]


def _numbers(locator: str) -> tuple[int, int, int]:
    table, place = locator.removeprefix("표").split(" ")
    row, column = place.removesuffix("열").split("행")
    return int(table), int(row), int(column)


# The parts of a card in their order


def _as_printed(model: CardModel) -> Iterator[str | TableBlock]:
    items: Iterable[str | TableBlock] = _items(model)
    if model.is_boxed:
        items = (_boxed(item, model) for item in items)
    if model.is_wrapped:
        items = (_wrapped(item) for item in items)
    if model.merges != "told" or model.is_wrapped:
        items = (item if isinstance(item, str) else _untold(item) for item in items)
    return iter(_joined(items) if model.is_one_paragraph else items)


def _items(model: CardModel) -> Iterator[str | TableBlock]:
    yield _header_table(model)
    for code, lines in (("goal", model.goal), ("overview", model.overview)):
        yield from _section(model, code, lines)
    if model.overview_table and "overview" not in model.left_out:
        yield table_block([list(row) for row in model.overview_table])
    if "yearly_plan" not in model.left_out:
        yield from _section(model, "yearly_plan", [""])
        yield _plan_table(model)
    if "budget" not in model.left_out:
        yield from _section(model, "budget", [model.unit_line])
        yield from _cut(model, _budget_table(model))
    lines = [line for heading, entries in model.achievements for line in (heading, *entries)]
    yield from _section(model, "achievement", lines)
    for code in ("plan", "problem", "correction_reason"):
        yield from _section(model, code, getattr(model, code))
    for heading, lines_ in model.more_sections:
        yield f"{model.bullet}{heading}"
        yield from lines_
    yield from _section(model, "cooperation", model.cooperation)
    yield from model.annex
    if model.annex_table:
        yield table_block([list(row) for row in model.annex_table])
    yield _people_table(model)


def _section(model: CardModel, code: str, lines: Sequence[str]) -> Iterator[str]:
    if lines and code not in model.left_out:
        yield f"{model.bullet}{model.headings.get(code, HEADINGS[code])}"
        yield from (line for line in lines if line)


def _header_table(model: CardModel) -> TableBlock:
    width = max(6, len(model.status_columns) + 1)
    rest = width - 5
    rows: list[list[Cell]] = [[model.pledge_id, (model.pledge_name, width - 1, 1)]]
    due = ["완료시기 (완료연도)", (model.due, rest, 1)]
    if model.status_columns:
        spare = width - len(model.status_columns)
        last = (model.status_columns[-1], spare, 1)
        rows.append([("추진상황", 1, 2), *model.status_columns[:-1], last])
        marks = dict(zip(model.status.split(","), model.marks, strict=False))
        texts = [marks.get(label, "") for label in model.status_columns]
        rows.append([*texts[:-1], (texts[-1], spare, 1)])
        rows.append(["이행률(%)", model.rate, *due[:1], (model.due, rest + 2, 1)])
    else:
        rows.append(["추진상황", model.status, "이행률(%)", model.rate, *due])
    rows.append(
        ["총사업비", model.declared_total, "사업유형", model.project_type, "추진부서",
         (model.department, rest, 1)]
    )  # fmt: skip
    rows += [[label, (value, width - 1, 1)] for label, value in model.extra_labels]
    return table_block(rows)


def _plan_table(model: CardModel) -> TableBlock:
    rows: list[list[Cell]] = [["구 분", *model.plan_years]]
    return table_block(rows + [[name, *texts] for name, texts in model.plans])


def _people_table(model: CardModel) -> TableBlock:
    rows: list[list[Cell]] = [["작성자", (model.authors, 3, 1)]]
    return table_block(rows + [list(row) for row in model.roles])


# The money table


def _parts(model: CardModel) -> list[str]:
    """The heads of money columns behind the total: years and what stands around them."""
    return [p for p in (model.pre_term, *model.years, model.subtotal, model.post_term) if p]


def _measures(model: CardModel, part: str) -> tuple[str, ...]:
    if model.layout != "pairs":
        return GROUP
    if part in ("합 계", model.subtotal):
        return TOTAL_PAIR
    if part in model.years and model.years.index(part) >= model.voted:
        return ("투자 수요", "집행액")
    return PAIR


def _is_single(model: CardModel, part: str) -> bool:
    """기투자 and 임기후 are one column, without measures below, in the usual layout."""
    return model.layout == "pairs" and part in (model.pre_term, model.post_term)


def _texts(model: CardModel, line: BudgetLine, part: str) -> tuple[str, ...]:
    count = 1 if _is_single(model, part) else len(_measures(model, part))
    if part == "합 계":
        return _sums([_texts(model, line, p) for p in _parts(model) if p != model.subtotal], count)
    if part == model.subtotal and part:
        return _sums([line.amounts.get(year, ()) for year in model.years], count)
    return line.amounts.get(part, ("",) * count)


def _sums(texts: Iterable[Sequence[str]], count: int) -> tuple[str, ...]:
    """Add texts place by place; one that is no number counts as nothing, as people do."""
    sums = [Decimal(0)] * count
    for row in texts:
        for place, text in enumerate(row[:count]):
            try:
                sums[place] += Decimal(text.replace(",", ""))
            except InvalidOperation:
                continue
    return tuple(f"{number:,f}" for number in sums)


def _all_lines(model: CardModel) -> list[tuple[BudgetLine, int]]:
    """The rows of the table with how many rows the sub-project's cell covers (0: covered)."""
    parts = ["합 계", *_parts(model)]

    def added(name: str, source: str, lines: Sequence[BudgetLine]) -> BudgetLine:
        amounts = {}
        for part in parts:
            count = 1 if _is_single(model, part) else len(_measures(model, part))
            amounts[part] = _sums([_texts(model, line, part) for line in lines], count)
        return BudgetLine(name, source, amounts)

    rows = [(added("", "계", model.lines), 1)]
    for name in dict.fromkeys(line.subproject for line in model.lines):
        own = [line for line in model.lines if line.subproject == name]
        if model.has_subtotal_rows and len(own) > 1:
            own.insert(0, added(name, "소계", own))
        rows += [(line, len(own) if place == 0 else 0) for place, line in enumerate(own)]
    return rows


def _budget_table(model: CardModel) -> TableBlock:
    if model.sources == "columns":
        return table_block(_rows_of_years(model))
    if model.layout == "measures":
        return table_block(_rows_of_measure_groups(model))
    return table_block(_rows_of_sources(model), 3 if model.merges == "dropped" else 0)


def _rows_of_sources(model: CardModel) -> list[list[Cell]]:
    """구 분 | 재원별 | 합 계 | years, each with its measures below; a line is a row."""
    parts = _parts(model)
    inside = [p for p in parts if p in (*model.years, model.subtotal)]
    width = {p: 1 if _is_single(model, p) else len(_measures(model, p)) for p in parts}
    outer = {p: (p, width[p], 3 if width[p] == 1 else 2) for p in parts if p not in inside}
    caption = ("연차별 투자수요 및 집행액", sum(width[p] for p in inside), 1)
    top: list[Cell] = [("구 분", 1, 3), ("재원별", 1, 3)]
    top.append(("합 계", len(_measures(model, "합 계")), 2))
    top += [outer[p] for p in parts if p == model.pre_term]
    top += [caption]
    top += [outer[p] for p in parts if p == model.post_term]
    if model.remark_column:
        top.append((model.remark_column[0], 1, 3))
    middle: list[Cell] = [(p, width[p], 1) for p in inside]
    low = [m for p in ["합 계", *parts] if not _is_single(model, p) for m in _measures(model, p)]
    rows: list[list[Cell]] = [top, middle, list(low)]
    for place, (line, covers) in enumerate(_all_lines(model)):
        cells: list[Cell] = [(line.subproject, 1, covers)] if covers else []
        cells.append(line.source)
        for part in ["합 계", *parts]:
            cells += line.amounts[part] if part in line.amounts else _texts(model, line, part)
        if model.remark_column:
            cells.append((*model.remark_column[1:], *[""] * place)[place])
        rows.append(cells)
    return rows


def _rows_of_measure_groups(model: CardModel) -> list[list[Cell]]:
    """구 분 | 재원별 | 계획 | 확보현황 | 집행실적, each with the years below."""
    rows: list[list[Cell]] = [
        [("구 분", 1, 2), ("재원별", 1, 2), *((m, len(model.years), 1) for m in GROUP)],
        [year for _ in GROUP for year in model.years],
    ]
    for line, covers in _all_lines(model):
        cells: list[Cell] = [(line.subproject, 1, covers)] if covers else []
        cells.append(line.source)
        for place in range(len(GROUP)):
            cells += [line.amounts[year][place] for year in model.years]
        rows.append(cells)
    return rows


def _rows_of_years(model: CardModel) -> list[list[Cell]]:
    """구 분 | 합 계 | sources; years and their measures are rows, and a line is a column."""
    rows: list[list[Cell]] = [[("구 분", 2, 1), "합 계", *(line.source for line in model.lines)]]
    for year in model.years:
        for place, measure in enumerate(_measures(model, year)):
            texts = [line.amounts.get(year, ("", ""))[place] for line in model.lines]
            head: list[Cell] = [(year, 1, 2)] if place == 0 else []
            rows.append([*head, measure, *_sums([[t] for t in texts], 1), *texts])
    return rows


def _cut(model: CardModel, table: TableBlock) -> Iterator[TableBlock]:
    """Cut a table as a page break does: a cell over the cut ends there, its rest is blank."""
    if not model.cut_after:
        yield table
        return
    height = 2 if model.layout == "measures" else 1 if model.sources == "columns" else 3
    at = height + model.cut_after
    head = [c for c in table.cells if c.row <= height] if model.repeats_header else []
    moved = at - (height if model.repeats_header else 0)
    upper, lower = [], list(head)
    for cell in table.cells:
        last = cell.row + cell.row_span - 1
        if cell.row <= at:
            upper.append(replace(cell, row_span=min(last, at) - cell.row + 1))
        if last > at:
            first = max(cell.row, at + 1)
            text = cell.text if cell.row > at else ""
            lower.append(replace(cell, row=first - moved, row_span=last - first + 1, text=text))
    for cells in (upper, lower):
        yield replace(table, cells=tuple(sorted(cells, key=lambda c: (c.row, c.column))))


# How a format tells it


def table_block(rows: Sequence[Sequence[Cell]], dropped_rows: int = 0) -> TableBlock:
    """Return a table, its cells placed row by row in the first free places.

    The first `dropped_rows` keep no trace of the places that their merged cells cover.
    """
    taken: set[tuple[int, int]] = set()
    cells: list[GridCell] = []
    for row, texts in enumerate(rows, 1):
        column = 1
        for one in texts:
            text, across, down = one if isinstance(one, tuple) else (one, 1, 1)
            if row <= dropped_rows:
                across = down = 1
            while (row, column) in taken:
                column += 1
            places = {(row + r, column + c) for r in range(down) for c in range(across)}
            assert not places & taken, f"{text} overlaps"
            taken |= places
            cells.append(GridCell(row, column, text, down, across))
    return TableBlock(0, tuple(cells))


def _untold(table: TableBlock) -> TableBlock:
    """Return a table as text or PDF gives it: a covered place is a blank cell."""
    covered = [
        GridCell(row, column, "")
        for row in range(1, table.row_count + 1)
        for column in range(1, table.column_count + 1)
        if (cell := table.at(row, column)) and (cell.row, cell.column) != (row, column)
    ]
    cells = [replace(cell, row_span=1, column_span=1) for cell in table.cells] + covered
    ordered = tuple(sorted(cells, key=lambda c: (c.row, c.column)))
    return replace(table, cells=ordered, spans_known=False)


def _wrapped(item: str | TableBlock) -> str | TableBlock:
    """Break long texts of cells and of headings into lines, as a narrow column on paper does."""
    if isinstance(item, str):
        return item.replace(" 및 ", "\n및 ") if len(item) < 24 else item
    cells = (replace(c, text=_broken(c.text)) for c in item.cells)
    return replace(item, cells=tuple(cells))


def _boxed(item: str | TableBlock, model: CardModel) -> str | TableBlock:
    """Draw a box, a table of one cell, around a heading or the unit."""
    is_heading = isinstance(item, str) and item.startswith((model.bullet or "?", "("))
    return table_block([[item]]) if isinstance(item, str) and is_heading else item


def _broken(text: str) -> str:
    if text[:1].isdigit() and "," in text:
        return text.replace(",", ",\n", 1)
    if len(text) < 3 or text[:1].isdigit():
        return text
    return f"{text[:2]}\n{text[2:]}"


def _joined(items: Iterable[str | TableBlock]) -> list[str | TableBlock]:
    """Put what stands between two tables into one paragraph, line by line."""
    joined: list[str | TableBlock] = []
    for item in items:
        if isinstance(item, str) and joined and isinstance(joined[-1], str):
            joined[-1] = f"{joined[-1]}\n{item}"
        else:
            joined.append(item)
    return joined
