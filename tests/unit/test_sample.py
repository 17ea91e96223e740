"""The samples agree with themselves, and what they say is typed where an officer would type it."""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from etl.demo.play import Play, Sent, boryeong, garam, write_register, write_sent
from tests.factories import cell_of, return_workbook


@pytest.fixture(params=[boryeong, garam], ids=["boryeong", "garam"])
def play(request: pytest.FixtureRequest) -> Play:
    return request.param()


def test_the_published_rates_follow_from_the_published_rows():
    # 65 rows add up to 5048: 5048 / 65 = 77.66 → 77.7, as the city printed.
    play = boryeong()
    rates = {
        row["공약번호"]: Decimal(str(row["이행률(%)"]))
        for sent in play.quarters[0].sent
        for row in sent.cells["공약현황"]
    }
    fields = {row["공약번호"]: row["분야"] for row in play.register["공약"]}
    assert sum(rates.values()) == 5048
    printed = [row for row in play.register["공표값"] if row["지표코드"] == "R1"]
    assert len(printed) == 8
    for row in printed:
        own = [rate for key, rate in rates.items() if row["범위"] in (None, fields[key])]
        mean = sum(own) / len(own)
        assert str(mean.quantize(Decimal("0.1"), ROUND_HALF_UP)) == row["값"], row["범위"]


def test_the_published_statuses_are_the_counted_ones():
    rows = [row for sent in boryeong().quarters[0].sent for row in sent.cells["공약현황"]]
    assert Counter(row["추진상황"] for row in rows) == {"완료": 38, "추진중": 27}


def test_every_pledge_has_a_department_and_every_file_a_sender(play: Play):
    departments = {row["부서코드"] for row in play.register["부서"]}
    assert {row["주관부서코드"] for row in play.register["공약"]} <= departments
    assert {
        sent.department_code for quarter in play.quarters for sent in quarter.sent
    } <= departments


def test_file_names_and_pledges_are_unique(play: Play):
    names = [sent.file_name for quarter in play.quarters for sent in quarter.sent]
    pledges = [row["공약번호"] for row in play.register["공약"]]
    assert len(set(names)) == len(names)
    assert len(set(pledges)) == len(pledges)


def test_made_up_data_say_so():
    assert "가상" in garam().government_name


def test_the_register_is_written_by_the_forms_headers(play: Play, tmp_path: Path):
    book = load_workbook(write_register(play, tmp_path / "register.xlsx"))
    rows = list(book["공약"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert rows == [(7, row["공약번호"]) for row in play.register["공약"]]


def test_the_same_play_gives_the_same_bytes(play: Play, tmp_path: Path):
    first = write_register(play, tmp_path / "a.xlsx").read_bytes()
    assert write_register(play, tmp_path / "b.xlsx").read_bytes() == first


def _sent(cells: dict[str, list[dict[str, object]]], *, is_truncated: bool = False) -> Sent:
    return Sent(garam().registered_at, "D01", "sent.xlsx", cells, is_truncated)


def test_cells_are_typed_on_the_line_that_holds_them(tmp_path: Path):
    invitation = return_workbook(tmp_path / "in.xlsx", budget=[{"재원": None}])
    cells = {
        "공약현황": [{"공약번호": "1-1", "이행률(%)": 75}],
        "예산": [
            {"공약번호": "1-1", "세부사업": "본사업", "재원": "구비", "2021 집행액": 3},
            {"공약번호": "1-1", "세부사업": "본사업", "재원": "시비", "2021 집행액": 4},
        ],
    }
    path = write_sent(_sent(cells), invitation, tmp_path / "sent.xlsx")
    # 예산 has its headers in row 2: the line without 재원 is row 3, the second source goes below.
    assert cell_of(path, ("1-1", "본사업", "구비"), "2021 집행액", sheet="예산") == "L3"
    assert cell_of(path, ("1-1", "본사업", "시비"), "2021 집행액", sheet="예산") == "L4"
    book = load_workbook(path)
    assert (book["예산"]["L3"].value, book["예산"]["L4"].value) == (3, 4)
    assert book["공약현황"]["D3"].value == 75


def test_a_truncated_file_is_half_a_file(tmp_path: Path):
    invitation = return_workbook(tmp_path / "in.xlsx")
    whole = write_sent(_sent({}), invitation, tmp_path / "whole.xlsx").stat().st_size
    half = write_sent(_sent({}, is_truncated=True), invitation, tmp_path / "half.xlsx")
    assert half.stat().st_size == whole // 2
