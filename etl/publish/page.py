"""보고서.html and 변동.html: each one self-contained file, read on a phone, a screen or paper.

Nothing is fetched from anywhere: styles, pictures and the few lines of script stand in the file,
and its content security policy allows nothing else. Without scripts all of it can still be read.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from etl.logs import log
from etl.measures import Measure, measures
from etl.office.pdf import print_pdf
from etl.palette import status_css
from etl.period import word_of
from etl.problems import GongyakError
from etl.publish.charts import Chart, history_chart, money_chart, status_chart
from etl.publish.columns import ShownColumn, lines, shown_with_unit
from etl.publish.deeds import deeds
from etl.publish.movement import comparisons
from etl.publish.publication import Publication
from etl.publish.tables import ShownSheet, tables
from etl.quarter import SEOUL
from etl.shown import half_up, million, signed

REPORT_NAME, PDF_NAME, CHANGES_NAME = "보고서.html", "보고서.pdf", "변동.html"
# What of a table's columns the page shows; a table that is not named shows all.
_SHOWN = {
    "공약현황": (
        "공약번호", "공약명", "분야", "주관부서", "추진상황", "이행률(%)", "목표달성", "평가등급",
        "완료시기",
        "완료연도", "보고 상태", "계획액\n(백만원)", "확보액\n(백만원)", "집행액\n(백만원)",
    ),
}  # fmt: skip
_CODE = "지표 코드"
_PLEDGE_SCOPES = ("field", "department", "status", "due", "project_type")
_MONEY_SCOPES = ("funding_source", "fiscal_year")


@dataclass(frozen=True)
class ShownCell:
    """One cell as it is shown; `link` is the figure whose evidence it leads to."""

    text: str
    is_number: bool = False
    link: str | None = None


@dataclass(frozen=True)
class View:
    """One table as it is shown."""

    name: str
    note: str
    headers: Sequence[str]
    rows: Sequence[Sequence[ShownCell]]


def write_report(publication: Publication, folder: Path) -> Path:
    """Write 보고서.html; the same publication gives the same bytes."""
    return _write(
        folder / REPORT_NAME, "report.html.j2", _shared(publication) | _report(publication)
    )


def write_changes(publication: Publication, folder: Path) -> Path:
    """Write 변동.html: what changed since the last publication, and since the last revision."""
    return _write(folder / CHANGES_NAME, "changes.html.j2", _shared(publication))


def write_pdf(_: Publication, folder: Path) -> Path | None:
    """Print 보고서.html, which must stand there, to 보고서.pdf; None, and why in the log, without.

    A machine without a browser, or one that does not print in time, holds no release up.
    """
    try:
        print_pdf(folder / REPORT_NAME, folder / PDF_NAME)
    except GongyakError as error:
        log.warning("발표 | %s 없이 발표합니다: %s", PDF_NAME, error)
        return None
    return folder / PDF_NAME


def _write(path: Path, template: str, context: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    html = _environment().get_template(template).render(context)
    path.write_text(html, encoding="utf-8", newline="\n")
    return path


@cache
def _environment() -> Environment:
    loader = PackageLoader("etl.publish")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    for kind in ("css", "js"):
        source = loader.get_source(environment, f"page.{kind}")[0]
        source += status_css() if kind == "css" else ""
        digest = b64encode(sha256(source.encode()).digest()).decode()
        environment.globals[kind] = source
        environment.globals[f"{kind}_hash"] = f"'sha256-{digest}'"
    return environment


def _shared(publication: Publication) -> dict[str, Any]:
    """Return what every page is rendered with; a table becomes a view where it is shown."""
    return {
        "publication": publication,
        "quarter": publication.quarter.title,
        "revision": _revision(publication),
        "tables": tables(publication),
        "view": _view,
        "changes": _changes(publication),
    }


def _report(publication: Publication) -> dict[str, Any]:
    own = {str(publication.quarter)}
    return {
        "headlines": [_headline(f) for f in publication.figures if f.scope_type == "all"],
        "scopes": [_matrix(publication, scope) for scope in _PLEDGE_SCOPES],
        "money": [_matrix(publication, scope) for scope in _MONEY_SCOPES],
        "charts": _charts(publication),
        "choices": _choices(publication),
        "members": _members(publication),
        "deeds": deeds(publication),
        "method": measures().method,
        "course": word_of(own | {figure.quarter_id for figure in publication.history}),
        "reported": word_of(own | ({p.reported_quarter_id for p in publication.pledges} - {None})),
    }


def _revision(publication: Publication) -> str:
    if publication.release is None:
        return "발표하지 않음"
    moment = publication.release.decided_at.astimezone(SEOUL)
    shown = "시연, " if publication.release.is_demo else ""
    return f"{publication.release.revision}차 ({shown}{moment:%Y-%m-%d} 발표)"


def _headline(figure: Any) -> dict[str, Any]:
    measure = measures().figures[figure.figure_code]
    above, below = measure.numerator.words, measure.denominator_words
    return {
        "row": figure,
        "shown": _headline_value(figure),
        "formula": f"{above} ÷ {below}" if below else above,
        "parts": _parts(figure),
        "link": _link(figure),
    }


def _parts(figure: Any) -> str:
    if figure.denominator is None:
        return ""
    return f"{_number(figure.numerator)} ÷ {_number(figure.denominator)}"


def _headline_value(figure: Any) -> str:
    is_money = figure.figure_code in measures().amounts
    return f"{_shown(figure)} 백만원" if is_money else shown_with_unit(figure)


def _shown(figure: Any) -> str:
    is_money = figure.figure_code in measures().amounts
    return _number(million(figure.numerator) or 0) if is_money else figure.shown


def _link(figure: Any) -> str:
    return f"{figure.figure_code}/{figure.scope_type}:{figure.scope_id}"


# -- tables ---------------------------------------------------------------------------------------


def _view(table: ShownSheet) -> View:
    # Codes are for the method and the data; names say it to people.
    named = [one.header for one in table.columns if one.header != _CODE or table.name == "방법"]
    # What only some governments have is not in every table.
    headers = [one for one in _SHOWN.get(table.name, named) if one in table.frame]
    shown = table if len(headers) == len(table.columns) else table.pick(headers)
    return View(
        table.name,
        table.note,
        [column.header.replace("\n", " ") for column in shown.columns],
        [[_cell(*one) for one in line] for line in lines(shown.columns, shown.frame)],
    )


def _cell(column: ShownColumn, value: Any) -> ShownCell:
    if column.is_number and isinstance(value, int | Decimal):
        return ShownCell(_number(value), is_number=True)
    return ShownCell("" if value is None else str(value))


def _number(value: int | Decimal) -> str:
    return f"{value.normalize() if isinstance(value, Decimal) and value % 1 else int(value):,}"


def _matrix(publication: Publication, scope_type: str) -> View:
    """Return the figures of one kind of scope: a row per scope, a column per code."""
    rows = [figure for figure in publication.figures if figure.scope_type == scope_type]
    names = {figure.figure_code: figure.figure_name for figure in rows}
    codes = [code for code in measures().figures if code in names]
    body = []
    for (_, name), of_scope in groupby(rows, attrgetter("scope_id", "scope_name")):
        held = {figure.figure_code: figure for figure in of_scope}
        pledges = str(max(figure.pledge_count for figure in held.values()))
        body.append([ShownCell(name), ShownCell(pledges, is_number=True),
                      *(_figure_cell(held.get(code)) for code in codes)])  # fmt: skip
    return View(
        measures().scopes[scope_type],
        "값을 누르면 그 값이 나온 칸이 나옵니다. 비율은 %, 금액은 백만원",
        [measures().scopes[scope_type], "공약 수", *(names[code] for code in codes)],
        body,
    )


def _figure_cell(figure: Any) -> ShownCell:
    if figure is None:
        return ShownCell("")
    return ShownCell(_shown(figure), is_number=True, link=_link(figure))


def _choices(publication: Publication) -> dict[str, list[str]]:
    """Return what the list of pledges can be narrowed to: header of a column → its values."""
    columns = {"분야": "field_name", "주관부서": "department_name", "추진상황": "status_name"}
    return {
        header: list(dict.fromkeys(
            getattr(pledge, name) for pledge in publication.pledges if getattr(pledge, name)
        ))
        for header, name in columns.items()
    }  # fmt: skip


def _charts(publication: Publication) -> dict[str, Chart]:
    drawn = (
        status_chart(publication, "field", "분야별 추진상황"),
        status_chart(publication, "department", "부서별 추진상황"),
        money_chart(publication, "funding_source", "재원별 계획·확보·집행(백만원)"),
        money_chart(publication, "fiscal_year", "연도별 계획·확보·집행(백만원)"),
        history_chart(publication),
    )
    return {chart.name: chart for chart in drawn if chart is not None}


# -- evidence -------------------------------------------------------------------------------------


def _members(publication: Publication) -> dict[str, Any]:
    """Return what the script has to know: every scope with its pledges, what each figure sums."""
    held: dict[str, list[Any]] = {}
    for row in publication.members:
        held.setdefault(f"{row.scope_type}:{row.scope_id}", [row.scope_name]).append(row.pledge_id)
    for row in publication.figures:
        held.setdefault(f"{row.scope_type}:{row.scope_id}", [row.scope_name])
    return {
        "scopes": held,
        "measures": {code: _measure(one) for code, one in measures().figures.items()},
        "none": [_link(f) for f in publication.figures if f.denominator is None],
        "year": str(publication.quarter.year),
    }


def _measure(measure: Measure) -> dict[str, Any]:
    """Return how the script adds up a figure; a cell counts 1 in what counts pledges."""
    below = measure.denominator
    return {
        "name": measure.name,
        "countsAbove": measure.numerator.counts,
        "countsBelow": bool(below and below.counts),
        "ofAll": bool(below and below.of_all),
        "oneYear": measure.looks_at_one_year,
    }


# -- what moved -----------------------------------------------------------------------------------


def _changes(publication: Publication) -> list[dict[str, Any]]:
    """One entry per publication to compare with: figures of all pledges, and the pledges."""
    return [
        {
            "key": one.key,
            "title": f"{one.basis}({one.before.quarter_id} {one.before.revision}차)와 견줌",
            "figures": [move for move in one.figures if move.row.scope_type == "all"],
            "pledges": f"공약{one.what}",
            "scopes": f"지표{one.what}",
            "sum": _sum(move.contribution_pp for move in one.pledges),
        }
        for one in comparisons(publication)
    ]


def _sum(parts: Iterable[Decimal | None]) -> str | None:
    """Return what all pledges together moved R1 by; None where they do not tell."""
    known = [part for part in parts if part is not None]
    # Quotients are cut somewhere; fifteen decimals put an exact half back in its place.
    return f"{signed(half_up(sum(known, Decimal(0)), 15), 2)} %p" if known else None
