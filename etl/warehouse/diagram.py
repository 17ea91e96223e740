"""Tables and how they join, drawn as one SVG picture from what a catalogue says of them.

Our own few boxes: a graph library would bring a program of its own to lay out two dozen of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

_COLUMNS = 4
_WIDTH, _GAP = 300, 36
_LINE, _HEAD = 17, 48
_STYLE = Markup(
    "text{font:12px 'Malgun Gothic',NanumBarunGothic,'Noto Sans KR',sans-serif;fill:#1f2933}"
    ".t{font-weight:700;font-size:14px;fill:#fff}.c{font-size:10px;fill:#dbe4ee}"
    ".k{font-weight:700}.y{fill:#52606d}.j{fill:#8a4b23;font-size:11px}"
)


@dataclass
class TableBox:
    """One table: what each row is, and its columns as (name, type, whether it is in the key)."""

    name: str
    comment: str
    columns: list[tuple[str, str, bool]] = field(default_factory=list)


# What a table belongs to: other tables, each with whether a row may lack its one there.
Joins = Mapping[str, Sequence[tuple[str, bool]]]


def diagram(boxes: Sequence[TableBox], joins: Joins, title: str) -> str:
    """Return the picture: boxes in columns of about one length, joins as curves and as text.

    Where a row may lack what it belongs to, its curve is dashed and its arrow open.
    """
    places, height = _places(boxes, joins)
    width = _COLUMNS * (_WIDTH + _GAP) + _GAP
    curves = [
        _curve(places[child], places[parent], may_lack)
        for child, parents in joins.items()
        for parent, may_lack in parents
    ]
    drawn = [_box(box, joins.get(box.name, ()), *places[box.name]) for box in boxes]
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}"'
            ' role="img"><title>{t}</title><style>{s}</style>'
            '<rect width="{w}" height="{h}" fill="#ffffff"/>{c}{b}</svg>\n'
        ).format(w=width, h=height, t=title, s=_STYLE, c=Markup("").join(curves),
                 b=Markup("").join(drawn))
    )  # fmt: skip


def _height(box: TableBox, parents: Sequence[tuple[str, bool]]) -> int:
    return _HEAD + _LINE * (len(box.columns) + len(parents)) + 10


def _places(boxes: Sequence[TableBox], joins: Joins) -> tuple[dict[str, tuple[int, int]], int]:
    """Put every box into the shortest column so far; return corners and the whole height."""
    bottoms = [_GAP] * _COLUMNS
    places = {}
    for box in boxes:
        column = bottoms.index(min(bottoms))
        places[box.name] = (_GAP + column * (_WIDTH + _GAP), bottoms[column])
        bottoms[column] += _height(box, joins.get(box.name, ())) + _GAP
    return places, max(bottoms)


def _curve(child: tuple[int, int], parent: tuple[int, int], may_lack: bool) -> Markup:
    (x1, y1), (x2, y2) = child, parent
    y1, y2 = y1 + 14, y2 + 14
    if x1 == x2:  # along the left edge
        bend = x1 - _GAP + 6
        path = f"M{x1},{y1} C{bend},{y1} {bend},{y2} {x2},{y2}"
    else:
        start, end = (x1 + _WIDTH, x2) if x1 < x2 else (x1, x2 + _WIDTH)
        middle = (start + end) // 2
        path = f"M{start},{y1} C{middle},{y1} {middle},{y2} {end},{y2}"
    dashes = Markup(' stroke-dasharray="5 4"') if may_lack else ""
    return Markup('<path d="{}" fill="none" stroke="#c08457" stroke-width="1.3"{}/>').format(
        path, dashes
    )


def _box(box: TableBox, parents: Sequence[tuple[str, bool]], x: int, y: int) -> Markup:
    pieces = [
        Markup('<g><title>{}</title><rect x="{}" y="{}" width="{}" height="{}" rx="6" fill="#fff"'
               ' stroke="#44607c"/><rect x="{}" y="{}" width="{}" height="{}" rx="6"'
               ' fill="#1f3a5f"/>').format(box.comment, x, y, _WIDTH, _height(box, parents), x, y,
                                           _WIDTH, _HEAD - 8),
        _text(x + 10, y + 18, box.name, "t"),
        _text(x + 10, y + 33, _cut(box.comment, 34), "c"),
    ]  # fmt: skip
    line = y + _HEAD + 8
    for name, data_type, is_key in box.columns:
        pieces.append(_text(x + 10, line, f"{'◆ ' if is_key else ''}{name}", "k" if is_key else ""))
        pieces.append(_text(x + _WIDTH - 10, line, data_type, "y", "end"))
        line += _LINE
    for parent, may_lack in parents:
        pieces.append(_text(x + 10, line, f"{'⇢' if may_lack else '→'} {parent}", "j"))
        line += _LINE
    return Markup("").join([*pieces, Markup("</g>")])


def _text(x: int, y: int, text: str, kind: str, anchor: str = "start") -> Markup:
    return Markup('<text x="{}" y="{}" class="{}" text-anchor="{}">{}</text>').format(
        x, y, kind, anchor, text
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
