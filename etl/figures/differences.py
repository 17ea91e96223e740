"""Published figures beside the same ones derived again: every difference, to the last digit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

from etl.figures import FigureRow
from etl.figures.attachments import ShownPicture
from etl.figures.evidence import EvidenceCell, EvidenceMember
from etl.figures.narrative import SaidText

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Difference:
    """One thing that differs: a column of a figure, a cell behind one, a pledge of a scope, a text
    or a picture.

    `item` is the column, `figure` for a whole row, or the part and pledge of a cell; a pledge of a
    scope, a text and a picture have no figure code. A side that does not have it is None.
    """

    figure_code: str
    scope_type: str
    scope_id: str
    item: str
    released: str | None
    derived: str | None


def figure_differences(
    released: Iterable[FigureRow], derived: Iterable[FigureRow]
) -> list[Difference]:
    """One entry per column that differs, and per figure that only one side has."""
    then, now = _by_key(released), _by_key(derived)
    return [
        Difference(*key, item, before, after)
        for key in sorted(then.keys() | now.keys())
        for item, before, after in _columns(then.get(key), now.get(key))
    ]


def cell_differences(
    released: Iterable[EvidenceCell], derived: Iterable[EvidenceCell]
) -> list[Difference]:
    """One entry per figure and part of a cell that only one side has, told of all pledges.

    Two of the same pledge and part are one.
    """
    then, now = set(released), set(derived)
    only_then, only_now = _by_part(then - now), _by_part(now - then)
    return [
        Difference(code, "all", "", item, before, after)
        for code, item in sorted(only_then.keys() | only_now.keys())
        for before, after in zip_longest(
            only_then.get((code, item), ()), only_now.get((code, item), ())
        )
    ]


def member_differences(
    released: Iterable[EvidenceMember], derived: Iterable[EvidenceMember]
) -> list[Difference]:
    """One entry per pledge that only one side counts in a scope."""
    then, now = set(released), set(derived)
    return [
        Difference(
            "", one.scope_type, one.scope_id, f"pledge {one.pledge_id}",
            one.pledge_id if one in then else None, one.pledge_id if one in now else None,
        )
        for one in sorted(then ^ now)
    ]  # fmt: skip


def text_differences(released: Iterable[SaidText], derived: Iterable[SaidText]) -> list[Difference]:
    """One entry per text that is another one, told by their stamps."""
    then, now = ({one[:3]: one.stamp for one in said} for said in (released, derived))
    return [
        Difference("", "all", "", " ".join(("text", *map(str, key))), then.get(key), now.get(key))
        for key in sorted(then.keys() | now.keys())
        if then.get(key) != now.get(key)
    ]


def picture_differences(
    released: Iterable[ShownPicture], derived: Iterable[ShownPicture]
) -> list[Difference]:
    """One entry per picture that is another one, or has other words, told by its hash."""
    then, now = ({one[:2]: one for one in shown} for shown in (released, derived))
    return [
        Difference("", "all", "", " ".join(("picture", *map(str, key))),
                   *(one and one.sha256[:12] for one in (then.get(key), now.get(key))))
        for key in sorted(then.keys() | now.keys())
        if then.get(key) != now.get(key)
    ]  # fmt: skip


def _by_key(rows: Iterable[FigureRow]) -> dict[Key, dict[str, Any]]:
    return {(row.figure_code, row.scope_type, row.scope_id): asdict(row) for row in rows}


def _columns(
    then: Mapping[str, Any] | None, now: Mapping[str, Any] | None
) -> list[tuple[str, str | None, str | None]]:
    if then is None or now is None:
        return [("figure", _shown(then), _shown(now))]
    return [
        (name, _told(value), _told(now[name])) for name, value in then.items() if value != now[name]
    ]


def _shown(row: Mapping[str, Any] | None) -> str | None:
    return None if row is None else row["shown"]


def _told(value: object) -> str | None:
    return None if value is None else str(value)


def _by_part(cells: Iterable[EvidenceCell]) -> dict[tuple[str, str], list[str]]:
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in cells:
        place = f"{one.file_name}({one.submission_id}) {one.sheet_name} {one.cell}"
        for part, codes in (("numerator", one.numerator_of), ("denominator", one.denominator_of)):
            for code in codes:
                told[code, f"{part} {one.pledge_id}"].append(
                    f"{place} {one.as_written!r} = {one.value}"
                )
    return {key: sorted(texts) for key, texts in told.items()}
