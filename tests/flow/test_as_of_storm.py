"""Every past state can be told again: after a storm of changes, `as_of` gives what was printed.

Files are judged again by other rules too: what they were judged before stays as it was told.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl import pipeline
from etl.check import judging
from etl.figures import compute
from etl.figures.pledges import QuarterAsOf
from etl.pipeline import Waiver
from etl.pipeline.checks import versions
from etl.problems import UsageError
from etl.quarter import SEOUL, Quarter
from etl.warehouse import run_file, transaction
from tests.factories import (
    DEPARTMENTS,
    GOVERNMENT,
    PLEDGES,
    WINDOWS,
    register_workbook,
    return_workbook,
)
from tests.flow.test_checks import stricter

QUARTERS = ("2021Q3", "2021Q4")
BEGIN = datetime(2021, 10, 1, 9, 0, tzinfo=SEOUL)
STEP = timedelta(hours=41)  # 60 steps reach into January 2022, past the windows of both quarters
OWNED = {"D01": ("1-1", "1-2"), "D02": ("2-1",), "D03": ("2-2",)}
# What people are told of a quarter; the columns of the marts, and nothing of our own numbering.
TOLD = ("figure", "pledge_status", "missing_report", "status_count", "denominator_history",
        "waived_finding")  # fmt: skip
CHANGES = (
    {"공약번호": "2-2", "일자": "2021-11-02", "구분": "통합", "변경후": "2-1"},
    {"공약번호": "1-2", "일자": "2021-12-01", "구분": "보류"},
    {"공약번호": "1-1", "일자": "2021-12-20", "구분": "완료확정"},
    {"공약번호": "2-1", "일자": "2021-08-01", "구분": "폐기"},
    {"공약번호": "1-2", "일자": "2021-11-20", "구분": "변경", "항목": "주관부서",
     "변경전": "D01", "변경후": "D02"},
)  # fmt: skip
State = list[tuple[Any, ...]]


@dataclass
class Storm:
    """A seeded run of events, and what was printed after each of them."""

    folder: Path
    chance: random.Random
    at: datetime = BEGIN
    number: int = 0
    printed: list[tuple[datetime, dict[str, State]]] = field(default_factory=list)
    happened: dict[str, int] = field(default_factory=dict)

    def path(self) -> Path:
        return self.folder / f"{self.number:03d}.xlsx"

    def rage(self, events: int) -> None:
        kinds: Sequence[tuple[Callable[[], bool], int]] = (
            (self.submit, 11), (self.withdraw, 3), (self.mend_register, 3), (self.waive, 2),
            (self.end_waiver, 1), (self.recheck, 3),
        )  # fmt: skip
        while len(self.printed) < events:
            self.number += 1
            self.at += STEP
            happen = self.chance.choices([k for k, _ in kinds], [w for _, w in kinds])[0]
            if happen():
                self.happened[happen.__name__] = self.happened.get(happen.__name__, 0) + 1
                self.printed.append((self.at, told(self.at)))

    def submit(self) -> bool:
        """One file, or two of different departments at once; some stopped, some without reason."""
        paths = []
        for department in self.chance.sample(sorted(OWNED), self.chance.choice((1, 1, 2))):
            self.number += 1
            paths.append(self.return_of(department, self.chance.choice(QUARTERS)))
        return bool(pipeline.collect([str(path) for path in paths], at=self.at).batch)

    def return_of(self, department: str, quarter: str) -> Path:
        pick = self.chance
        lines = [
            {"공약번호": pledge, "추진상황": status, "이행률(%)": rate,
             "목표달성": pick.choice(("달성", "미달성", None)),
             "정정사유": pick.choice(("집계를 다시 함", "다시 셈", None))}
            for pledge in OWNED[department]
            for status, rate in [pick.choice((("정상추진", pick.randint(0, 99)), ("완료", 100),
                                              ("완료", 95), ("보류", 30), ("정상추진", 120)))]
        ]  # fmt: skip
        budget = [
            {"공약번호": pledge, "2020 확보액": pick.randint(1, 90),
             "2021 확보액": pick.randint(50, 90), "2021 집행액": pick.randint(0, 50)}
            for pledge in OWNED[department] if pledge != "2-2"
        ]  # fmt: skip
        return return_workbook(
            self.path(), department=department, quarter=quarter, progress=lines, budget=budget
        )

    def withdraw(self) -> bool:
        loaded = sql("SELECT submission_id FROM audit.submission WHERE state = 'loaded'"
                     " AND form_code = 'quarterly_return' ORDER BY 1")  # fmt: skip
        if loaded:
            (submission_id,) = self.chance.choice(loaded)
            pipeline.withdraw(submission_id, "총괄", "잘못 보냄", at=self.at)
        return bool(loaded)

    def mend_register(self) -> bool:
        pick = self.chance
        departments = [dict(row) for row in DEPARTMENTS]
        if pick.random() < 0.5:
            departments[2] |= {"종료일": pick.choice(("2021-09-15", "2021-11-30")),
                               "승계부서코드": "D02"}  # fmt: skip
        if pick.random() < 0.3:
            departments[0] |= {"부서명": f"가온{self.number}과"}
        pledges = [dict(row) for row in PLEDGES]
        pledges[0] |= {"분야": pick.choice(("교육문화", "환경"))}
        pledges[1] |= {"주관부서코드": pick.choice(("D01", "D01,D03"))}
        pledges[3] |= {"확정일": pick.choice((None, "2021-10-15"))}
        windows = [dict(row) for row in WINDOWS]
        windows[3] |= {"기준일": pick.choice((None, "2021-11-25"))}
        register_workbook(
            self.path(), departments=departments, pledges=pledges, windows=windows,
            changes=pick.sample(CHANGES, pick.randint(0, 3)),
        )  # fmt: skip
        return bool(pipeline.register(str(self.path()), at=self.at).batch)

    def waive(self) -> bool:
        asked = Waiver(
            GOVERNMENT, self.chance.choice(("P-09", "P-07", "H-01")), None, None,
            self.chance.choice(QUARTERS), None,
            self.at.date() + timedelta(days=self.chance.choice((3, 60))), "평가단", "정산 중",
        )  # fmt: skip
        try:
            pipeline.waive(asked, at=self.at)
        except UsageError:  # a rule that must not be waived
            return False
        return True

    def end_waiver(self) -> bool:
        found = sql("SELECT waiver_id FROM audit.waiver WHERE superseded_at = 'infinity'")
        if found:
            pipeline.end_waiver(found[0][0], "총괄", "이제 없앰", at=self.at)
        return bool(found)

    def recheck(self) -> bool:
        """Judge a quarter's files again, by rules that ask for a reason more or less often."""
        bound = str(self.chance.choice((1, 50, 90)))
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(judging, "rules", lambda: stricter(bound))
            try:
                pipeline.recheck(self.chance.choice(QUARTERS), GOVERNMENT, record=True, at=self.at)
            except UsageError:  # no file yet
                return False
        return True


