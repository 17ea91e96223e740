"""What was done of each pledge, in words, as the report and the document say it: in few lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from etl.publish.publication import Publication

KINDS = ("PROGRESS", "ACHIEVEMENT", "PROBLEM", "PLAN_AHEAD")
"""What is said of a pledge there; all texts stand in the open data."""
_MOST = 5  # of the achievements, the newest


@dataclass(frozen=True)
class Deed:
    """What one kind of text says of a pledge, a line each."""

    kind_name: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Deeds:
    """A pledge and what its report in force says; of which quarter, if an earlier one."""

    pledge: Any
    deeds: Sequence[Deed]
    carried_from: str | None


def deeds(publication: Publication) -> list[Deeds]:
    """Return what was done, a pledge each, in the order of pledges; without words, no pledge."""
    said: Mapping[str, list[Any]] = {
        pledge_id: [row for row in rows if row.kind_code in KINDS]
        for pledge_id, rows in groupby(publication.narrative, attrgetter("pledge_id"))
    }
    return [
        Deeds(pledge, list(_deeds(said[pledge.pledge_id])), _carried(pledge))
        for pledge in publication.pledges
        if said.get(pledge.pledge_id)
    ]


def _carried(pledge: Any) -> str | None:
    """Return the period of a report that is carried on; another of the same 기준일 is none."""
    return pledge.reported_quarter_id if pledge.report_state == "carried_forward" else None


def _deeds(rows: Sequence[Any]) -> Iterator[Deed]:
    by_kind = {code: list(of_kind) for code, of_kind in groupby(rows, attrgetter("kind_code"))}
    for code in KINDS:
        if found := by_kind.get(code):
            yield Deed(found[0].kind_name, list(_lines(found)))


def _lines(rows: Sequence[Any]) -> Iterator[str]:
    """Yield the lines of texts of one kind, the newest first; a last one counts what is left."""
    for row in _newest(rows)[:_MOST]:
        first, *rest = (" ".join(line.split()) for line in row.content.splitlines() if line.strip())
        yield f"{row.label} {first}" if row.label else first
        yield from rest
    if len(rows) > _MOST:
        yield f"그 밖에 {len(rows) - _MOST}건은 data/narrative.csv에 있음"


def _newest(rows: Sequence[Any]) -> list[Any]:
    """Return texts by day or quarter, the last first; those without one keep their order."""
    return sorted(rows, key=lambda row: row.label or "", reverse=True)
