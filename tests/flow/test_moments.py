"""`--at DAY`: what a run stamps stays within that day, in order, and is known at its end."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from etl.quarter import SEOUL, parse_moment, parse_run_moment
from etl.warehouse import transaction
from tests.factories import register_workbook, return_workbook
from tests.flow.shell import run

# The grace day of 2021Q4 in the usual register is 2022-01-17.
GRACE_DAY = "2022-01-17"


def _receipts() -> list[tuple[str, datetime, bool]]:
    with transaction() as connection:
        found = connection.execute(
            text(
                "SELECT file_name, received_at, is_late FROM audit.submission"
                " WHERE form_code = 'quarterly_return' ORDER BY received_at, submission_id"
            )
        )
        return [(row.file_name, row.received_at.astimezone(SEOUL), row.is_late) for row in found]


def _write(home: Path, number: int, rate: int) -> str:
    progress = [{"공약번호": f"1-{number}", "이행률(%)": rate}]
    return str(return_workbook(home / f"{number:02}-{rate}.xlsx", progress=progress))


def _ten_pledges(home: Path) -> None:
    pledges = [{"공약번호": f"1-{number}"} for number in range(1, 11)]
    book = register_workbook(home / "register.xlsx", pledges=pledges, subprojects=())
    assert run("register", str(book), "--at", "2021-01-04").code == 0


@pytest.mark.slow
def test_ten_files_of_the_last_day_are_all_in_time_and_in_order(home: Path) -> None:
    _ten_pledges(home)
    files = [_write(home, number, 50) for number in range(1, 11)]
    assert run("collect", *files, "--at", GRACE_DAY).code == 0
    receipts = _receipts()
    assert [Path(name).stem for name, _, _ in receipts] == [f"{n:02}-50" for n in range(1, 11)]
    moments = [moment for _, moment, _ in receipts]
    assert moments == sorted(set(moments))
    assert {str(moment.date()) for moment in moments} == {GRACE_DAY}
    assert {is_late for _, _, is_late in receipts} == {False}
    # All of it is known at the end of that day.
    shown = run("figures", "2021Q4", "--code", "R1", "--scope", "all", "--as-of", GRACE_DAY)
    assert " 50.0 " in shown.out


@pytest.mark.slow
def test_a_later_run_of_the_same_day_comes_after(home: Path) -> None:
    """The first file of the second run corrects the last one of the first."""
    _ten_pledges(home)
    first = [_write(home, number, 50) for number in range(1, 11)]
    second = [_write(home, number, 60) for number in (10, 1)]
    assert run("collect", *first, "--at", GRACE_DAY).code == 0
    assert run("collect", *second, "--at", GRACE_DAY).code == 0
    moments = [moment for _, moment, _ in _receipts()]
    assert len(moments) == 12
    assert moments == sorted(set(moments))
    with transaction() as connection:
        in_force = connection.execute(
            text(
                "SELECT pledge_id FROM core.fct_quarterly_progress INNER JOIN core.pledge_report"
                " USING (report_id) WHERE superseded_at = 'infinity' AND declared_rate_pct = 60"
                " ORDER BY pledge_id"
            )
        ).scalars()
        assert list(in_force) == ["1-1", "1-10"]


@pytest.mark.slow
def test_registers_of_one_day_are_known_at_its_end(home: Path) -> None:
    for number, name in enumerate(("가온과", "나래과", "다솜과"), 1):
        departments = [{"부서코드": "D01", "부서명": name}]
        book = register_workbook(home / f"{number}.xlsx", departments=departments,
                                 pledges=[{}], subprojects=())  # fmt: skip
        assert run("register", str(book), "--at", "2021-01-04").code == 0
    with transaction() as connection:
        known = connection.execute(
            text(
                "SELECT department_name FROM core.dim_department"
                " WHERE recorded_at <= :at AND superseded_at > :at"
            ),
            {"at": parse_moment("2021-01-04")},
        ).scalars()
        assert list(known) == ["다솜과"]


def test_a_day_and_a_time_are_read_as_they_are_written() -> None:
    last_second = datetime(2022, 1, 17, 23, 59, 59, tzinfo=SEOUL)
    assert parse_run_moment("2022-01-17") == last_second
    at_nine = datetime(2022, 1, 17, 9, 0, tzinfo=SEOUL)
    assert parse_run_moment("2022-01-17T09:00") == at_nine
