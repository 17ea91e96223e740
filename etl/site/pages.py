"""Every page of the site, each self-contained: styles and the few lines of script stand in it.

Its content security policy allows nothing else, so nothing is asked of anywhere, and a page can be
read from a folder as from a web server. Without scripts all of it can still be read.
"""

from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from hashlib import sha256
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from etl.form import code_names
from etl.measures import measures
from etl.palette import AMOUNT, STATUS
from etl.period import is_period, word_of
from etl.shown import million, signed
from etl.site import addresses, pictures
from etl.site.releases import Government, Release, Term
from etl.site.stories import Story, quarter_name, short, stories, year_name
from etl.site.words import rate, sentence, size, won, words

_OPENING = 3
_SCOPES = {"field": "분야", "department": "부서"}
_MOST_CHANGES = 6


def pages(government: Government) -> dict[str, bytes]:
    """Return every page of a government by its path."""
    writer = _Writer(government)
    made = dict(_whole(writer, government))
    for term in government.terms:
        made.update(_of_term(writer, term))
    return made


class _Writer:
    """Renders a template as the page at a path, with what every page of a government needs."""

    def __init__(self, government: Government) -> None:
        self.shared = {
            "government": government,
            "term": government.term,
            "newest": government.newest,
            "words": words(),
            "word": word_of(filter(is_period, government.by_quarter)),
        }

    def __call__(self, path: str, template: str, **told: Any) -> tuple[str, bytes]:
        context = {**self.shared, **told, "to": partial(addresses.link, path), "here": path}
        return path, _environment().get_template(template).render(context).encode()


def _whole(write: _Writer, government: Government) -> Iterator[tuple[str, bytes]]:
    term, newest = government.term, government.newest
    yield write("index.html", "index.html.j2", **(_front(term) if term else {}))
    yield write("quarters.html", "quarters.html.j2")
    yield write("method.html", "method.html.j2", measures=measures(), printed=_printed(government))
    yield write("data.html", "data.html.j2", tables=_tables(newest))
    yield write("en.html", "en.html.j2", opening=_opening(newest) if newest else [],
                measures=measures())  # fmt: skip
    for quarter_id, revisions in government.by_quarter.items():
        held = next((one for one in revisions if one.holds), None)
        of_term = held and government.term_of(held)
        yield write(
            addresses.quarter_page(quarter_id), "quarter.html.j2", quarter_id=quarter_id,
            revisions=revisions, held=held, figures=_figures(held) if held else [],
            earlier=of_term.before(held) if of_term and held else None,
        )  # fmt: skip


def _of_term(write: _Writer, term: Term) -> Iterator[tuple[str, bytes]]:
    told = stories(term)
    listed = [story for story in told.values() if story.is_current]
    yield write(
        addresses.pledge_list(term.number), "pledges.html.j2", of_term=term, stories=listed,
        gone=[story for story in told.values() if not story.is_current], choices=_choices(listed),
    )  # fmt: skip
    for place, story in enumerate(listed):
        around = (listed[place - 1] if place else None, *listed[place + 1 : place + 2])
        yield _pledge(write, term, story, around)
    for story in told.values():
        if not story.is_current:
            yield _pledge(write, term, story, (None,))
    for kind in _SCOPES:
        for scope_id, name in term.newest.scopes(kind):
            yield _scope(write, term, told, kind, scope_id, name)
    for release in term.releases:
        yield _changed(write, term, release, told)


def _pledge(
    write: _Writer, term: Term, story: Story, around: Sequence[Story | None]
) -> tuple[str, bytes]:
    before, after = (*around, None)[:2]
    members = [row for row in story.release.of_pledge("members", story.id)
               if row.scope_type == "department"]  # fmt: skip
    return write(
        addresses.pledge_page(term.number, story.id), "pledge.html.j2", of_term=term, story=story,
        before=before, after=after, departments=members,
    )  # fmt: skip


def _changed(
    write: _Writer, term: Term, release: Release, told: Mapping[str, Story]
) -> tuple[str, bytes]:
    before, changes = term.before(release), _changes(release, told)
    figures = _figure_changes(release, measures().headlines)
    amounts = _figure_changes(release, measures().amounts)
    against = next(iter([*(row for row, _ in changes), *figures, *amounts]), None)
    return write(
        addresses.changes_page(release.quarter_id), "changes.html.j2", release=release,
        of_term=term, before=before, told=told, changes=changes, figures=figures,
        amounts=amounts, against=against and quarter_name(against.against_quarter_id),
        decisions=release.decided_since(before.day) if before else [],
        done=[(row, texts) for row in release.rows("pledges")
              if (texts := told[row.pledge_id].new_in(release, row))],
    )  # fmt: skip


def _scope(
    write: _Writer, term: Term, told: Mapping[str, Story], kind: str, scope_id: str, name: str
) -> tuple[str, bytes]:
    release = term.newest
    found = [told[row.pledge_id] for row in release.rows("members")
             if (row.scope_type, row.scope_id) == (kind, scope_id)]  # fmt: skip
    codes = [code for code in measures().opening if release.figure(code, kind, scope_id)]
    figures = [release.figure(code, kind, scope_id) for code in codes]
    return write(
        addresses.scope_page(kind, term.number, scope_id), "scope.html.j2", of_term=term,
        kind=kind, name=name, stories=found,
        counts=release.counts(kind, scope_id),
        figures=[figure for figure in figures if not figure.no_value_reason],
    )  # fmt: skip


