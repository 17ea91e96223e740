"""The sheet 상태어: what an office calls a status in words of its own."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from etl import pipeline
from etl.invite.return_checks import _fitting
from etl.quarter import SEOUL
from tests.factories import GOVERNMENT, QUARTER, register_workbook, return_workbook
from tests.flow.test_collect import sql

AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
WORDS = [{"말": "미흡", "추진상황": "일부추진"}, {"말": "어려움(중단)", "추진상황": "보류"}]


def _register(home: Path, words: list[dict[str, str]], at: datetime) -> None:
    assert pipeline.register(str(register_workbook(home / "r.xlsx", status_words=words)), at)


def _collect(home: Path, status: str, at: datetime, rate: int = 60) -> list[tuple[str, str | None]]:
    path = return_workbook(
        home / f"{status}.xlsx", progress=[{"추진상황": status, "이행률(%)": rate}]
    )
    done = pipeline.collect([str(path)], at)
    found = pipeline.findings_of(done.submission_ids)
    return [(one.rule_id, one.expected) for one in found if one.level == "block_pledge"]


def _statuses() -> list[str]:
    return [code for (code,) in sql("SELECT status_code FROM core.fct_quarterly_progress")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("written", "code"),
    [("미흡", "BEHIND"), ("미 흡", "BEHIND"), ("어려움 중단", "ON_HOLD"), ("부진", "BEHIND")],
)
def test_a_word_of_the_office_is_read(home: Path, written: str, code: str) -> None:
    _register(home, WORDS, AT)
    assert _collect(home, written, AT) == []
    assert _statuses() == [code]


@pytest.mark.slow
def test_a_word_that_no_list_has_is_told_with_those_of_the_office(home: Path) -> None:
    _register(home, WORDS, AT)
    ((rule, expected),) = _collect(home, "그럭저럭", AT)
    assert rule == "P-06"
    assert expected is not None
    assert expected.endswith("통폐합, 기타, 미흡, 어려움(중단)")


@pytest.mark.slow
def test_a_word_holds_while_the_register_says_so(home: Path) -> None:
    """What was accepted stays as it was; what comes later is read by the register of then."""
    _register(home, WORDS, AT)
    _collect(home, "미흡", AT)
    _register(home, WORDS[1:], AT + timedelta(days=1))
    assert _statuses() == ["BEHIND"]
    ((rule, _),) = _collect(home, "미흡", AT + timedelta(days=2), rate=70)
    assert rule == "P-06"


@pytest.mark.slow
def test_an_office_may_mean_another_status_by_a_common_word(home: Path) -> None:
    _register(home, [{"말": "부진", "추진상황": "보류"}], AT)
    assert _collect(home, "부진", AT) == []
    assert _statuses() == ["ON_HOLD"]


@pytest.mark.slow
def test_a_return_offers_them(home: Path) -> None:
    _register(home, WORDS, AT)
    invited = pipeline.invite(QUARTER, GOVERNMENT, AT)
    sheet = load_workbook(invited.files[0])["공약현황"]
    (offered,) = [
        one.formula1 for one in sheet.data_validations.dataValidation
        if one.errorTitle == "추진상황"
    ]  # fmt: skip
    assert offered.strip('"').split(",")[-3:] == ["기타", "미흡", "어려움(중단)"]


def test_a_list_is_no_longer_than_excel_takes() -> None:
    words = [f"{number}번째로 긴 말" for number in range(100)]
    kept = _fitting(["완료", "a,b", *words])
    assert kept[:2] == ["완료", "0번째로 긴 말"]
    assert 240 < len(",".join(kept)) <= 253
