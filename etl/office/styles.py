"""How the workbooks that go out look, and how they are saved: the same input, the same bytes."""

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from math import ceil
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.borders import DEFAULT_BORDER
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from etl import palette
from etl.documents.notes import PROGRAM
from etl.palette import bare
from etl.whole import whole

FONT_NAME = "맑은 고딕"

INK = f"FF{bare(palette.INK)}"
GIVEN_INK = "FF55606B"
LINE = "FFC9D1D9"
HEADER_FILL = "FF44607C"
REQUIRED_FILL = f"FF{bare(palette.DEEP)}"
GIVEN_FILL = "FFEEF0F2"
INPUT_FILL = "FFFFFCEB"
DEADLINE_FILL = "FFFFE3B3"
RELABELLED_FILL = "FFDDF0CF"

_LINE = Side(style="thin", color=LINE)
_LINES = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_UNSAFE_IN_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_LONGEST_TEXT = 32_767
_LINE_HEIGHT = 15.0
_HIGHEST_ROW = 409.0  # that a spreadsheet takes
# A text that a spreadsheet would take for a formula when it is typed again.
_FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Look:
    """How one kind of cell looks; `fill` and `ink` are ARGB, no fill where it is empty."""

    fill: str = ""
    ink: str = INK
    bold: bool = False
    size: float = 10
    underline: bool = False
    lines: bool = True
    number_format: str = "General"
    horizontal: str = "general"
    vertical: str = "center"
    wrap: bool = True
    indent: int = 0
    locked: bool = True
    quoted: bool = False


HEADER = Look(HEADER_FILL, "FFFFFFFF", bold=True, horizontal="center")
REQUIRED = replace(HEADER, fill=REQUIRED_FILL)
TITLE = Look(size=18, bold=True, lines=False, wrap=False, ink=REQUIRED_FILL)
SECTION = replace(TITLE, size=12)
TERM = Look(GIVEN_FILL, bold=True, horizontal="left", indent=1)
EXPLAINED = Look(horizontal="left", indent=1)


@cache
def _parts(look: Look) -> dict[str, Any]:
    """Return what openpyxl makes of a look, by the attribute of a cell that takes it."""
    mark: Any = "single" if look.underline else None
    return {
        "font": Font(FONT_NAME, look.size, bold=look.bold, color=look.ink, underline=mark),
        "fill": PatternFill("solid", fgColor=look.fill) if look.fill else PatternFill(),
        "border": _LINES if look.lines else DEFAULT_BORDER,
        "alignment": Alignment(
            look.horizontal, look.vertical, wrap_text=look.wrap, indent=look.indent
        ),
        "number_format": look.number_format,
        "protection": Protection(locked=look.locked),
        "quotePrefix": look.quoted,
    }


# The looks of each workbook, each written to its style table once.
_STYLES: WeakKeyDictionary[Workbook | None, dict[Look, StyleArray]] = WeakKeyDictionary()


def _style(sheet: Worksheet, look: Look) -> StyleArray:
    known = _STYLES.setdefault(sheet.parent, {})
    if look not in known:
        cell = Cell(sheet, row=1, column=1)
        for attribute, part in _parts(look).items():
            setattr(cell, attribute, part)
        known[look] = style_of(cell)
    return known[look]


def put(sheet: Worksheet, row: int, column: int, value: Any, look: Look) -> Cell:
    """Write one cell; text stays text, whatever it begins with."""
    cell = Cell(sheet, row=row, column=column)
    sheet._cells[(row, column)] = cell
    if isinstance(value, str):
        value = plain_text(value)
        if value.startswith(_FORMULA_STARTS):
            look = replace(look, quoted=True)
    if value is not None and value != "":
        cell.value = value
        if cell.data_type in ("f", "e"):
            cell.data_type = "s"
    set_style(cell, _style(sheet, look))
    return cell


def put_line(sheet: Worksheet, row: int, values: Iterable[Any], look: Look, first: int = 1) -> None:
    """Write cells of one look side by side, from a column on."""
    for column, value in enumerate(values, start=first):
        put(sheet, row, column, value, look)


def put_across(sheet: Worksheet, row: int, value: Any, look: Look, first: int, last: int) -> None:
    """Write one cell over several columns."""
    put(sheet, row, first, value, look)
    sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)


def column(sheet: Worksheet, letter: str, width: float, look: Look | None = None) -> None:
    """Set a column's width and the look of its untouched cells."""
    dimension = sheet.column_dimensions[letter]
    dimension.width = width
    if look is not None:
        set_style(dimension, _style(sheet, look))


def style_of(styled: Any) -> StyleArray:
    """Return the style of a cell, column or row; openpyxl has no public name for it."""
    style: StyleArray = styled._style
    return style


