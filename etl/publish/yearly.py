"""The yearly tables as the Manifesto centre asks for them: as of 12-31, two decimals.

The six statuses it knows have a column each; pledges in any other state are counted beside them, so
that a row always adds up to its pledges.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas

from etl.form import code_names
from etl.publish.columns import CENTER, NUMBER, ShownColumn
from etl.publish.pivots import rated_counts
from etl.publish.publication import Publication
from etl.shown import half_up, million

MANIFESTO_STATUSES = [
    "COMPLETED", "COMPLETED_ONGOING", "ON_TRACK", "BEHIND", "ON_HOLD", "DROPPED",
]  # fmt: skip
_DECIMALS = 2
OfScope = Mapping[str, Any]  # the figures of one scope, by code


def status_lines(publication: Publication) -> pandas.DataFrame:
    """One row of the whole, then one per field, the columns those of `status_columns`."""
    return rated_counts(publication, ("all", "field"), ["R2", "R3"], _rate, MANIFESTO_STATUSES)


def status_columns() -> list[ShownColumn]:
    """Return the columns of 연말 이행: field, pledges, pledges by status, two rates."""
    names = code_names("status")
    return [
        ShownColumn("분야", 24),
        ShownColumn("총 공약", 9, look=NUMBER),
        *(ShownColumn(names[code], 11, look=NUMBER) for code in MANIFESTO_STATUSES),
        ShownColumn("그 밖", 9, look=NUMBER),
        ShownColumn("이행완료율\n(%)", 12, look=NUMBER),
        ShownColumn("목표달성률\n(%)", 12, look=NUMBER),
    ]


def money_lines(publication: Publication) -> list[OfScope]:
    """Return the figures of all money, then those of every source that has money."""
    sources = [("funding_source", code) for code in code_names("funding_source")]
    lines = [publication.of_scope(*scope) for scope in (("all", ""), *sources)]
    return [line for line in lines if "PLAN" in line]


def _rate(figure: Any) -> Decimal | str:
    """Return a rate with two decimals, half-up; the text that stands for none."""
    is_told = figure.value_pct is None
    return figure.shown if is_told else half_up(figure.value_pct, _DECIMALS)


def _rate_column(header: str, code: str) -> ShownColumn:
    def value(line: OfScope) -> Decimal | str | None:
        return _rate(line[code]) if code in line else None

    return ShownColumn(header, 12, value, NUMBER)


def _money_column(header: str, code: str, part: str = "numerator") -> ShownColumn:
    """Return a column of one part of a figure, in 백만원."""
    return ShownColumn(
        header, 13, lambda line: million(getattr(line.get(code), part, None)), NUMBER
    )


def _source(line: OfScope) -> str:
    return code_names("funding_source").get(line["PLAN"].scope_id, "계")


MONEY_COLUMNS = (
    ShownColumn("재원", 20, _source, CENTER),
    _money_column("총계\n계획액", "PLAN"),
    _money_column("총계\n확보액", "SECURED"),
    _money_column("총계\n집행액", "EXECUTED"),
    _rate_column("재정확보율\n(%)", "B1"),
    _money_column("임기내\n계획액", "B2", "denominator"),
    _money_column("임기내\n확보액", "B2"),
    _money_column("임기내\n집행액", "B3"),
    _rate_column("재정확보율\n임기내(%)", "B2"),
    _rate_column("집행률\n임기내(%)", "B3"),
)
