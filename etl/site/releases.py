"""What the files of a government's releases say, read back: releases, terms, and which one holds.

Input are the frozen JSON files and the notices of what was taken back; a release that has no JSON
(of an earlier version of the program) is known by its folder alone.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from etl.problems import SystemFault

FROZEN, NOTICE = "json/", "철회.txt"
"""What of a release's folder the pages are written from."""
KNOWN_FORMAT = 1
_CARRIED = ("지난 보고 이어 씀", "보고 없음")
_PLACE = re.compile(r"(?P<quarter>\d{4}[^/]*)/r(?P<revision>\d+)/(?P<name>.+)", re.DOTALL)
_RETRACTED = re.compile(r"는 (?P<day>\d{4}-\d\d-\d\d)에 철회되었습니다\. 까닭: (?P<reason>.*)")
Rows = Sequence[Any]


@dataclass(frozen=True)
class Retraction:
    """That a release was taken back: the day in Seoul, and why."""

    day: str
    reason: str


@dataclass(frozen=True, eq=False)
class Release:
    """One revision of a quarter; `facts` is None where it has no JSON.

    It `holds` where it is the newest of its quarter and was not taken back.
    """

    quarter_id: str
    revision: int
    facts: Any
    tables: Mapping[str, bytes]
    files: Sequence[str]
    retraction: Retraction | None
    holds: bool = False

    @property
    def folder(self) -> str:
        return f"{self.quarter_id}/r{self.revision}"

    @property
    def name(self) -> str:
        """What people call the quarter."""
        return self.facts.quarter_name if self.facts else self.quarter_id

    @property
    def day(self) -> str:
        return self.facts.as_of_date if self.facts else ""

    @property
    def term(self) -> int | None:
        return self.facts.term_number if self.facts else None

    @property
    def decided_on(self) -> str:
        return ((self.facts and self.facts.decided_at) or "")[:10]

    @property
    def order(self) -> tuple[str, str, int]:
        """Releases stand in the order of their day."""
        return self.day, self.quarter_id, self.revision

    def rows(self, table: str) -> Rows:
        """Return the rows of a table; none where this release does not have it.

        Read on first use: pages look into most tables of the newest release alone.
        """
        if table not in self._read:
            content = self.tables.get(table)
            path = f"{self.folder}/{FROZEN}{table}.json"
            self._read[table] = () if content is None else _parsed(path, content).rows
        return self._read[table]

    @cached_property
    def _read(self) -> dict[str, Rows]:
        return {}

    def of_pledge(self, table: str, pledge_id: str) -> Rows:
        """Return the rows of a table that are of one pledge."""
        return self._by_pledge(table).get(pledge_id, ())

    def _by_pledge(self, table: str) -> Mapping[str, Rows]:
        if table not in self._held:
            found: dict[str, list[Any]] = defaultdict(list)
            for row in self.rows(table):
                found[row.pledge_id].append(row)
            self._held[table] = found
        return self._held[table]

    @cached_property
    def _held(self) -> dict[str, Mapping[str, Rows]]:
        return {}

    @cached_property
    def _figures(self) -> Mapping[tuple[str, str, str], Any]:
        return {(f.scope_type, f.scope_id, f.figure_code): f for f in self.rows("figures")}

    def figure(self, code: str, scope_type: str = "all", scope_id: str = "") -> Any:
        """Return one figure; None where there is none."""
        return self._figures.get((scope_type, scope_id, code))

    @cached_property
    def _counts(self) -> Mapping[tuple[str, str], list[Any]]:
        found: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for row in self.rows("status_counts"):
            if row.pledge_count:
                found[row.scope_type, row.scope_id].append(row)
        return found

    def counts(self, scope_type: str = "all", scope_id: str = "") -> Rows:
        """Return the pledges of a scope by status, without the statuses that none has."""
        return self._counts.get((scope_type, scope_id), ())

    def is_reported(self, pledge: Any) -> bool:
        """Tell whether a pledge's row is of a report as of the release's day, not of an earlier."""
        return pledge.report_state not in _CARRIED

    @property
    def unreported(self) -> list[Any]:
        """The pledges that owe a report for this quarter and have none."""
        return [row for row in self.rows("pledges")
                if row.owes_report and not self.is_reported(row)]  # fmt: skip

    def decided_since(self, day: str) -> list[Any]:
        """Return what was decided after a day, in the order of days."""
        found = (row for row in self.rows("decisions") if row.change_date > day)
        return sorted(found, key=lambda row: (row.change_date, row.pledge_id))

    def scopes(self, scope_type: str) -> list[tuple[str, str]]:
        """Return id and name of every scope of a kind that has a pledge, in their order."""
        return list(dict.fromkeys(
            (row.scope_id, row.scope_name)
            for row in self.rows("status_counts") if row.scope_type == scope_type
        ))  # fmt: skip


