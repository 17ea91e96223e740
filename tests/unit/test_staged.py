"""What a file says, as a key: the same from version to version, wherever and however it is said."""

import hashlib
from datetime import date
from typing import Any

from etl.problems import CellProblem
from etl.staged import StagedFile

STAGE = "staging.quarterly_return__achievement"


def said(*rows: tuple[Any, ...], problems: tuple[CellProblem, ...] = ()) -> StagedFile:
    return StagedFile(
        form_code="quarterly_return",
        government_id="3990000",
        term_number=7,
        quarter_id="2021Q4",
        department_code="D01",
        rows={STAGE: list(rows)},
        problems=list(problems),
    )


def test_a_key_stays_what_it_was() -> None:
    """Kept keys are compared with those of later versions: each line is spelt out here."""
    read = (1, 3, "1-1", date(2021, 10, 15), "2021-10-15", "value", "현장 점검")
    not_read = (1, 4, None, None, "10월쯤", "unreadable", None)
    blank = (1, 5, None, None, None, "blank", None)
    problem = CellProblem("unknown_label", "천원", field="amount")
    lines = [
        f"('{STAGE}', ('achieved_on_raw', '10월쯤'), ('achieved_on_kind', 'unreadable'))",
        f"('{STAGE}', ('pledge_id', '1-1'), ('achieved_on', datetime.date(2021, 10, 15)),"
        " ('content', '현장 점검'))",
        f"('{STAGE}',)",
        "('unknown_label', '천원', 'amount', None)",
        "('quarterly_return', '3990000', 7, '2021Q4', 'D01')",
    ]
    expected = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    assert said(read, not_read, blank, problems=(problem,)).content_key == expected


def test_a_key_is_of_what_is_said_not_where_nor_how() -> None:
    here = (1, 3, "1-1", date(2021, 10, 15), "2021-10-15", "value", "현장 점검")
    there = (2, 9, "1-1", date(2021, 10, 15), "2021. 10. 15.", "value", "현장 점검")
    another = (1, 3, "1-1", date(2021, 10, 16), "2021-10-16", "value", "현장 점검")
    assert said(here).content_key == said(there).content_key
    assert said(here).content_key != said(another).content_key
    assert StagedFile().content_key is None
