"""Every row-wise expectation of Great Expectations may be a rule: both ways find the same rows.

The rows are few, and each case says by hand which of them break what is expected; the second
expectation of a case is one that the same rows keep.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl.check import Rule, catalogue, judging, rules
from etl.check.row_wise import _known, row_wise
from etl.check.validation import CheckRecord, _expectation, _source, _whole, validate
from etl.described import read_described
from etl.problems import SystemFault
from etl.quarter import seoul_now
from etl.warehouse import database_url, transaction
from tests.conftest import fresh_home

COLUMNS = ("_row", "word", "other", "rate", "second", "third")
ROWS = [
    (1, "가", "가", 1, 1, 0),
    (2, "나", "가", 2, 1, 5),
    (3, "나", None, 3, 3, 3),
    (4, "a:b%_", "a\\", 3, None, 3),
    (5, None, None, None, None, None),
    (6, "it's", "라", 100, 99, -5),
]
Told = dict[str, Any]
WORD: Told = {"column": "word"}
RATE: Told = {"column": "rate"}
PAIR: Told = {"column_A": "rate", "column_B": "second"}
WORDS: Told = {"column_A": "word", "column_B": "other"}
THREE: Told = {"column_list": ["rate", "second", "third"]}
TWO: Told = {"column_list": ["rate", "second"]}

# type without its Expect; arguments that rows break; those rows; arguments that all of them keep.
CASES: list[tuple[str, Told, set[int], Told]] = [
    ("ColumnValuesToNotBeNull", WORD, {5}, {"column": "_row"}),
    ("ColumnValuesToBeNull", {"column": "second"}, {1, 2, 3, 6}, {"column": "nothing"}),
    ("ColumnValuesToBeInSet", WORD | {"value_set": ["가", "나", "it's"]}, {4},
     WORD | {"value_set": ["가", "나", "it's", "a:b%_"]}),
    ("ColumnValuesToBeInSet", RATE | {"value_set": [1, 2.0, 3]}, {6},
     RATE | {"value_set": [1, 2, 3, 100]}),
    ("ColumnValuesToNotBeInSet", WORD | {"value_set": ["나", "it's"]}, {2, 3, 6},
     WORD | {"value_set": ["없음"]}),
    ("ColumnValuesToBeBetween", RATE | {"min_value": 2, "max_value": 3}, {1, 6},
     RATE | {"min_value": 1, "max_value": 100}),
    ("ColumnValuesToBeBetween", RATE | {"min_value": 2, "strict_min": True}, {1, 2},
     RATE | {"min_value": 0, "strict_min": True}),
    ("ColumnValuesToBeBetween", RATE | {"max_value": 100, "strict_max": True}, {6},
     RATE | {"max_value": 100.5, "strict_max": True}),
    ("ColumnValueLengthsToBeBetween", WORD | {"min_value": 2, "max_value": 4}, {1, 2, 3, 4},
     WORD | {"max_value": 5}),
    ("ColumnValueLengthsToBeBetween", WORD | {"min_value": 1, "strict_min": True}, {1, 2, 3},
     WORD | {"min_value": 1}),
    ("ColumnValueLengthsToEqual", WORD | {"value": 1}, {4, 6}, {"column": "blank", "value": 1}),
    ("ColumnValuesToMatchRegex", WORD | {"regex": "^[가-힣]$"}, {4, 6}, WORD | {"regex": "."}),
    ("ColumnValuesToMatchRegex", WORD | {"regex": r"^\S:b|it's"}, {1, 2, 3},
     WORD | {"regex": "^.{1,5}$"}),
    ("ColumnValuesToNotMatchRegex", WORD | {"regex": "나|:b"}, {2, 3, 4}, WORD | {"regex": "X"}),
    ("ColumnValuesToMatchRegexList", WORD | {"regex_list": ["가", ":b"]}, {2, 3, 6},
     WORD | {"regex_list": ["[가나]", "[:']"]}),
    ("ColumnValuesToMatchRegexList", WORD | {"regex_list": ["[가나]", "나"], "match_on": "all"},
     {1, 4, 6}, WORD | {"regex_list": [".", "^."], "match_on": "all"}),
    ("ColumnValuesToNotMatchRegexList", WORD | {"regex_list": ["가", ":b"]}, {1, 4},
     WORD | {"regex_list": ["X", "Y"]}),
    ("ColumnValuesToMatchLikePattern", WORD | {"like_pattern": "%b\\%%"}, {1, 2, 3, 6},
     WORD | {"like_pattern": "%"}),
    ("ColumnValuesToMatchLikePattern", WORD | {"like_pattern": "%b#%%", "escape": "#"},
     {1, 2, 3, 6}, WORD | {"like_pattern": "%", "escape": "#"}),
    ("ColumnValuesToNotMatchLikePattern", WORD | {"like_pattern": "나%"}, {2, 3},
     WORD | {"like_pattern": "X"}),
    ("ColumnValuesToMatchLikePatternList", WORD | {"like_pattern_list": ["가", "%#_"],
     "escape": "#"}, {2, 3, 6}, WORD | {"like_pattern_list": ["X", "%"]}),
    ("ColumnValuesToMatchLikePatternList", WORD | {"like_pattern_list": ["_", "나"],
     "match_on": "all"}, {1, 4, 6}, WORD | {"like_pattern_list": ["%", "_%"], "match_on": "all"}),
    ("ColumnValuesToNotMatchLikePatternList", WORD | {"like_pattern_list": ["가", "%_%:%"]},
     {1, 4}, WORD | {"like_pattern_list": ["X", "Y%"]}),
    ("ColumnValuesToBeUnique", WORD, {2, 3}, {"column": "_row"}),
    # rates 1 2 3 3 100: mean 21.8, sample deviation 43.73; 100 lies 1.79 above, the others 0.48
    # and less below; quartiles 2 and 3, so that 0.5 to 4.5 is within.
    ("ColumnValueZScoresToBeLessThan", RATE | {"threshold": 1.5, "double_sided": True}, {6},
     RATE | {"threshold": 1.8, "double_sided": True}),
    ("ColumnValueZScoresToBeLessThan", {"column": "below", "threshold": 1.5, "double_sided": True},
     {6}, {"column": "below", "threshold": 1.5, "double_sided": False}),
    ("ColumnValueZScoresToBeLessThan", RATE | {"threshold": 1.5, "double_sided": False}, {6},
     {"column": "same", "threshold": 0.1, "double_sided": False}),
    ("ColumnValuesToNotBeOutliers", RATE, {6}, RATE | {"multiplier": 97}),
    ("ColumnValuesToNotBeOutliers", RATE | {"method": "std", "multiplier": 1.5}, {6},
     {"column": "same", "method": "std"}),
    ("ColumnPairValuesToBeEqual", PAIR, {2, 4, 6}, {"column_A": "rate", "column_B": "rate"}),
    ("ColumnPairValuesToBeEqual", PAIR | {"ignore_row_if": "either_value_is_missing"}, {2, 6},
     {"column_A": "second", "column_B": "second"}),
    ("ColumnPairValuesToBeEqual", PAIR | {"ignore_row_if": "neither"}, {2, 4, 5, 6},
     {"column_A": "_row", "column_B": "_row", "ignore_row_if": "neither"}),
    ("ColumnPairValuesAToBeGreaterThanB", PAIR, {1, 3},
     PAIR | {"or_equal": True, "ignore_row_if": "neither"}),
    ("ColumnPairValuesAToBeGreaterThanB", {"column_A": "second", "column_B": "rate",
     "or_equal": True}, {2, 6}, PAIR | {"or_equal": True}),
    ("ColumnPairValuesToBeInSet", WORDS | {"value_pairs_set": [["가", "가"], ["it's", "라"]]},
     {2, 3, 4}, PAIR | {"value_pairs_set": [[1, 1], [2, 1], [3, 3], [100, 99]]}),
    ("CompoundColumnsToBeUnique", {"column_list": ["second", "blank"]}, {1, 2}, TWO),
    ("CompoundColumnsToBeUnique", {"column_list": ["second", "blank"], "ignore_row_if": "never"},
     {1, 2}, TWO | {"ignore_row_if": "any_value_is_missing"}),
    # 1+1+0, 2+1+5, 3+3+3, 100+99-5
    ("MulticolumnSumToEqual", THREE | {"sum_total": 9}, {1, 2, 6},
     {"column_list": ["same", "same"], "sum_total": 14}),
    ("MulticolumnValuesToBeEqual", THREE, {1, 2, 4, 6}, {"column_list": ["rate", "rate"]}),
    ("MulticolumnValuesToBeEqual", THREE | {"ignore_row_if": "any_value_is_missing"}, {1, 2, 6},
     {"column_list": ["rate", "rate"], "ignore_row_if": "never"}),
    ("SelectColumnValuesToBeUniqueWithinRecord", THREE, {1, 3, 4},
     {"column_list": ["_row", "same"]}),
    ("SelectColumnValuesToBeUniqueWithinRecord", THREE | {"ignore_row_if": "never"}, {1, 3, 4, 5},
     {"column_list": ["_row", "same"], "ignore_row_if": "any_value_is_missing"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def relation(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The rows as a relation of one file, with columns that every expectation can be kept by."""
    with fresh_home(server, tmp_path_factory.mktemp("row_wise") / "home"), transaction() as made:
        made.exec_driver_sql(
            "CREATE TABLE checked__sample AS SELECT given.*, 1 AS submission_id,"
            " 1 AS _table, '' AS row_key, '' AS pledge_id, NULL::text AS nothing, 'x' AS blank,"
            " 7::numeric AS same, - given.rate AS below FROM jsonb_to_recordset(%s::jsonb) AS given"
            " (_row integer, word text, other text, rate numeric, second numeric, third numeric)",
            (json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in ROWS]),),
        )
        made.commit()
        yield


