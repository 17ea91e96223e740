"""Charts as inline SVG, drawn for the width of a phone: labels above the bars, values beside them.

Our own few lines and not a chart library: a library's picture shrinks its letters with its width,
and what is drawn here are bars and lines. Every number also stands in a table of the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from etl.form import code_names
from etl.measures import measures
from etl.palette import AMOUNT, DEEP, INK, PAPER, SOFT, STATUS
from etl.period import word_of
from etl.publish.pivots import counts
from etl.publish.publication import Publication
from etl.shown import half_up, million

_WIDTH = 340
_ROW = 46
_LONGEST = 22
_AMOUNTS = (("PLAN", "계획"), ("SECURED", "확보"), ("EXECUTED", "집행"))


@dataclass(frozen=True)
class Chart:
    """One picture with its title; what it says in words stands in it."""

    name: str
    title: str
    svg: Markup
    legend: Sequence[tuple[str, str]] = ()


def status_chart(publication: Publication, scope_type: str, title: str) -> Chart | None:
    """Return bars of pledges by status, one per scope and one of all; None without pledges."""
    held = counts(publication, ("all", scope_type))
    held = held[held.any(axis=1)]
    if held.empty:
        return None
    names = code_names("status")
    bars, told = [], []
    scopes = held.index.get_level_values("scope_name")
    for number, (scope, row) in enumerate(zip(scopes, held.to_dict("records"), strict=True)):
        present = {str(code): count for code, count in row.items() if count}
        bars.append(_stacked(number * _ROW, scope, present))
        parts = ", ".join(f"{names[code]} {count}" for code, count in present.items())
        told.append(f"{scope}: {parts}")
    legend = [(names[code], code) for code in held.columns[held.any()]]
    name = f"status-{scope_type}"
    return Chart(name, title, _svg(name, title, told, bars, len(held)), legend)


def _stacked(top: int, label: str, present: Mapping[str, int]) -> Markup:
    total = sum(present.values())
    pieces = [_label(top, label, f"{total}건")]
    left = Decimal(0)
    for code, count in present.items():
        width = Decimal(count) * _WIDTH / total
        fill, ink = STATUS[code]
        pieces.append(_rect(left, top + 20, width, 18, fill))
        if width >= 9 * len(str(count)) + 4:
            pieces.append(_text(left + width / 2, top + 33, str(count), ink, "middle"))
        left += width
    return Markup("").join(pieces)


def money_chart(publication: Publication, scope_type: str, title: str) -> Chart | None:
    """Return bars of planned, secured and executed money, three a scope; None without money."""
    rows: dict[str, dict[str, Any]] = {}
    for figure in publication.figures:
        if figure.scope_type == scope_type and figure.figure_code in measures().amounts:
            rows.setdefault(figure.scope_name, {})[figure.figure_code] = figure.numerator
    rows = {name: won for name, won in rows.items() if any(won.values())}
    if not rows:
        return None
    most = max(max(won.values()) for won in rows.values())
    height = 20 + 3 * 17 + 12
    bars, told = [], []
    for number, (name, won) in enumerate(rows.items()):
        top = number * height
        pieces, said = [_label(top, name, "")], []
        for place, (code, word) in enumerate(_AMOUNTS):
            width = Decimal(max(won.get(code, 0), 0)) * (_WIDTH - 120) / most
            y = top + 20 + 17 * place
            pieces.append(_rect(Decimal(0), y, width, 14, AMOUNT[code].fill))
            shown = f"{word} {million(won.get(code, Decimal(0))):,}"
            pieces.append(_text(width + 5, y + 11, shown, INK, "start"))
            said.append(f"{shown}백만원")
        bars.append(Markup("").join(pieces))
        told.append(f"{name}: {', '.join(said)}")
    key = f"money-{scope_type}"
    return Chart(key, title, _svg(key, title, told, bars, len(rows), height))


def history_chart(publication: Publication) -> Chart | None:
    """Return a line per rate over the published quarters of the term; None with one quarter."""
    rows = [*publication.history, *publication.figures]
    series = {
        code: [
            (row.quarter_id, row)
            for row in rows
            if (row.figure_code, row.scope_type) == (code, "all") and row.value_pct is not None
        ]
        for code in measures().drawn
    }
    series = {code: points for code, points in series.items() if len(points) > 1}
    if not series:
        return None
    lines, told, height = [], [], 108
    for number, points in enumerate(series.values()):
        name = points[0][1].figure_name
        lines.append(_line(number * height, name, points))
        said = ", ".join(f"{quarter} {row.shown} %" for quarter, row in points)
        told.append(f"{name}: {said}")
    word = word_of(quarter for points in series.values() for quarter, _ in points)
    title = f"{word}마다의 비율(발표한 {word}만)"
    svg = _svg("history", title, told, lines, len(series), height)
    return Chart("history", title, svg)


def _line(top: int, name: str, points: Sequence[tuple[str, Any]]) -> Markup:
    last = points[-1][1]
    step = Decimal(_WIDTH - 60) / (len(points) - 1)
    places = [
        (30 + step * number, top + 84 - Decimal(52) * min(max(row.value_pct, 0), 100) / 100)
        for number, (_, row) in enumerate(points)
    ]
    pieces = [_label(top, name, f"{last.shown} %")]
    path = " ".join(f"{_n(x)},{_n(y)}" for x, y in places)
    pieces.append(Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>')
                  .format(path, DEEP))  # fmt: skip
    shown = {0, len(points) - 1} if len(points) > 5 else set(range(len(points)))
    for number, ((quarter, row), (x, y)) in enumerate(zip(points, places, strict=True)):
        pieces.append(
            Markup('<circle cx="{}" cy="{}" r="3.5" fill="{}"/>').format(_n(x), _n(y), DEEP)
        )
        if number in shown:
            pieces.append(_text(x, y - 8, row.shown, INK, "middle"))
            pieces.append(_text(x, Decimal(top + 100), quarter, SOFT, "middle"))
    return Markup("").join(pieces)


# -- pieces ---------------------------------------------------------------------------------------


def _svg(
    name: str,
    title: str,
    told: Sequence[str],
    pieces: Sequence[Markup],
    count: int,
    row: int = _ROW,
) -> Markup:
    return Markup(
        '<svg viewBox="0 0 {w} {h}" role="img" aria-labelledby="{n}-title {n}-desc">'
        '<title id="{n}-title">{t}</title><desc id="{n}-desc">{d}</desc>{p}</svg>'
    ).format(
        w=_WIDTH, h=count * row, n=name, t=title, d=". ".join(told), p=Markup("").join(pieces)
    )  # fmt: skip


def _label(top: int, label: str, value: str) -> Markup:
    cut = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
    return _text(Decimal(0), top + 14, cut, INK, "start", bold=True) + _text(
        Decimal(_WIDTH), top + 14, value, INK, "end"
    )


def _rect(x: Decimal, y: int, width: Decimal, height: int, fill: str) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}"/>').format(
        _n(x), y, _n(width), height, fill, PAPER
    )


def _text(
    x: Decimal, y: Decimal | int, value: str, ink: str, anchor: str, bold: bool = False
) -> Markup:
    weight = Markup(' font-weight="700"') if bold else Markup("")
    return Markup(
        '<text x="{}" y="{}" font-size="13" fill="{}" text-anchor="{}"{}>{}</text>'
    ).format(_n(x), _n(Decimal(y)), ink, anchor, weight, value)


def _n(value: Decimal) -> str:
    return str(half_up(value, 1))
