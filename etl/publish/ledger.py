"""Money by line and by source, spread over the years: 예산 and 공약가계부 as DataFrames.

Amounts are exact: whole won (Int64), summed before they are shown in 백만원.
"""

from collections.abc import Sequence
from decimal import Decimal

import pandas

from etl.form import code_names
from etl.publish.columns import CENTER, NUMBER, TEXT, ShownColumn
from etl.publish.publication import Publication
from etl.shown import million

YEAR_NAMES = {"pre_term": "기투자", "post_term": "임기후"}
MEASURE_NAMES = {"plan_krw": "계획액", "secured_krw": "확보액", "executed_krw": "집행액"}
_LINE = ["pledge_id", "subproject_name", "funding_source_code"]
_ALL = ""  # every pledge, or every source


def budget_lines(publication: Publication) -> pandas.DataFrame:
    """One row per pledge × sub-project × source, the columns those of `budget_columns`."""
    wide = _by_year(publication, _money(publication), _LINE)
    pledges = {row.pledge_id: row for row in publication.pledges}
    told = wide.index.to_frame(index=False)
    told.insert(1, "pledge_name", [pledges[one].pledge_name for one in told.pledge_id])
    told.insert(2, "department_name", [pledges[one].department_name for one in told.pledge_id])
    told["funding_source_code"] = told.funding_source_code.map(source_name)
    return pandas.concat([told, wide.reset_index(drop=True)], axis=1)


def ledger_lines(publication: Publication) -> pandas.DataFrame:
    """One row per pledge × source and one of each sum, the columns those of `ledger_columns`.

    The sum of all pledges and its sources come first.
    """
    money = _money(publication)
    of_all, of_sources = {"pledge_id": _ALL}, {"funding_source_code": _ALL}
    lines = pandas.concat(
        [money.assign(**of_all, **of_sources), money.assign(**of_all), money.assign(**of_sources),
         money],
        ignore_index=True,
    )  # fmt: skip
    pledges: list[str] = money.pledge_id.unique().tolist()
    orders = {"pledge_id": pledges, "funding_source_code": _sources(money)}
    for key, order in orders.items():
        lines[key] = pandas.Categorical(lines[key], [_ALL, *order], ordered=True)
    wide = _by_year(publication, lines, [*orders], sort=True)
    names = {row.pledge_id: row.pledge_name for row in publication.pledges}
    told = wide.index.to_frame(index=False).astype(object)
    told.insert(1, "pledge_name", [names.get(one, "모든 공약") for one in told.pledge_id])
    told["pledge_id"] = told.pledge_id.replace(_ALL, "전체")
    told["funding_source_code"] = told.funding_source_code.replace(_ALL, "계").map(source_name)
    return pandas.concat([told, wide.reset_index(drop=True)], axis=1)


def _money(publication: Publication) -> pandas.DataFrame:
    columns = [*_LINE, "fiscal_year", *MEASURE_NAMES]
    rows = [[getattr(row, name) for name in columns] for row in publication.budget]
    frame = pandas.DataFrame(rows, columns=columns, dtype=object)
    return frame.astype(dict.fromkeys(MEASURE_NAMES, "Int64"))


def _sources(money: pandas.DataFrame) -> list[str]:
    present = set(money.funding_source_code)
    known = [code for code in code_names("funding_source") if code in present]
    return [*known, *sorted(present.difference(known))]


def _by_year(
    publication: Publication, money: pandas.DataFrame, keys: list[str], sort: bool = False
) -> pandas.DataFrame:
    """Return the sums of lines over all years and of each year, in 백만원; None where none is."""
    measures = list(MEASURE_NAMES)
    whole = money.groupby(keys, sort=sort, observed=True)[measures].sum()
    years = money.groupby([*keys, "fiscal_year"], sort=False, observed=True)[measures].sum()
    spread = years.unstack("fiscal_year").reindex(index=whole.index)
    made = {header: whole[measure] if year is None else spread[measure, year]
            for header, measure, year in _amounts(fiscal_years(publication))}  # fmt: skip
    # Decimals only where they are shown: pandas sums whole won exactly, and Decimals as floats.
    shown = {header: [None if pandas.isna(won) else million(Decimal(int(won))) for won in amounts]
             for header, amounts in made.items()}  # fmt: skip
    return pandas.DataFrame(shown, index=whole.index, dtype=object)


def budget_columns(publication: Publication) -> list[ShownColumn]:
    """Return the columns of 예산: three sums, then three amounts for every fiscal year."""
    return [
        ShownColumn("공약번호", 11, look=TEXT),
        ShownColumn("공약명", 30),
        ShownColumn("주관부서", 14),
        ShownColumn("세부사업", 26),
        ShownColumn("재원", 20, look=CENTER),
        *_amount_columns(publication),
    ]


def ledger_columns(publication: Publication) -> list[ShownColumn]:
    """Return the columns of 공약가계부: pledge, source, then as in 예산."""
    return [
        ShownColumn("공약번호", 11),
        ShownColumn("공약명", 34),
        ShownColumn("재원", 20, look=CENTER),
        *_amount_columns(publication),
    ]


def source_name(code: str) -> str:
    """Return the Korean name of a canonical source; what is none stays as it is."""
    return code_names("funding_source").get(code, code)


def fiscal_years(publication: Publication) -> list[str]:
    """Return the years that have money: pre_term, then years, post_term last."""
    order = {"pre_term": 0, "post_term": 2}
    return sorted(
        {row.fiscal_year for row in publication.budget}, key=lambda year: (order.get(year, 1), year)
    )


def _amount_columns(publication: Publication) -> list[ShownColumn]:
    headers = _amounts(fiscal_years(publication))
    return [ShownColumn(header, 11, look=NUMBER) for header, *_ in headers]


def _amounts(years: Sequence[str]) -> list[tuple[str, str, str | None]]:
    """Return header, measure and year of every amount of a line; no year is all of them."""
    whole = [(f"합계\n{name}", measure, None) for measure, name in MEASURE_NAMES.items()]
    return whole + [
        (header, measure, year) for year in years for measure, header in _year_headers(year).items()
    ]


def _year_headers(year: str) -> dict[str, str]:
    if year in YEAR_NAMES:
        return {"plan_krw": YEAR_NAMES[year]}
    return {measure: f"{year}\n{name}" for measure, name in MEASURE_NAMES.items()}