def _rule(kind: str, told: Told) -> Rule:
    named = row_wise({"type": f"Expect{kind}", **told})
    return replace(
        rules()[0], table="sample", condition=None, expectation=named, row_sql="_row",
        **dict.fromkeys(("field_sql", "seen_sql", "expected_sql", "told_sql"), "NULL::text"),
    )  # fmt: skip


def _found_without(rule: Rule) -> set[int]:
    """The rows of the rule's own query, as findings are made of it."""
    with transaction() as connection:
        return {row._row for row in connection.execute(text(judging._bindable(rule.own_query)))}


def _found_with(rule: Rule) -> set[int]:
    """The rows that Great Expectations itself names."""
    source = _source(database_url(driver="psycopg2").render_as_string(hide_password=False))
    outcome = _whole(source, "checked__sample").validate(
        _expectation(rule),
        result_format={"result_format": "COMPLETE", "include_unexpected_rows": True},
    )
    named = outcome.result["unexpected_rows"]
    assert not outcome.exception_info.get("exception_message"), outcome.exception_info
    assert outcome.success == (not named)
    return {row["_row"] for row in named}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "told", "broken_by", "kept"), CASES)
def test_both_ways_find_the_same_rows(
    relation: None, kind: str, told: Told, broken_by: set[int], kept: Told
) -> None:
    broken = _rule(kind, told)
    assert _found_with(broken) == _found_without(broken) == broken_by
    assert [counted for _, counted, _ in validate([broken], "public", CheckRecord())] == [
        len(broken_by)
    ]
    assert _found_with(_rule(kind, kept)) == _found_without(_rule(kind, kept)) == set()


