"""예산현액 and 지출액, as account tables name them: asked about, then figures, worked out by hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl import pipeline
from etl.documents.blocks import Block
from etl.pipeline.releases import Decision
from etl.quarter import SEOUL
from tests.card_documents import as_hwpx, card_file
from tests.card_factory import with_rows
from tests.factories import GOVERNMENT, register_workbook, return_workbook
from tests.flow.test_collect import rate

FIRST = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
DAY = timedelta(days=1)
PLEDGES = (
    {"공약번호": "나눔-3", "공약명": "동네 쉼터 열 곳 만들기", "완료연도": 2022},
    {"공약번호": "1-1"},
)
HEADERS = {"예산": ["공약번호", "세부사업", "재원", "2020 예산현액", "2020 지출액", "2021 예산현액",
                    "2021 지출액"]}  # fmt: skip
MONEY = {"2020 예산현액": 20, "2020 지출액": 18.5, "2021 예산현액": "40", "2021 지출액": 12}
REASON = "이월액이 없어 예산현액과 예산액이 같음"


@pytest.fixture
def office(home: Path) -> Path:
    book = register_workbook(home / "register.xlsx", pledges=PLEDGES, subprojects=())
    pipeline.register(str(book), at=datetime(2021, 1, 4, 9, tzinfo=SEOUL))
    return home


def collect(path: Path, at: datetime) -> tuple[int, dict[str, str | None]]:
    facts = pipeline.collect([str(path)], at=at)
    found = pipeline.findings_of(facts.submission_ids)
    return facts.accepted, {one.rule_id: one.cell for one in found}


def sent(path: Path, **line: Any) -> Path:
    return return_workbook(
        path, headers=HEADERS, progress=[rate("1-1", 60, **line)], budget=[MONEY]
    )


def account_table(blocks: Sequence[Block]) -> bytes:
    table = [
        ["세부사업", "재원", "2021 예산현액", "2021 지출액", "2021 예산액"],
        ["쉼터", "구비", "36", "9", "30"],
    ]
    return as_hwpx(with_rows(blocks, 3, table))


def shown(code: str, at: datetime = FIRST + DAY) -> str:
    (row,) = pipeline.figures("2021Q4", GOVERNMENT, at, code, "all")
    return row.shown


@pytest.mark.slow
def test_a_budget_counts_once_somebody_says_that_nothing_is_carried_over(office: Path) -> None:
    accepted, found = collect(sent(office / "a.xlsx"), FIRST)
    assert accepted == 0  # 20 + 40 could be 20 + (20 + 20 carried over)
    assert found["D-11"] in ("D3", "F3")
    assert shown("SECURED", FIRST) == "0"
    accepted, found = collect(sent(office / "b.xlsx", 정정사유=REASON), FIRST + DAY)
    assert (accepted, "D-11" in found) == (1, True)
    assert (shown("SECURED"), shown("EXECUTED")) == ("60,000,000", "30,500,000")
    assert shown("B5") == "50.8"  # 30.5 / 60 = 50.83
    assert shown("B6") == "30.0"  # 12 / 40
    told = {
        (v.part, v.cell, v.as_written, v.value)
        for v in pipeline.trace("2021Q4", GOVERNMENT, FIRST + DAY, "B6", "all").values
    }
    assert told == {("denominator", "F3", "40", 40_000_000), ("numerator", "G3", "12", 12_000_000)}


@pytest.mark.slow
def test_a_budget_beside_what_was_voted_is_compared_and_never_added(office: Path) -> None:
    # 예산현액 36 = 30 voted + 6 carried over, whichever form says so.
    accepted, found = collect(card_file(office / "card.hwpx", write=account_table), FIRST)
    assert (accepted, found["D-12"], "D-11" in found) == (1, "표3 2행3열", False)
    assert (shown("SECURED"), shown("B6")) == ("30,000,000", "30.0")  # 9 / 30
    book = return_workbook(
        office / "book.xlsx", progress=[rate("1-1", 60)],
        headers={"예산": ["공약번호", "세부사업", "재원", "2021 예산현액", "2021 지출액", "2021 예산액"]},
        budget=[{"2021 예산현액": 36, "2021 지출액": 6, "2021 예산액": 30}],
    )  # fmt: skip
    accepted, found = collect(book, FIRST)
    assert (accepted, found["D-12"], "D-11" in found) == (1, "D3", False)
    assert (shown("SECURED"), shown("B6")) == ("60,000,000", "25.0")  # (9 + 6) / (30 + 30)


@pytest.mark.slow
def test_a_release_of_budgets_is_derived_again(office: Path) -> None:
    assert collect(sent(office / "b.xlsx", 정정사유=REASON), FIRST)[0] == 1
    place = office / GOVERNMENT / "2021Q4" / "card.hwpx"
    assert collect(card_file(place, write=account_table), FIRST)[0] == 1
    pipeline.release("2021Q4", GOVERNMENT, Decision("과장", FIRST + DAY))
    assert shown("B6") == "30.0"  # (12 + 9) / (40 + 30)
    assert pipeline.verify("2021Q4", GOVERNMENT).differences == []