def set_style(styled: Any, style: StyleArray) -> None:
    """Give a cell, column or row a style of the same workbook."""
    styled._style = style


def plain_text(value: str) -> str:
    """Return a text as a cell can hold it: no control characters, at most 32,767 characters."""
    return ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST_TEXT]


def new_workbook() -> Workbook:
    """Return an empty workbook with one sheet, in the house font, that says who wrote it."""
    workbook = Workbook()
    workbook._fonts[0] = Font(name=FONT_NAME, size=10)  # type: ignore[attr-defined]
    workbook.properties.creator = PROGRAM
    workbook.properties.lastModifiedBy = PROGRAM
    return workbook


class _GrowingRow(RowDimension):
    """A row whose height is only a first guess: a spreadsheet fits it again at the next edit."""

    @property
    def customHeight(self) -> bool:  # noqa: N802
        return False


def fit_row(sheet: Worksheet, row: int, texts: Iterable[tuple[Any, float]]) -> None:
    """Make a row as high as its longest text needs; `texts` are (value, column width)."""
    lines = max((_line_count(str(v), width) for v, width in texts if v is not None), default=1)
    height = min(lines * _LINE_HEIGHT + 6, _HIGHEST_ROW)
    sheet.row_dimensions[row] = _GrowingRow(sheet, row, ht=height)


@lru_cache(maxsize=4096)
def _line_count(text: str, width: float) -> int:
    # A Hangul syllable takes two digits' room; two digits go to the cell's own margins.
    room = max(width - 2, 1)
    return sum(
        ceil(max(sum(1.85 if ord(c) > 0x2E7F else 1.05 for c in line), 1) / room)
        for line in text.split("\n")
    )


def roomy(sheet: Worksheet) -> None:
    """Give untouched rows a little air; they still grow with what is typed."""
    sheet.sheet_format.defaultRowHeight = _LINE_HEIGHT + 6
    sheet.sheet_format.customHeight = True


def lock(sheet: Worksheet) -> None:
    """Protect a sheet without a password: rows may be added, columns and rows resized."""
    protection = sheet.protection
    protection.sheet = True
    protection.insertRows = False
    protection.deleteRows = False
    protection.formatRows = False
    protection.formatColumns = False
    protection.formatCells = False


def paper(
    sheet: Worksheet,
    orientation: Literal["landscape", "portrait"],
    title_rows: str | None = None,
    pages_high: int = 0,
    pages_wide: int = 1,
) -> None:
    """Print on A4, as wide as so many pages, with the header on every page.

    `pages_high` is the number of pages it must fit on; 0: as many as it takes.
    """
    sheet.page_setup.orientation = orientation
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = pages_wide
    sheet.page_setup.fitToHeight = pages_high
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.7
    sheet.page_margins.header = sheet.page_margins.footer = 0.3
    sheet.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("&A  &P / &N"))
    if title_rows:
        sheet.print_title_rows = title_rows


def safe_name(text: str, longest: int = 90) -> str:
    """Return a text as part of a file name that every office computer takes.

    At most `longest` bytes of UTF-8: a file name holds 255, a Hangul syllable takes three.
    """
    name = _UNSAFE_IN_NAME.sub("_", unicodedata.normalize("NFC", text))
    return name.encode()[:longest].decode(errors="ignore").strip(" .") or "_"


class _StableZip(ZipFile):
    """A zip whose members all carry one given moment instead of the clock's."""

    def __init__(self, path: Path, moment: datetime) -> None:
        super().__init__(path, "w", ZIP_DEFLATED, compresslevel=6)
        self._moment = moment.astimezone(UTC)

    def writestr(self, name: Any, data: Any, *_: Any, **__: Any) -> None:  # type: ignore[override]
        info = ZipInfo(str(name), self._moment.timetuple()[:6])
        info.compress_type = ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        if name == "docProps/core.xml":
            data = self._dated(data)
        super().writestr(info, data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        self.writestr(arcname or filename, Path(filename).read_bytes())

    def _dated(self, core: str | bytes) -> str:
        text = core.decode() if isinstance(core, bytes) else core
        stamp = self._moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        return re.sub(r"(<dcterms:(\w+)[^>]*>)[^<]*(</dcterms:\2>)", rf"\g<1>{stamp}\3", text)


def save(workbook: Workbook, path: Path, moment: datetime) -> Path:
    """Save whole or not at all; every date inside the file is the given moment."""
    with whole(path) as unfinished:
        package = _StableZip(unfinished, moment)
        try:
            ExcelWriter(workbook, package).save()
        finally:
            with suppress(OSError, ValueError):  # what a full disk left open
                package.close()
    return path
