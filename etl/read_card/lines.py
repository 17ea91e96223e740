"""Lines of a card, each with its place, and which of them are headings.

A heading stands alone in its line, with or without a bullet; what a document uses before its
known headings tells which other lines are headings that are not known.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from etl.cells import clean, label_key
from etl.cells.phrases import leading_quarter
from etl.documents.blocks import GridCell, Paragraph, TableBlock
from etl.read_card.words import CardWords

UNKNOWN = "unknown"
BODY = "body"
"""The shape of a line beside a heading of its own: it is never a heading itself."""

PEOPLE = ("contact", "role")
"""The labels that rows of people begin with."""

LONGEST_HEADING = 60
_WRAPPED_LINES = 3


class Place(NamedTuple):
    """A place in the document: a locator, or a template with the number that belongs into it."""

    template: str
    number: int = 0

    @property
    def locator(self) -> str:
        return self.template.replace("{row}", f"{self.number}")


class Line(NamedTuple):
    """One line of a paragraph, or of a cell around it.

    `shape` says how a heading is set off that a table sets off: the strip or the row it fills.
    """

    place: Place
    text: str
    shape: str = ""


def line_place(table: TableBlock, cell: GridCell) -> Place:
    """Return where the lines of a cell stand, as a template over its row."""
    return Place(table.template(cell.column), table.row_number(cell.row))


def paragraph_place(paragraph: Paragraph) -> Place:
    if paragraph.origin:
        return Place(paragraph.locator)
    return Place("문단 {row}", paragraph.number)


def lines_of(text: str, place: Place, words: CardWords, shape: str = "") -> list[Line]:
    """Return the lines of a text; a heading that is wrapped is one line.

    Blank lines and page numbers are none; `**` is how a text export marks what was bold.
    """
    written = [clean(line.replace("**", "")) for line in text.splitlines()]
    written = [line for line in written if line and not words.form.page_number.fullmatch(line)]
    lines: list[Line] = []
    start = 0
    while start < len(written):
        end = start + _heading_length(written[start : start + _WRAPPED_LINES], words)
        lines.append(Line(place, " ".join(written[start:end]), shape))
        start = end
    return lines


def without_bullet(text: str, words: CardWords) -> tuple[str, str]:
    """Return (bullet, text behind it) of a line."""
    found = words.form.line_bullet.match(text)
    return (found[0], text[found.end() :].strip()) if found else ("", text)


def _heading_length(written: Sequence[str], words: CardWords) -> int:
    """Return how many lines the heading at the top takes; 1 when it is none."""
    lengths = range(len(written), 1, -1)
    joined = (n for n in lengths if section_named(" ".join(written[:n]), words))
    return next(joined, 1)


def section_named(text: str, words: CardWords) -> str | None:
    """Return the section that a text is the heading of, whatever bullet it has."""
    return _heading(text, words)[2]


@lru_cache(maxsize=1024)  # a line is asked once for each way in which it may be laid out
def _heading(text: str, words: CardWords) -> tuple[str, str, str | None]:
    """Return (bullet as compared, text behind it, section or None) of a line.

    Signs that count, Ⅰ Ⅱ Ⅲ or a number in a box, are compared as one.
    """
    if len(text) > LONGEST_HEADING:
        return "", text, None
    found = words.form.heading_bullet.match(text)
    bullet, behind = (found[0], text[found.end() :]) if found else ("", text)
    behind = behind.strip().removesuffix(":")
    kind = bullet.strip(". ")
    counting = next((run[0] for run in words.counting_signs if kind and kind[0] in run), None)
    return counting or label_key(bullet), behind, words.section(behind)


class Headings:
    """Tells the headings of one document from its other lines, by what stands before them."""

    def __init__(self, lines: Iterable[Line], words: CardWords) -> None:
        self.words = words
        found = [(line.shape, *_heading(line.text, words)) for line in lines]
        known = [one for one in found if one[3] and one[0] != BODY]
        bullets = {bullet for shape, bullet, _, _ in known if not shape}
        self.codes = {section for _, _, _, section in known}
        self.boxes = bullets & {*words.form.heading_boxes}
        counting = {run[0] for run in words.counting_signs}
        self.signs = {b for b in bullets if b in counting or (len(b) == 1 and not b.isalnum())}
        self.shapes = {shape for shape, *_ in known if shape}

    def of(self, line: Line) -> tuple[str | None, Line]:
        """Return (section, heading) of a line; the section is None where it is no heading."""
        if line.shape == BODY:
            return None, line
        bullet, behind, section = _heading(line.text, self.words)
        heading = Line(line.place, behind, line.shape)
        if section:
            is_below = (
                bool(self.boxes) and not line.shape
                and bullet not in ("", *self.words.form.heading_boxes)
            )  # fmt: skip
            return (None if is_below else section), heading
        is_set_off = line.shape in self.shapes or bullet in (self.boxes or self.signs)
        is_unknown = (
            is_set_off and not {":", "："} & {*line.text} and leading_quarter(behind)[0] is None
        )
        return (UNKNOWN if is_unknown else None), heading
