"""Blocks written as documents of each format, the way an office program lays them out.

For tests of the readers: nothing of the readers is used here.
"""

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import docx
import openpyxl
from reportlab.lib import pagesizes
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph as Flowing, SimpleDocTemplate, Spacer, Table

from etl.documents.blocks import Block, Paragraph, TableBlock

FONT = "HYSMyeongJo-Medium"  # every PDF reader has it: no file, no rights
_MARGIN = 72


def write_docx(blocks: Sequence[Block]) -> bytes:
    """Return a .docx with truly merged cells; each line of a cell is a paragraph."""
    document = docx.Document()
    for block in blocks:
        if isinstance(block, Paragraph):
            document.add_paragraph(block.text)
        else:
            _fill_docx_table(document.add_table(block.row_count, block.column_count), block)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _fill_docx_table(table: Any, block: TableBlock) -> None:
    for cell in block.cells:
        first = table.cell(cell.row - 1, cell.column - 1)
        last = table.cell(cell.row + cell.row_span - 2, cell.column + cell.column_span - 2)
        merged = first.merge(last)
        if cell.held:
            _fill_docx_cell(merged, cell.held)
            continue
        line, *more = cell.text.split("\n")
        merged.text = line
        for line in more:
            merged.add_paragraph(line)


def _fill_docx_cell(cell: Any, blocks: Sequence[Block]) -> None:
    for block in blocks:
        if isinstance(block, Paragraph):
            cell.add_paragraph(block.text)
        else:
            _fill_docx_table(cell.add_table(block.row_count, block.column_count), block)


def write_xlsx(blocks: Sequence[Block], sheet: str = "카드", top: int = 1, left: int = 1) -> bytes:
    """Return a workbook with one sheet: a blank row between blocks, texts as texts."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    row = top
    for block in blocks:
        if isinstance(block, Paragraph):
            page.cell(row, left, block.text)
            row += 2
            continue
        for cell in block.cells:
            at = row + cell.row - 1, left + cell.column - 1
            page.cell(*at, cell.text)
            if cell.row_span > 1 or cell.column_span > 1:
                page.merge_cells(
                    start_row=at[0],
                    start_column=at[1],
                    end_row=at[0] + cell.row_span - 1,
                    end_column=at[1] + cell.column_span - 1,
                )
        row += block.row_count + 1
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def write_text(blocks: Sequence[Block], encoding: str = "utf-8") -> bytes:
    """Return plain text: tabs between the cells of a row, a blank line between blocks."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            lines += [block.text, ""]
            continue
        begins = {(cell.row, cell.column): cell.text for cell in block.cells}
        for row in range(1, block.row_count + 1):
            row_texts = (begins.get((row, n), "") for n in range(1, block.column_count + 1))
            lines.append("\t".join(text.replace("\n", " ") for text in row_texts))
        lines.append("")
    return "\n".join(lines).encode(encoding)


def write_pdf(
    blocks: Sequence[Block],
    *,
    repeat_rows: int = 0,
    open_sides: bool = False,
    page_numbers: bool = False,
    password: str | None = None,
    size: tuple[float, float] = pagesizes.A4,
) -> bytes:
    """Return a PDF on A4 or another page: ruled tables that break across pages, words wrapped inside cells."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    stream = io.BytesIO()
    page = SimpleDocTemplate(
        stream,
        pagesize=size,
        encrypt=password,
        **dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN),
    )
    flow = _flow(blocks, page.width, repeat_rows, open_sides)
    number = _print_page_number if page_numbers else (lambda *_: None)
    page.build(flow, onFirstPage=number, onLaterPages=number)
    return stream.getvalue()


def _flow(blocks: Sequence[Block], width: float, repeat_rows: int, open_sides: bool) -> list[Any]:
    flow: list[Any] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            flow.append(_flowing(block.text))
        else:
            flow.append(_ruled(block, width, repeat_rows, open_sides))
        flow.append(Spacer(1, 8))
    return flow


def write_html(blocks: Sequence[Block]) -> str:
    """Return a page for a browser to print, in a font that it has."""
    style = "body{font:9pt NanumGothic,serif} table{border-collapse:collapse} td{border:1px solid}"
    return f"<!DOCTYPE html><meta charset=utf-8><style>{style}</style>{_html(blocks)}"


def _html(blocks: Sequence[Block]) -> str:
    parts: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            parts.append(f"<p>{escape(block.text)}</p>".replace("\n", "<br>"))
            continue
        rows: dict[int, str] = {}
        for cell in block.cells:
            inner = _html(cell.held or [Paragraph(0, cell.text)])
            spans = f"rowspan={cell.row_span} colspan={cell.column_span}"
            rows[cell.row] = rows.get(cell.row, "") + f"<td {spans}>{inner}</td>"
        parts.append("<table>" + "".join(f"<tr>{rows[n]}</tr>" for n in sorted(rows)) + "</table>")
    return "".join(parts)


def _print_page_number(canvas: Any, page: Any) -> None:
    canvas.setFont(FONT, 9)
    canvas.drawCentredString(pagesizes.A4[0] / 2, _MARGIN / 2, f"- {page.page} -")


def _flowing(text: str) -> Flowing:
    style = ParagraphStyle("", fontName=FONT, fontSize=9, leading=12, wordWrap="CJK")
    return Flowing(escape(text).replace("\n", "<br/>"), style)


def _ruled(block: TableBlock, width: float, repeat_rows: int, open_sides: bool) -> Table:
    rows: list[list[Any]] = [[""] * block.column_count for _ in range(block.row_count)]
    style: list[Any] = [("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    for cell in block.cells:
        first = cell.column - 1, cell.row - 1
        last = first[0] + cell.column_span - 1, first[1] + cell.row_span - 1
        part = width * cell.column_span / block.column_count - 16
        inner = _flow(cell.held, part, 0, False) if cell.held else _flowing(cell.text)
        rows[first[1]][first[0]] = inner
        style.append(("SPAN", first, last))
        sides = ["ABOVE", "BELOW"]
        sides += ["BEFORE"] * (not open_sides or first[0] > 0)
        sides += ["AFTER"] * (not open_sides or last[0] + 1 < block.column_count)
        style += [_line(side, first, last) for side in sides]
    table = Table(rows, colWidths=[width / block.column_count] * block.column_count)
    table.repeatRows = repeat_rows
    table.setStyle(style)
    return table


def _line(side: str, first: tuple[int, int], last: tuple[int, int]) -> tuple[Any, ...]:
    """Return the command for one side of the places from `first` to `last` (column, row)."""
    edge = {
        "ABOVE": (first, (last[0], first[1])),
        "BELOW": ((first[0], last[1]), last),
        "BEFORE": (first, (first[0], last[1])),
        "AFTER": ((last[0], first[1]), last),
    }
    return (f"LINE{side}", *edge[side], 0.5, "black")