@dataclass(frozen=True, eq=False)
class Term:
    """The releases that hold of one term, the newest last."""

    number: int | None
    releases: Sequence[Release]

    @property
    def newest(self) -> Release:
        return self.releases[-1]

    def before(self, release: Release) -> Release | None:
        """Return the release before one of this term that is of the same kind of period."""
        earlier = self.releases[: self.releases.index(release)]
        alike = (one for one in reversed(earlier) if _kind(one) == _kind(release))
        return next(alike, None)


def _kind(release: Release) -> str:
    """Return what ids of one kind of period share: quarters, half-years, months, days."""
    return re.sub(r"\d", "0", release.quarter_id[4:])


@dataclass(frozen=True, eq=False)
class Government:
    """All releases of one government in their order, and its terms, the newest last."""

    id: str
    name: str
    releases: Sequence[Release]
    terms: Sequence[Term] = field(default=())

    @property
    def term(self) -> Term | None:
        """The newest term that has a release that holds."""
        return self.terms[-1] if self.terms else None

    @property
    def newest(self) -> Release | None:
        return self.term.newest if self.term else None

    @cached_property
    def by_quarter(self) -> Mapping[str, Sequence[Release]]:
        """The revisions of every quarter, the newest quarter and the newest revision first."""
        found: dict[str, list[Release]] = defaultdict(list)
        for release in reversed(self.releases):
            found[release.quarter_id].append(release)
        return found

    def term_of(self, release: Release) -> Term | None:
        return next((term for term in self.terms if release in term.releases), None)

    @property
    def unheld(self) -> Release | None:
        """The newest release of all, where it was taken back: nothing of its quarter holds."""
        last = self.releases[-1] if self.releases else None
        return last if last and last.retraction and not last.holds else None


def read_government(
    government_id: str, files: Mapping[str, bytes], names: Iterable[str]
) -> Government:
    """Read what a government's releases say.

    `files` holds what `is_read` names, by its path below the government's folder; `names` are the
    paths of all files there. Raises SystemFault for a file that cannot be read.
    """
    held: dict[tuple[str, int], list[str]] = defaultdict(list)
    for path in sorted(names):
        if place := _PLACE.fullmatch(path):
            held[place["quarter"], int(place["revision"])].append(place["name"])
    releases = sorted((_release(files, *key, names) for key, names in held.items()),
                      key=lambda one: one.order)  # fmt: skip
    newest = {one.quarter_id: max(r.revision for r in releases if r.quarter_id == one.quarter_id)
              for one in releases}  # fmt: skip
    told = [
        replace(one, holds=bool(one.facts) and one.retraction is None
                and one.revision == newest[one.quarter_id])
        for one in releases
    ]  # fmt: skip
    name = next((one.facts.government_name for one in reversed(told) if one.facts), government_id)
    return Government(government_id, name, told, _terms(told))


def is_read(path: str) -> bool:
    """Tell whether the pages are written from a file."""
    place = _PLACE.fullmatch(path)
    name = place["name"] if place else ""
    return name == NOTICE or name.startswith(FROZEN)


def _terms(releases: Sequence[Release]) -> list[Term]:
    found: dict[int | None, list[Release]] = defaultdict(list)
    for release in releases:
        if release.holds:
            found[release.term].append(release)
    return [Term(number, held) for number, held in sorted(found.items(), key=lambda t: t[0] or 0)]


def _release(
    files: Mapping[str, bytes], quarter_id: str, revision: int, names: Sequence[str]
) -> Release:
    folder = f"{quarter_id}/r{revision}/"
    tables = {
        name.removeprefix(FROZEN).removesuffix(".json"): files[folder + name]
        for name in names
        if name.startswith(FROZEN) and name != f"{FROZEN}schema.json"
    }
    told, notice = tables.pop("release", None), files.get(folder + NOTICE)
    return Release(
        quarter_id,
        revision,
        facts=None if told is None else _parsed(f"{folder}{FROZEN}release.json", told),
        tables=tables,
        files=names,
        retraction=None if notice is None else _retraction(notice.decode()),
    )


def _retraction(notice: str) -> Retraction:
    found = _RETRACTED.search(notice)
    return Retraction(found["day"], found["reason"]) if found else Retraction("", "")


def _parsed(path: str, content: bytes) -> Any:
    try:
        read = json.loads(content, parse_float=Decimal, object_hook=lambda o: SimpleNamespace(**o))
        if read.format > KNOWN_FORMAT:
            raise ValueError(f"format {read.format}")
    except (ValueError, AttributeError) as error:
        raise SystemFault(
            f"발표한 자료 {path}을(를) 읽을 수 없습니다({error}).",
            "발표한 파일과 먼저 쓴 페이지는 그대로입니다.",
            "gongyak publish 분기 --revision 차수로 그 발표의 파일을 다시 쓰십시오.",
        ) from error
    return read