def test_every_row_wise_expectation_has_a_case() -> None:
    """All that this Great Expectations runs on PostgreSQL, whatever it may be called."""
    import great_expectations.expectations as gxe
    from great_expectations.expectations import expectation
    from great_expectations.expectations.registry import _registered_metrics

    maps = (
        expectation.ColumnMapExpectation,
        expectation.ColumnPairMapExpectation,
        expectation.MulticolumnMapExpectation,
    )
    on_postgresql = {
        name
        for name, kind in vars(gxe).items()
        if name.startswith("Expect") and isinstance(kind, type) and issubclass(kind, maps)
        if "SqlAlchemyExecutionEngine"
        in _registered_metrics.get(f"{kind.map_metric}.condition", {}).get("providers", {})
    }
    assert len(on_postgresql) == 25
    assert {f"Expect{case[0]}" for case in CASES} == set(_known().expected) == on_postgresql


BETWEEN = "{type: ExpectColumnValuesToBeBetween, column: rate_pct, min_value: 0, max_value: 100}"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{type: ExpectColumnMeanToBeBetween, column: rate_pct, min_value: 0}",
         "행마다 보는 기대(ExpectColumn"),
        ("{type: ExpectTableRowCountToEqual, value: 3}", "where로 적으십시오"),
        ("{type: ExpectColumnValuesToBeOfType, column: rate_pct, type_: INTEGER}",
         "하나하나 가리키지 않습니다"),
        ("{column: rate_pct}", "type을 적으"),
        ("{type: ExpectColumnValuesToBeNull}", "ExpectColumnValuesToBeNull에 column 인자를 적으십"),
        ("{type: ExpectColumnValuesToBeBetween, column: rate_pct}", "min_value나 max_value를"),
        ("{type: ExpectColumnValuesToBeNull, column: rate_pct, mostly: 0.9}", "mostly 인자를 지우"),
        ("{type: ExpectColumnValuesToBeInSet, column: status_code, value_set: []}", "빈칸이 없어야"),
        ("{type: ExpectColumnValuesToBeInSet, column: status_code, value_set: [null]}", "value_set"),
        ("{type: ExpectColumnValuesToMatchRegexList, column: a, regex_list: [x], match_on: one}",
         "match_on에는 any, all 가운데 하나"),
        ("{type: ExpectColumnPairValuesToBeEqual, column_A: a, column_B: b, ignore_row_if: never}",
         "both_values_are_missing, either_value_is_missing, neither 가운데"),
    ],
)  # fmt: skip
def test_what_names_no_rows_is_refused_at_load(tmp_path: Path, written: str, said: str) -> None:
    lines = (catalogue.EXPECTATIONS / "progress.yml").read_text(encoding="utf-8")
    assert BETWEEN in lines
    path = tmp_path / "progress.yml"
    path.write_text(lines.replace(BETWEEN, written), encoding="utf-8")
    line = next(n for n, one in enumerate(lines.splitlines(), 1) if BETWEEN in one)
    with pytest.raises(SystemFault) as told:
        read_described(path, catalogue._Suite)
    assert f"/progress.yml {line}행: `expectation`: " in str(told.value)
    assert said in str(told.value)


def test_a_count_that_differs_stops_the_batch(
    relation: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can fail: a rule whose own rows are not those that were counted is broken."""
    rule = _rule("ColumnValuesToNotBeNull", WORD)
    monkeypatch.setattr(judging, "_record_offenders", lambda *_: None)
    with transaction() as connection, pytest.raises(SystemFault, match=r"위반이 1행인데.* 0행"):
        judging._validate(connection, "public", [rule], seoul_now(), CheckRecord())
