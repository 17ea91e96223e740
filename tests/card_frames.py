"""A card laid out with tables as offices do: in frames, with headings in strips or rows.

`framed` and the like change blocks; `hwpx_framed` and `hwp_framed` put a whole document into a
table of one cell, since the writer of the program makes no nested tables.
"""

from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from etl.documents.blocks import Block, GridCell, Paragraph, TableBlock, numbered
from tests.card_documents import as_hwpx
from tests.card_factory import table_block
from tests.documents_hwp import SECTION, hwp_of, members_of, packed

_HP = "{http://www.hancom.co.kr/hwpml/2011/paragraph}"


def framed(blocks: Sequence[Block], cells: Sequence[str] = (), across: bool = False) -> list[Block]:
    """Return all blocks inside one cell; `cells` stand before it, above or on its left."""
    places = [*cells, ""]
    table = [GridCell(1, n, text) if across else GridCell(n, 1, text)
             for n, text in enumerate(places, 1)]  # fmt: skip
    table[-1] = replace(table[-1], held=outermost(blocks), text=_text(blocks))
    return numbered([TableBlock(0, tuple(table))])


def outermost(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return the blocks without the tables that stand in another one."""
    held = {
        id(inner)
        for block in blocks if isinstance(block, TableBlock)
        for cell in block.cells for inner in cell.held
    }  # fmt: skip
    return tuple(block for block in blocks if id(block) not in held)


def _text(blocks: Sequence[Block]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Paragraph))


def in_strips(blocks: Sequence[Block], bullet: str, cells: Sequence[str]) -> list[Block]:
    """Return the headings, which have a bullet, as tables of one row; `{}` is for the words."""
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Paragraph) and block.text.startswith(bullet):
            words = block.text.removeprefix(bullet)
            number = sum(isinstance(one, TableBlock) for one in found)
            block = table_block([[cell.format(words, n=number) for cell in cells]])
        found.append(block)
    return numbered(found)


def in_rows(blocks: Sequence[Block], bullet: str, rows_at_once: bool = True) -> list[Block]:
    """Return headings and what follows them as rows `heading | text`, in one table or several."""
    found: list[Block] = []
    rows: list[GridCell] = []
    for heading, below in _sections(blocks, bullet):
        if heading is None:
            found += below
            continue
        held = tuple(below) if any(isinstance(b, TableBlock) for b in below) else ()
        number = len(rows) // 2 + 1
        rows += [GridCell(number, 1, heading), GridCell(number, 2, _text(below), held=held)]
        if not rows_at_once:
            found.append(TableBlock(0, tuple(rows)))
            rows = []
    return numbered([*found, TableBlock(0, tuple(rows))])


def _sections(blocks: Sequence[Block], bullet: str) -> list[tuple[str | None, list[Block]]]:
    found: list[tuple[str | None, list[Block]]] = [(None, [])]
    for block in blocks:
        if isinstance(block, Paragraph) and block.text.startswith(bullet):
            found.append((block.text.removeprefix(bullet), []))
        else:
            found[-1][1].append(block)
    return found


def hwpx_framed(blocks: Sequence[Block], times: int = 1) -> bytes:
    """Return a .hwpx whose whole body lies in a table of one cell, or in several about each other."""
    members = members_of(as_hwpx(blocks))
    root = etree.fromstring(members[SECTION])
    settings, *paragraphs = root
    for _ in range(times):
        paragraphs = [_frame(paragraphs)]
    root[:] = [settings, *paragraphs]
    members[SECTION] = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return packed(members)


def hwp_framed(blocks: Sequence[Block], times: int = 1) -> bytes:
    return hwp_of(hwpx_framed(blocks, times))


def _frame(paragraphs: Sequence[etree._Element]) -> etree._Element:
    style = {"id": "0", "paraPrIDRef": "0", "styleIDRef": "0"}
    outer = etree.Element(f"{_HP}p", style)
    run = etree.SubElement(outer, f"{_HP}run", charPrIDRef="0")
    table = etree.SubElement(run, f"{_HP}tbl", id="1", rowCnt="1", colCnt="1", borderFillIDRef="1")
    etree.SubElement(table, f"{_HP}sz", width="40000", height="40000")
    cell = etree.SubElement(etree.SubElement(table, f"{_HP}tr"), f"{_HP}tc", borderFillIDRef="1")
    etree.SubElement(cell, f"{_HP}subList").extend(paragraphs)
    etree.SubElement(cell, f"{_HP}cellAddr", colAddr="0", rowAddr="0")
    etree.SubElement(cell, f"{_HP}cellSpan", colSpan="1", rowSpan="1")
    etree.SubElement(cell, f"{_HP}cellSz", width="40000", height="40000")
    return outer