def sql(query: str) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def told(as_of: datetime) -> dict[str, State]:
    """Everything that is told of the quarters as known at a moment."""
    found: dict[str, State] = {}
    with transaction() as connection:
        for quarter in QUARTERS:
            compute(connection, QuarterAsOf(GOVERNMENT, Quarter.parse(quarter), as_of))
            for table in TOLD:
                rows = connection.execute(text(f"SELECT * FROM pg_temp.{table}"))
                columns = tuple(rows.keys())
                named = [name for name in columns if not name.startswith("_")]
                found[f"{quarter} {table}"] = sorted(
                    (tuple(row[n] for n in named) for row in rows.mappings()), key=repr
                )
            bound = {"government_id": GOVERNMENT, "quarter_id": quarter, "as_of": as_of}
            files = run_file(connection, "release/files.sql", **bound, **versions())
            found[f"{quarter} files"] = [
                (row.submission_id, row.is_stale, row.open_count) for row in files
            ]
            found[f"{quarter} status"] = [
                (row.department_code, row.submission_id, row.state, row.blocking_count,
                 row.open_count, row.inform_count)
                for row in pipeline.status(quarter, GOVERNMENT, as_of) if row.submission_id
            ]  # fmt: skip
    return found


def weather(home: Path, seed: int, events: int) -> Storm:
    """Let it storm, then require every past state to be what was printed then."""
    pipeline.register(str(register_workbook(home / "r.xlsx")), at=BEGIN)
    storm = Storm(home, random.Random(seed))  # noqa: S311
    storm.rage(events)
    for moment, printed in storm.printed:
        again = told(moment)
        for name, rows in printed.items():
            assert again[name] == rows, f"{name} {moment}"
    return storm


@pytest.mark.slow
def test_every_state_of_a_small_storm_can_be_told_again(home: Path) -> None:
    storm = weather(home, seed=3, events=6)
    assert len({repr(printed) for _, printed in storm.printed}) > 3  # there was something to tell


@pytest.mark.torture
@pytest.mark.slow
def test_every_state_of_a_great_storm_can_be_told_again(home: Path) -> None:
    storm = weather(home, seed=1, events=60)
    assert {"submit", "withdraw", "mend_register", "waive", "recheck"} <= set(storm.happened)
    assert len({repr(printed) for _, printed in storm.printed}) > 30
    assert storm.at.date() > date(2022, 1, 10)
