"""A term ends and the next begins in one home: 민선8기 to 2026-06-30, 9기 from 2026-07-01.

Two pledge ids of the old term come back in the new one as other pledges. Every figure is worked
out by hand:

2026Q2 (term 8, 1-1 and 1-2 and 2-1): rates 90, 70 and 100
    R1 (90 + 70 + 100) / 3 = 86.7; R2 1 / 3 = 33.33; SECURED 300 million (1-1), EXECUTED 240
2026Q3 (term 9, 1-1 and 1-2 of other names, 3-1 new): 1-1 says 5, 1-2 says 10, 3-1 says nothing
    R1 (5 + 10) / 2 = 7.5; R2 0 / 3 = 0.00; SECURED 50 million (1-1 of term 9), EXECUTED 0
Correction of 2026Q2 that comes on 2026-08-20: 1-2 was 100 and done
    R1 (90 + 100 + 100) / 3 = 96.7; R2 2 / 3 = 66.67; 2026Q3 stays as it was
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from etl.warehouse import transaction
from tests.conftest import fresh_home
from tests.factories import GOVERNMENT, money_headers, register_workbook, return_workbook
from tests.flow.shell import run

pytestmark = pytest.mark.slow

OLD, NEW = {"민선기수": 8}, {"민선기수": 9}
TERMS = (
    OLD | {"시작일": "2022-07-01", "종료일": "2026-06-30"},
    NEW | {"시작일": "2026-07-01", "종료일": "2030-06-30"},
)
PLEDGES = (
    OLD | {"공약번호": "1-1", "공약명": "작은도서관 열 곳 짓기", "완료연도": 2026},
    OLD | {"공약번호": "1-2", "공약명": "밤길 밝은 골목 만들기", "완료연도": 2026},
    OLD | {"공약번호": "2-1", "공약명": "개울 되살리기", "주관부서코드": "D02", "완료연도": 2026},
    NEW | {"공약번호": "1-1", "공약명": "어린이 병원 짓기", "완료연도": 2029},
    NEW | {"공약번호": "1-2", "공약명": "시장 주차장 넓히기", "완료연도": 2030},
    NEW | {"공약번호": "3-1", "공약명": "둘레길 잇기", "주관부서코드": "D02", "완료연도": 2030},
)
SUBPROJECTS = (
    OLD | {"공약번호": "1-1", "세부사업": "본사업"},
    NEW | {"공약번호": "1-1", "세부사업": "병원"},
)
WINDOWS = (
    {"분기": "2026Q2", "시작일": "2026-06-22", "마감일": "2026-07-10", "유예일": "2026-08-31"},
    {"분기": "2026Q3", "시작일": "2026-09-21", "마감일": "2026-10-10", "유예일": "2026-10-17"},
)
OLD_YEARS, NEW_YEARS = range(2022, 2027), range(2026, 2031)


def _sent(home: Path, name: str, term: int, quarter: str, **more: Any) -> str:
    years = OLD_YEARS if term == 8 else NEW_YEARS
    return str(
        return_workbook(
            home / name, quarter=quarter, form={"term": str(term)},
            headers={"예산": money_headers(quarter, years)}, **more,
        )
    )  # fmt: skip


def _line(pledge_id: str, rate: int, status: str = "정상추진", year: int = 2026) -> dict[str, Any]:
    return {"공약번호": pledge_id, "이행률(%)": rate, "추진상황": status, "완료연도": year}


def _collect(day: str, *files: str) -> None:
    said = run("collect", *files, "--at", day)
    assert said.code == 0, said.err
    assert "멈춤 0" in said.out, said.out + said.err


@pytest.fixture(scope="module")
def home(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("terms")
    with fresh_home(server, folder / "home") as made:
        book = register_workbook(made / "8.xlsx", terms=TERMS[:1], pledges=PLEDGES[:3],
                                 subprojects=SUBPROJECTS[:1], windows=WINDOWS[:1])  # fmt: skip
        assert run("register", str(book), "--at", "2026-01-05").code == 0
        _collect(
            "2026-07-07",
            _sent(made, "8-1.xlsx", 8, "2026Q2", progress=[_line("1-1", 90), _line("1-2", 70)],
                  budget=[{"2025 확보액": 100, "2025 집행액": 90, "2026 확보액": 200,
                           "2026 집행액": 150}]),
            _sent(made, "8-2.xlsx", 8, "2026Q2", department="D02",
                  progress=[_line("2-1", 100, "완료")]),
        )  # fmt: skip
        # The new term's register keeps the old term below it.
        both = register_workbook(made / "9.xlsx", terms=TERMS, pledges=PLEDGES,
                                 subprojects=SUBPROJECTS, windows=WINDOWS)  # fmt: skip
        assert run("register", str(both), "--at", "2026-07-15").code == 0
        _collect(
            "2026-10-08",
            _sent(made, "9-1.xlsx", 9, "2026Q3",
                  progress=[_line("1-1", 5, year=2029), _line("1-2", 10, year=2030)],
                  budget=[{"세부사업": "병원", "2026 확보액": 50, "2026 집행액": 0}]),
        )  # fmt: skip
        yield made


def _figures(quarter: str, *more: str) -> dict[str, dict[str, Any]]:
    said = run("figures", quarter, "--scope", "all", "--json", *more)
    assert said.code == 0, said.err
    return {row["figure_code"]: row for row in json.loads(said.out)}


def _shown(quarter: str, *more: str) -> tuple[str, str, str, str, str]:
    found = _figures(quarter, *more)
    money = (str(int(found[c]["numerator"]) // 1_000_000) for c in ("SECURED", "EXECUTED"))
    return found["R1"]["shown"], found["R2"]["shown"], found["R2"]["denominator"], *money


def test_the_two_quarters_stand_beside_each_other(home: Path) -> None:
    assert _shown("2026Q2", "--as-of", "2026-08-01") == ("86.7", "33.33", "3", "300", "240")
    assert _shown("2026Q3", "--as-of", "2026-10-09") == ("7.5", "0.00", "3", "50", "0")


def test_nothing_is_carried_over_into_the_new_term(home: Path) -> None:
    (r1,) = [row for code, row in _figures("2026Q3").items() if code == "R1"]
    assert (r1["reported_count"], r1["carried_forward_count"]) == ("2", "0")
    rows = run("sql", "--csv", "SELECT pledge_id, pledge_name, report_state, declared_rate_pct"
               " FROM mart.pledge_status WHERE quarter_id = '2026Q3' ORDER BY 1")  # fmt: skip
    assert rows.out.splitlines()[1:] == [
        "1-1,어린이 병원 짓기,reported,5",
        "1-2,시장 주차장 넓히기,reported,10",
        "3-1,둘레길 잇기,not_reported,",
    ]


def test_nothing_is_compared_across_the_terms(home: Path) -> None:
    rows = json.loads(run("figures", "2026Q3", "--compare", "--scope", "all", "--json").out)
    assert {row["previous_shown"] for row in rows} == {None}
    assert {row["change_pp"] for row in rows} == {None}
    findings = json.loads(
        run("check", _sent(home, "again.xlsx", 9, "2026Q3", progress=[
            _line("1-1", 3, year=2029), _line("1-2", 10, year=2030),
        ]), "--at", "2026-10-09", "--json").out
    )  # fmt: skip
    # A fall from 90 (term 8) is none; the one from 5 (this quarter's own report) is a change.
    assert "H-01" not in {finding["rule_id"] for finding in findings}


def test_the_invitation_of_the_new_term_knows_nothing_of_the_old(home: Path) -> None:
    said = run("invite", "2026Q3", "--at", "2026-09-21")
    assert said.code == 0, said.err
    book = load_workbook(next((home / "outbox" / "2026Q3" / GOVERNMENT).glob("D01_*.xlsx")))
    rows = [row[:4] for row in book["공약현황"].iter_rows(min_row=3, values_only=True) if row[0]]
    assert rows == [
        ("1-1", "어린이 병원 짓기", None, None),
        ("1-2", "시장 주차장 넓히기", None, None),
    ]
    headers = [cell.value for cell in book["예산"][2]]
    assert "2030 투자수요" in headers
    assert not [text for text in headers if text and "2025" in text]


def test_a_late_correction_of_the_old_term_still_works(home: Path) -> None:
    right = _sent(home, "8-3.xlsx", 8, "2026Q2", progress=[
        _line("1-2", 100, "완료") | {"정정사유": "준공을 확인함"}])  # fmt: skip
    _collect("2026-08-20", right)
    assert _shown("2026Q2") == ("96.7", "66.67", "3", "300", "240")
    assert _shown("2026Q3") == ("7.5", "0.00", "3", "50", "0")
    # As it was known before the correction came.
    assert _shown("2026Q2", "--as-of", "2026-08-19") == ("86.7", "33.33", "3", "300", "240")
    states = json.loads(run("status", "2026Q2", "--json", "--at", "2026-08-21").out)
    assert {row["department_code"]: row["state"] for row in states} == {
        "D01": "submitted",
        "D02": "submitted",
    }
    changed = json.loads(run("diff", "2026Q2", "--json").out)
    assert ("1-2", "70%", "100%") in {
        (one["pledge_id"], one["before_shown"], one["after_shown"]) for one in changed
    }


def test_a_register_cannot_lose_the_old_term(home: Path) -> None:
    """One that holds the new term alone would leave the reports of 2026Q2 without a term."""
    before = _shown("2026Q2"), _shown("2026Q3")
    only_new = register_workbook(home / "only9.xlsx", terms=TERMS[1:], pledges=PLEDGES[3:],
                                 subprojects=SUBPROJECTS[1:], windows=WINDOWS[1:])  # fmt: skip
    assert run("register", str(only_new), "--at", "2026-11-01").code == 1
    with transaction() as connection:
        told = connection.execute(
            text("SELECT message FROM audit.finding WHERE rule_id = 'R-35'")
        ).scalar_one()
    assert (
        "임기 시트의 민선 8기(반영된 보고가 있는 임기),"
        " 공약 시트의 민선 8기(반영된 보고가 있는 임기)" in told
    )
    assert (_shown("2026Q2"), _shown("2026Q3")) == before
