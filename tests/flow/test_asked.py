"""What a person asks for that is not there: exit 2, with what is there named in one line."""

import json
from pathlib import Path

import pytest

from etl import __version__
from tests.factories import register_workbook, return_workbook
from tests.flow.shell import run

QUARTER_COMMANDS = [
    ("status",), ("report",), ("figures",), ("figures", "--compare"), ("invite",), ("diff",),
    ("recheck",), ("trace", "R1"), ("release",), ("publish",), ("verify",),
]  # fmt: skip


def _in_place(arguments: tuple[str, ...], quarter: str) -> tuple[str, ...]:
    return arguments[0], quarter, *arguments[1:]


@pytest.mark.slow
@pytest.mark.parametrize("arguments", QUARTER_COMMANDS, ids=" ".join)
def test_an_unknown_quarter_is_refused(world: Path, arguments: tuple[str, ...]) -> None:
    # The register's only term is 2018-07-01 to 2022-06-30.
    asked = run(*_in_place(arguments, "2035Q1"))
    assert asked.code == 2
    assert asked.err.strip().splitlines()[-1] == (
        "분기 2035Q1을 모릅니다. 아무것도 바뀌지 않았습니다. 공약대장의 임기는 2018Q3~2022Q2입니다."
    )
    assert asked.out == ""


@pytest.mark.slow
def test_a_quarter_of_a_term_without_a_line_in_the_calendar_is_known(world: Path) -> None:
    assert run("status", "2019Q2").code == 0
    assert run("figures", "2022Q2").code == 0
    assert run("status", "2018Q2").code == 2  # the quarter before the term


@pytest.mark.slow
def test_a_quarter_that_only_the_calendar_names_is_known(home: Path) -> None:
    book = register_workbook(home / "register.xlsx", windows=[{"분기": "2022Q3"}])
    assert run("register", str(book), "--at", "2021-01-04").code == 0
    assert run("status", "2022Q3").code == 0


def test_an_unknown_department_is_refused_with_the_known_ones(world: Path) -> None:
    asked = run("diff", "2021Q4", "--department", "D77")
    assert asked.code == 2
    assert "부서 D77을 모릅니다." in asked.err
    assert "D01(가온과), D02(나래과), D03(다솜과) 가운데 하나" in asked.err
    assert run("diff", "2021Q4", "--department", "D01").code == 0
    waived = run("waive", "B-12", "--department", "D77", "--from", "2021Q4", "--expires",
                 "2099-12-31", "--by", "과장", "--reason", "까닭")  # fmt: skip
    assert waived.code == 2
    assert "D01(가온과), D02(나래과), D03(다솜과) 가운데 하나" in waived.err


@pytest.mark.slow
def test_an_unknown_scope_is_refused_with_the_known_ones(world: Path) -> None:
    path = return_workbook(world / "r.xlsx")
    assert run("collect", str(path), "--at", "2022-01-07").code == 0
    asked = run("trace", "2021Q4", "R1", "department:D77")
    assert asked.code == 2
    assert "department:D01" in asked.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "2021Q4", "--at", "2020-12-31"),
        ("report", "2021Q4", "--at", "2020-12-31"),
        ("invite", "2021Q4", "--at", "2020-12-31"),
        ("release", "2021Q4", "--at", "2020-12-31"),
        ("figures", "2021Q4", "--as-of", "2020-12-31"),
        ("trace", "2021Q4", "R1", "--as-of", "2020-12-31"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_moment_before_the_register_is_told_as_such(
    home: Path, arguments: tuple[str, ...]
) -> None:
    book = register_workbook(home / "register.xlsx")
    assert run("register", str(book), "--at", "2021-01-04").code == 0
    asked = run(*arguments)
    assert asked.code == 2
    assert "공약대장은 2021-01-04에 처음 기록되었습니다." in asked.err
    on_the_day = run("figures", "2021Q4", "--as-of", "2021-01-04T09:00")
    assert "2021-01-04 23:59:59에 처음 기록되었습니다." in on_the_day.err


@pytest.mark.slow
def test_status_as_it_was_known(world: Path) -> None:
    """D01 sends a file with a wrong rate on the 7th and the right one on the 18th: late."""
    wrong = return_workbook(world / "1.xlsx", progress=[{"이행률(%)": 120}])
    right = return_workbook(world / "2.xlsx", progress=[{"이행률(%)": 60}])
    assert run("collect", str(wrong), "--at", "2022-01-07").code == 0
    assert run("collect", str(right), "--at", "2022-01-18").code == 0

    def d01(*at: str) -> tuple[str, int, bool]:
        rows = json.loads(run("status", "2021Q4", "--json", *at).out)
        (row,) = [row for row in rows if row["department_code"] == "D01"]
        return row["state"], row["reported_count"], row["is_late"]

    assert d01("--at", "2022-01-06") == ("missing", 0, False)
    assert d01("--at", "2022-01-07") == ("blocked", 0, False)
    assert d01("--at", "2022-01-18") == ("late", 1, True)
    assert d01() == ("late", 1, True)
    then = run("status", "2021Q4", "--at", "2022-01-06")
    assert "미제출" in then.out or "제출" in then.out


@pytest.mark.slow
def test_what_was_withdrawn_later_still_stood(world: Path) -> None:
    path = return_workbook(world / "1.xlsx")
    assert run("collect", str(path), "--at", "2022-01-07").code == 0
    assert run("withdraw", "2", "--by", "과장", "--reason", "까닭", "--at", "2022-01-09").code == 0

    def state(*at: str) -> str:
        rows = json.loads(run("status", "2021Q4", "--json", *at).out)
        return next(row["state"] for row in rows if row["department_code"] == "D01")

    assert state("--at", "2022-01-08") == "submitted"
    assert state("--at", "2022-01-09") == "withdrawn"
    assert state() == "withdrawn"


@pytest.mark.slow
@pytest.mark.parametrize("query", ["", "  \n", ";", " ; ", "\n-- 말뿐", "/* 말뿐 */ ;"])
def test_a_blank_query_is_told_as_such(home: Path, query: str) -> None:
    for asked in (run("sql", query), run("sql", stdin=query)):
        assert asked.code == 2
        assert asked.err.strip() == (
            "조회문이 비어 있습니다. 자료는 그대로입니다. mart 스키마의 표를 SELECT로 조회하십시오."
        )


def test_a_statement_that_is_no_query_is_told_as_such(home: Path) -> None:
    asked = run("sql", "SET TIME ZONE 'UTC'")
    assert asked.code == 2
    assert "()" not in asked.err


def test_the_version_needs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGYAK_HOME", str(tmp_path / "var"))
    assert run("--version") == (0, f"gongyak {__version__}\n", "")
    assert not (tmp_path / "var").exists()