# -- what pages tell ------------------------------------------------------------------------------


def _front(term: Term) -> dict[str, Any]:
    release, told = term.newest, stories(term)
    changes = _changes(release, told)
    return {
        "opening": _opening(release),
        "changes": changes[:_MOST_CHANGES],
        "change_count": len(changes),
        "before": term.before(release),
        "unreported_count": len(release.unreported),
        "scopes": [(kind, name, release.scopes(kind)) for kind, name in _SCOPES.items()],
    }


def _opening(release: Release) -> list[Any]:
    """Return the figures that a start page says, the first that have a value."""
    found = (release.figure(code) for code in measures().opening)
    return [one for one in found if one is not None and not one.no_value_reason][:_OPENING]


def _figures(release: Release) -> list[Any]:
    """Return the figures of all pledges that say something in a sentence."""
    found = (release.figure(code) for code in measures().headlines)
    return [figure for figure in found if figure is not None and _is_said(release, figure)]


def _is_said(release: Release, figure: Any) -> bool:
    """Tell whether any pledge has what a figure counts by."""
    column = measures().figures[figure.figure_code].said_by
    return not column or any(getattr(row, column) is not None for row in release.rows("pledges"))


def _changes(release: Release, told: Mapping[str, Story]) -> list[tuple[Any, Story | None]]:
    """Return what a release says of pledges against the last published quarter.

    What came in, left or got another status stands first; then what its rate moved, then money.
    """
    rows = [row for row in release.rows("pledge_changes") if row.basis == "지난 발표"]
    rows.sort(key=_weight)
    return [(row, told.get(row.pledge_id)) for row in rows]


def _weight(row: Any) -> tuple[bool, bool]:
    is_other = row.difference_kind != "바뀜" or row.status_name_before != row.status_name_after
    return not is_other, row.declared_rate_pct_before == row.declared_rate_pct_after


def _figure_changes(release: Release, codes: Collection[str]) -> list[Any]:
    """Return those of some figures of all pledges that moved since the last published quarter."""
    return [
        row
        for row in release.rows("figure_changes")
        if (row.basis, row.scope_type) == ("지난 발표", "all") and row.figure_code in codes
    ]


def _printed(government: Government) -> list[tuple[Release, Sequence[Any]]]:
    """Return what was printed of every quarter that holds, the newest first."""
    held = (one for one in reversed(government.releases) if one.holds)
    return [(one, one.rows("printed_values")) for one in held if one.rows("printed_values")]


def _tables(newest: Release | None) -> list[tuple[str, str]]:
    there = {*newest.tables, "release"} if newest else set()
    return [(name, what) for name, what in words().tables.items() if name in there]


def _choices(told: Sequence[Story]) -> list[tuple[str, str, list[str]]]:
    """Return by what the list of pledges can be narrowed: key, label and values."""
    keys = (("status", "추진상황", "status_name"), ("field", "분야", "field_name"),
            ("department", "부서", "department_name"))  # fmt: skip
    return [
        (key, label, list(dict.fromkeys(
            getattr(story.row, name) for story in told if getattr(story.row, name)
        )))
        for key, label, name in keys
    ]  # fmt: skip


# -- templates ------------------------------------------------------------------------------------


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("etl.site"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(
        status_colours=STATUS, amount_colours=AMOUNT, sentence=sentence, won=won, rate=rate,
        size=size, million=_million, short=short, quarter_name=quarter_name, pictures=pictures,
        addresses=addresses, source_words=_source_words(), parts_of=_part, signed=_signed,
        status_names=code_names("status"), verdict_names=code_names("published_verdict"),
    )  # fmt: skip
    for kind in ("css", "js"):
        source = environment.get_template(f"site.{kind}").render()
        digest = b64encode(sha256(source.encode()).digest()).decode()
        environment.globals[kind] = source
        environment.globals[f"{kind}_hash"] = f"'sha256-{digest}'"
    return environment


def _source_words() -> dict[str, str]:
    names = code_names("funding_source")
    return {names[code]: told for code, told in words().sources.items()}


def _part(cell: Any) -> str:
    """Return what a cell says something of, in words."""
    if cell.fiscal_year:
        source = code_names("funding_source").get(cell.funding_source_code, "")
        return f"{source} {year_name(cell.fiscal_year)}"
    counts = {*cell.numerator_of, *cell.denominator_of}
    if "S2" in counts:
        return "세부사업의 추진상황"
    if "GRADE_SHARE" in counts:
        return "평가등급"
    return "이행률" if "R1" in counts else "추진상황과 목표"


def _signed(change: Any, beside: str) -> str:
    """Return a change with its sign and the decimals of the value that stands beside it."""
    return "" if change is None else signed(Decimal(change), len(beside.partition(".")[2]))


def _million(amount: Any) -> str:
    return "" if amount is None else f"{million(Decimal(amount)):,}"
