"""Money whose table has no source: loaded whole, told by name, and a source of its own in figures."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from etl import pipeline
from etl.documents.blocks import Block
from etl.figures import FigureRow, compute
from etl.figures.pledges import QuarterAsOf
from etl.pipeline.releases import Decision
from etl.quarter import SEOUL, Quarter
from etl.warehouse import analyst_query, transaction
from tests.card_documents import as_hwpx, card_file
from tests.card_factory import with_rows
from tests.evidence import require_cells
from tests.factories import GOVERNMENT, money_headers, register_workbook, return_workbook
from tests.flow.test_collect import rate

BEFORE = datetime(2021, 10, 5, 10, 0, tzinfo=SEOUL)
FIRST = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
DAY = timedelta(days=1)
PLEDGES = (
    {"공약번호": "나눔-3", "공약명": "동네 쉼터 열 곳 만들기", "완료연도": 2022},
    {"공약번호": "1-1"},
)
NO_SOURCE = {"예산": [header for header in money_headers() if header != "재원"]}
UNSTATED = "funding_source:NOT_STATED"


@pytest.fixture
def office(home: Path) -> Path:
    book = register_workbook(home / "register.xlsx", pledges=PLEDGES, subprojects=())
    pipeline.register(str(book), at=datetime(2021, 1, 4, 9, tzinfo=SEOUL))
    return home


def collect(path: Path, at: datetime) -> dict[str, Any]:
    """Take a file in that is accepted; return what was found in it, by rule."""
    facts = pipeline.collect([str(path)], at=at)
    assert facts.accepted == 1, pipeline.findings_of(facts.submission_ids)
    return {found.rule_id: found for found in pipeline.findings_of(facts.submission_ids)}


def years_alone(blocks: Sequence[Block]) -> bytes:
    """A card whose money stands by year alone, as four governments publish it."""
    table = [
        ["연도", "확보액", "집행액"],
        ["2020", "20", "15"],
        ["2021", "30", "4.5"],
    ]
    return as_hwpx(with_rows(blocks, 3, table))


def shown(code: str, scope: str, at: datetime = FIRST + DAY) -> str:
    (row,) = scoped(code, scope, at)
    return row.shown


def scoped(code: str, scope: str, at: datetime = FIRST + DAY) -> list[FigureRow]:
    kind, _, name = scope.partition(":")
    found = pipeline.figures("2021Q4", GOVERNMENT, at, code, kind)
    return [row for row in found if row.scope_id == name]


@pytest.mark.slow
def test_what_has_no_source_is_a_source_of_its_own_from_file_to_release(office: Path) -> None:
    # Of 1-1 before: 구비 6 and 국비 4 in 2020, 9 of them spent. Now 10, 9 and 40, 12 without a source.
    collect(
        return_workbook(
            office / "q3.xlsx", quarter="2021Q3", progress=[rate("1-1", 40)],
            budget=[{"2020 확보액": 6, "2020 집행액": 6},
                    {"재원": "국비", "2020 확보액": 4, "2020 집행액": 3}],
        ),
        BEFORE,
    )  # fmt: skip
    path = return_workbook(
        office / "now.xlsx", progress=[rate("1-1", 60)], headers=NO_SOURCE,
        budget=[{"2020 확보액": 10, "2020 집행액": 9, "2021 확보액": 40, "2021 집행액": 12}],
    )  # fmt: skip
    found = collect(path, FIRST)
    # Nothing fell, no past year changed; the other pledge (C-04) comes as a card.
    assert set(found) == {"B-19", "C-04"}
    assert (found["B-19"].level, found["B-19"].sheet_name) == ("inform", "예산")
    assert "'재원' 열이 없어" in found["B-19"].message
    found = collect(card_file(office / "card.hwpx", write=years_alone), FIRST)
    assert "B-19" in found
    # secured 20+30+10+40 = 100, spent 15+4.5+9+12 = 40.5; of 2021 70 and 16.5
    for scope in ("all", UNSTATED):
        assert shown("SECURED", scope) == "100,000,000"
        assert shown("EXECUTED", scope) == "40,500,000"
        assert shown("B3", scope) == "40.50"
        assert shown("B6", scope) == "23.6"  # 16.5 / 70 = 23.571
    assert scoped("B1", "funding_source:OTHER") == []
    with transaction() as connection:
        compute(connection, QuarterAsOf(GOVERNMENT, Quarter(2021, 4), FIRST + DAY))
        require_cells(connection, GOVERNMENT, Quarter(2021, 4), FIRST + DAY)
    pipeline.report("2021Q4", GOVERNMENT, FIRST + DAY)
    _, rows = analyst_query(
        "SELECT DISTINCT funding_source_code, funding_source_name FROM mart.pledge_budget"
        " WHERE quarter_id = '2021Q4'"
    )
    assert [tuple(row) for row in rows] == [("NOT_STATED", "재원 미기재")]


@pytest.mark.slow
def test_a_release_without_sources_is_traced_and_derived_again(office: Path) -> None:
    path = return_workbook(
        office / "now.xlsx", progress=[rate("1-1", 60)], headers=NO_SOURCE,
        budget=[{"2021 확보액": 40, "2021 집행액": 12}],
    )  # fmt: skip
    collect(path, FIRST)
    collect(card_file(office / GOVERNMENT / "2021Q4" / "card.hwpx", write=years_alone), FIRST)
    decision = Decision("과장", FIRST + DAY)
    released = pipeline.release("2021Q4", GOVERNMENT, decision)
    assert released
    values = pipeline.trace("2021Q4", GOVERNMENT, FIRST + DAY, "B6", UNSTATED).values
    told = {(v.pledge_id, v.part, v.cell, v.as_written, v.value) for v in values}
    assert told == {
        ("1-1", "denominator", "J3", "40", 40_000_000),
        ("1-1", "numerator", "K3", "12", 12_000_000),
        ("나눔-3", "denominator", "표3 3행2열", "30", 30_000_000),
        ("나눔-3", "numerator", "표3 3행3열", "4.5", 4_500_000),
    }
    assert pipeline.verify("2021Q4", GOVERNMENT).differences == []
    (folder,) = (office / "published").rglob("취합.xlsx")
    ledger = load_workbook(folder)["예산"]
    assert {"재원 미기재"} <= {cell.value for row in ledger.iter_rows() for cell in row}


@pytest.mark.slow
def test_an_invited_return_brings_it_back_and_offers_it_nobody_else(office: Path) -> None:
    path = return_workbook(
        office / "q3.xlsx", quarter="2021Q3", progress=[rate("1-1", 40)],
        headers={"예산": [h for h in money_headers("2021Q3") if h != "재원"]},
        budget=[{"2021 확보액": 40}],
    )  # fmt: skip
    collect(path, BEFORE)
    pipeline.invite("2021Q4", GOVERNMENT, at=FIRST, with_cards=True)
    outbox = office / "outbox" / "2021Q4" / GOVERNMENT
    (invited,) = outbox.rglob("*.xlsx")
    sheet = load_workbook(invited)["예산"]
    row = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "1-1")
    assert row[3] == "재원미기재"
    assert "B-03" not in collect(invited, FIRST)
    assert shown("SECURED", UNSTATED) == "40,000,000"
    # The card says it in its own column of sources.
    card = next(path for path in outbox.rglob("*.hwpx") if "1-1" in path.name)
    assert not {"B-03", "B-19"} & set(collect(card, FIRST + DAY))
    assert shown("SECURED", UNSTATED) == "40,000,000"
