"""The product as the model's machine drives it: the same events, and what it then says.

Workbooks are written with the factories of the tests; what is asked goes through `etl.pipeline`,
and one query looks at the reports in force.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import text

from etl import pipeline
from etl.pipeline import submissions
from etl.warehouse import transaction
from tests.factories import (
    GOVERNMENT,
    PLEDGES,
    SUBPROJECTS,
    WINDOWS,
    register_workbook,
    return_workbook,
)
from tests.torture.model_domain import Change, File, Pledge, Register, Waiver
from tests.torture.model_figures import Figures

ITEMS = {"owners": "주관부서", "field": "분야", "due": "완료시기"}
SCOPES = ("all", "field", "department")
NAMES = {row["공약번호"]: row for row in PLEDGES} | {
    "2-3": {"공약번호": "2-3", "공약명": "마을 숲 가꾸기"},
    "2-4": {"공약번호": "2-4", "공약명": "빗물 모으기"},
}
_REPORTS = """
    SELECT report.pledge_id, report.quarter_id, submission.sha256
    FROM core.pledge_report AS report
    INNER JOIN audit.submission AS submission USING (submission_id)
    WHERE report.accepted_at <= :as_of AND report.superseded_at > :as_of
"""
_RELEASED = """
    SELECT figure_code, scope_type, scope_id, numerator, denominator,
        pledge_count, reported_count, carried_forward_count, owing_count, coverage_pct
    FROM mart.released_figure
    WHERE quarter_id = :quarter AND revision = :revision AND scope_type = ANY(:scopes)
"""


class BrokenOffError(BaseException):
    """As SIGKILL: no handler of the product sees it."""


@contextmanager
def broken_off(name: str | None) -> Iterator[None]:
    """Let a run end where it would call the stage of that name; swallow that it did."""

    def killed(*_: Any, **__: Any) -> None:
        raise BrokenOffError

    if name is None:
        yield
        return
    try:
        with patch.object(submissions, name, killed):
            yield
    except BrokenOffError:
        return


def _row(pledge: str, line: Pledge) -> dict[str, Any]:
    confirmed = line.confirmed and line.confirmed.isoformat()
    return {**NAMES[pledge], "주관부서코드": line.owners, "분야": line.field,
            "완료시기": line.due, "확정일": confirmed}  # fmt: skip


def _change_row(change: Change) -> dict[str, Any]:
    return {"공약번호": change.pledge, "일자": change.day.isoformat(), "구분": change.kind,
            "항목": ITEMS.get(change.item), "변경전": change.before or None,
            "변경후": change.after or None}  # fmt: skip


@dataclass
class World:
    """One home, and how many workbooks were written in it."""

    home: Path
    written: int = 0

    def path(self) -> Path:
        self.written += 1
        return self.home / f"{self.written:03d}.xlsx"

    def register(self, register: Register, at: datetime) -> None:
        windows = [
            dict(row) | {"기준일": day.isoformat()}
            if (day := register.reference_days.get(row["분기"]))
            else row
            for row in WINDOWS
        ]
        path = register_workbook(
            self.path(),
            pledges=[_row(pledge, line) for pledge, line in register.pledges.items()],
            subprojects=[row for row in SUBPROJECTS if row["공약번호"] in register.pledges],
            changes=[_change_row(change) for change in register.changes],
            windows=windows,
        )
        done = pipeline.register(str(path), at=at)
        stopped = [
            one.message for one in done.findings if one.level in ("reject_file", "block_pledge")
        ]
        assert not stopped, f"the register was to be sound: {stopped}"

    def write(self, file: File) -> tuple[Path, str]:
        """Write a return; its path, and the sha256 of its bytes."""
        path = return_workbook(
            self.path(),
            department=file.department,
            quarter=file.quarter,
            progress=[
                {"공약번호": x.pledge, "추진상황": x.status, "이행률(%)": float(x.rate),
                 "목표달성": x.target, "정정사유": x.reason}
                for x in file.lines
            ],
            budget=[{"공약번호": x.pledge, **dict(x.money)} for x in file.lines if x.money],
        )  # fmt: skip
        return path, sha256(path.read_bytes()).hexdigest()

    def collect(self, paths: Sequence[Path], at: datetime, until: str | None = None) -> None:
        with broken_off(until):
            pipeline.collect([str(path) for path in paths], at=at)

    def withdraw(self, sha: str, at: datetime, until: str | None = None) -> None:
        """Take back the newest file of these bytes that is loaded."""
        ((number,),) = self.ask(
            "SELECT max(submission_id) FROM audit.submission"
            " WHERE sha256 = :sha AND state = 'loaded'", sha=sha,
        )  # fmt: skip
        with broken_off(until):
            pipeline.withdraw(number, "총괄", "잘못 보냄", at=at)

    def waive(self, waiver: Waiver, at: datetime) -> int:
        return pipeline.waive(
            pipeline.Waiver(
                GOVERNMENT, waiver.rule, None, waiver.pledge, waiver.first, waiver.last,
                waiver.expires, "평가단", "정산 중",
            ),
            at=at,
        ).waiver_id  # fmt: skip

    def end_waiver(self, number: int, at: datetime) -> None:
        pipeline.end_waiver(number, "총괄", "이제 없앰", at=at)

    def recheck(self, quarter: str, at: datetime) -> None:
        pipeline.recheck(quarter, GOVERNMENT, record=True, at=at)

    def release(self, quarter: str, at: datetime) -> pipeline.Released:
        return pipeline.release(quarter, GOVERNMENT, pipeline.Decision("과장", at, "결재"))

    def verify(self, quarter: str, revision: int) -> list[str]:
        """What a release that is derived again lacks or has otherwise."""
        done = pipeline.verify(quarter, GOVERNMENT, revision)
        return [*done.refused, *map(str, done.differences)]

    def figures(self, quarter: str, as_of: datetime) -> Figures:
        rows = pipeline.figures(quarter, GOVERNMENT, as_of)
        return _told(row for row in rows if row.scope_type in SCOPES)

    def released(self, quarter: str, revision: int) -> Figures:
        return _told(self.ask(_RELEASED, quarter=quarter, revision=revision, scopes=list(SCOPES)))

    def reports(self, as_of: datetime) -> dict[tuple[str, str], str]:
        rows = self.ask(_REPORTS, as_of=as_of)
        found = {(row.pledge_id, row.quarter_id): row.sha256 for row in rows}
        assert len(found) == len(rows), f"two reports in force at once: {rows}"
        return found

    def ask(self, query: str, **asked: Any) -> list[Any]:
        with transaction() as connection:
            return list(connection.execute(text(query), asked))


def _told(rows: Any) -> Figures:
    return {
        (row.figure_code, row.scope_type, row.scope_id): (
            row.numerator, row.denominator, row.pledge_count, row.reported_count,
            row.carried_forward_count, row.owing_count, _answered(row.coverage_pct, row.owing_count),
        )
        for row in rows
    }  # fmt: skip


def _answered(coverage: Decimal | None, owing: int) -> int:
    """How many of those that owe a report have one, out of the coverage told; -1 if none fits."""
    if coverage is None:
        return 0
    count = round(coverage * owing / 100)
    return count if abs(coverage - Decimal(count) * 100 / owing) < Decimal("1e-9") else -1


def day_of(at: datetime) -> date:
    """The day in Seoul: moments of the machine carry that zone."""
    return at.date()
