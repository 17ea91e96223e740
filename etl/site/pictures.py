"""Pictures as inline SVG that fit any width: places across are shares, letters keep their size.

Every number of a picture stands beside it as text too, so a picture needs no other alternative.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from etl.palette import STATUS
from etl.shown import half_up
from etl.site.words import rate, won

_NARROWEST = Decimal(9)  # per cent of a bar that a number of two digits fits into on a phone
_MOST_LABELS = 5
_TOP, _BOTTOM, _HEIGHT = 26, 126, 178


@dataclass(frozen=True)
class Point:
    """One quarter of a pledge: its name, rate and status, and whether it was reported."""

    name: str
    rate: Decimal | None
    status_code: str
    status_name: str
    is_reported: bool = True


def status_class(code: str) -> str:
    """Return the class that has a status's colours; the codes are those of the palette."""
    return code if code in STATUS else "OTHER"


def status_bar(counts: Sequence[Any], label: str) -> Markup:
    """Return one bar of pledges by status; nothing without a pledge."""
    total = sum(row.pledge_count for row in counts)
    pieces, left = [], Decimal(0)
    for row in counts:
        width = Decimal(100 * row.pledge_count) / total
        code = status_class(row.status_code)
        pieces.append(_rect(left, 0, width, 34, f"f-{code}"))
        if width >= _NARROWEST * len(str(row.pledge_count)) / 2:
            pieces.append(_text(left + width / 2, 22, str(row.pledge_count), f"i-{code}"))
        left += width
    said = ", ".join(f"{row.status_name} {row.pledge_count}개" for row in counts)
    return _svg(34, f"{label}: {said}", pieces, "bar") if total else Markup("")


def rate_bar(value: Any, label: str) -> Markup:
    """Return a bar that is as full as a rate."""
    share = min(max(Decimal(value), Decimal(0)), Decimal(100))
    pieces = [_rect(Decimal(0), 0, Decimal(100), 10, "empty"),
              _rect(Decimal(0), 0, share, 10, "full")]  # fmt: skip
    return _svg(10, f"{label} {rate(value)} %", pieces, "rate")


def money_bars(row: Any) -> Markup:
    """Return a bar each of what is planned, secured and executed, with the amounts in words."""
    amounts = {
        "PLAN": row.pledge_plan_krw,
        "SECURED": row.pledge_secured_krw,
        "EXECUTED": row.pledge_executed_krw,
    }
    names = {"PLAN": "들이기로 한 돈", "SECURED": "마련한 돈", "EXECUTED": "쓴 돈"}
    most = max(Decimal(amount or 0) for amount in amounts.values())
    pieces = []
    for place, (code, amount) in enumerate(amounts.items()):
        top = place * 48
        share = Decimal(100) * max(Decimal(amount or 0), Decimal(0)) / most if most else Decimal(0)
        said = f"{names[code]} {won(amount)}"
        pieces += [_text(Decimal(0), top + 14, said, "said", "start"),
                   _rect(Decimal(0), top + 20, Decimal(100), 16, "empty"),
                   _rect(Decimal(0), top + 20, share, 16, f"f-{code}")]  # fmt: skip
    label = ", ".join(f"{names[code]} {won(amount)}" for code, amount in amounts.items())
    return _svg(3 * 48, label, pieces, "bar")


def course(points: Sequence[Point], word: str) -> Markup:
    """Return a pledge's rate as a line and its status as a strip, a step a period of that word."""
    step = Decimal(100) / len(points)
    places = [step * number + step / 2 for number in range(len(points))]
    pieces = [
        Markup('<line x1="0" x2="100%" y1="{0}" y2="{0}" class="grid"/>').format(y)
        for y in (_TOP, (_TOP + _BOTTOM) // 2, _BOTTOM)
    ]
    drawn = [(x, _y(point.rate), point) for x, point in zip(places, points, strict=True)
             if point.rate is not None]  # fmt: skip
    pieces += [
        Markup('<line x1="{}%" y1="{}" x2="{}%" y2="{}" class="course"/>').format(
            _n(x), y, _n(next_x), next_y
        )
        for (x, y, _), (next_x, next_y, _) in pairwise(drawn)
    ]
    told = _labelled(len(points))
    for x, y, point in drawn:
        dot = Markup('<circle cx="{}%" cy="{}" r="4.5" class="{}"/>')
        pieces.append(dot.format(_n(x), y, "dot" if point.is_reported else "dot carried"))
        if points.index(point) in told:
            pieces.append(_text(x, y - 10, f"{rate(point.rate)} %", "said"))
    for number, (x, point) in enumerate(zip(places, points, strict=True)):
        code = status_class(point.status_code)
        pieces.append(_rect(step * number, _BOTTOM + 12, step, 16, f"f-{code}"))
        if number in told:
            pieces.append(_text(x, _HEIGHT - 6, point.name, "when"))
    said = ", ".join(map(_said, points))
    return _svg(_HEIGHT, f"{word}마다의 추진상황과 이행률(%): {said}", pieces, "course")


def _said(point: Point) -> str:
    carried = "" if point.is_reported else "(이어 씀)"
    return f"{point.name} {point.status_name} {rate(point.rate) or '이행률 없음'}{carried}"


def _labelled(count: int) -> set[int]:
    """Return which of so many points are told in letters: the last, and others far enough apart."""
    apart = -(-count // _MOST_LABELS)
    return set(range(count - 1, -1, -apart))


def _y(value: Decimal | None) -> int:
    share = min(max(Decimal(value or 0), Decimal(0)), Decimal(100))
    return int(_BOTTOM - (_BOTTOM - _TOP) * share / 100)


def _svg(height: int, label: str, pieces: Sequence[Markup], kind: str) -> Markup:
    return Markup('<svg class="{}" width="100%" height="{}" role="img" aria-label="{}">{}</svg>')\
        .format(kind, height, label, Markup("").join(pieces))  # fmt: skip


def _rect(left: Decimal, top: int, width: Decimal, height: int, kind: str) -> Markup:
    return Markup('<rect x="{}%" y="{}" width="{}%" height="{}" class="{}"/>').format(
        _n(left), top, _n(width), height, kind
    )


def _text(x: Decimal, y: int, said: str, kind: str, anchor: str = "middle") -> Markup:
    return Markup('<text x="{}%" y="{}" text-anchor="{}" class="{}">{}</text>').format(
        _n(x), y, anchor, kind, said
    )


def _n(value: Decimal) -> str:
    return f"{half_up(value, 2):f}"
