"""A register and its reports written straight into core, one transaction per test.

Amounts in these tests are written in 백만원 and stored in won, as the loader would.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, text

from etl.figures import FigureRow, compute, figure_rows, refresh
from etl.figures.evidence import evidence
from etl.figures.pledges import QuarterAsOf
from etl.quarter import SEOUL, Quarter, parse_moment
from etl.settings import Settings
from tests.conftest import TEMPLATE
from tests.evidence import require_cells, require_mart_cells

GU = "3400000"
TERM = 7
REGISTERED = datetime(2018, 7, 2, 9, tzinfo=SEOUL)
MILLION = 1_000_000
# The tables of a file that stands for a register and a return at once: number, code, sheet, columns.
TABLES = (
    (1, "progress", "공약현황", '{"status": "C", "rate": "D", "target": "E", "grade": "L"}'),
    (2, "budget", "예산", "{}"),
    (3, "pledge", "공약", '{"pledge_id": "B"}'),
    (4, "subproject", "세부사업현황", '{"status": "D"}'),
)
GRADE_LABELS = {"EXCELLENT": "우수", "FAIR": "보통", "POOR": "미흡"}
STATUS_LABELS = {"COMPLETED": "완료", "COMPLETED_ONGOING": "이행후계속추진", "ON_TRACK": "정상추진"}


@dataclass(frozen=True)
class Money:
    """One budget line: plan, secured and executed in 백만원."""

    year: str
    plan: int
    secured: int
    executed: int = 0
    source: str = "OWN"
    subproject: str = "세부사업"
    label: str = ""


def secured(year: int | str, amount: int, executed: int = 0, **more: Any) -> Money:
    return Money(str(year), amount, amount, executed, **more)


def demand(year: int | str, amount: int, executed: int = 0, **more: Any) -> Money:
    return Money(str(year), amount, 0, executed, **more)


@dataclass
class World:
    """One 자치구 in 민선7기 (2018-07-01 to 2022-06-30)."""

    connection: Connection
    government: str = GU
    submission_id: int = 0
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    last_row: int = 2

    def next_row(self) -> int:
        self.last_row += 1
        return self.last_row

    def insert(self, table: str, **values: Any) -> Any:
        columns, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
        returning = " RETURNING report_id" if table == "core.pledge_report" else ""
        statement = f"INSERT INTO {table} ({columns}) VALUES ({marks}){returning}"
        result = self.connection.execute(text(statement), values)
        return result.scalar_one() if returning else None

    def submission(self, quarter: str | None = None, **values: Any) -> int:
        self.insert(
            "audit.batch",
            purpose=values.pop("purpose", "collect"),
            started_at=values.get("received_at", REGISTERED),
            code_version="0",
            rule_version="0",
            form_version="0",
        )
        self.insert(
            "audit.submission",
            batch_id=self.connection.execute(
                text("SELECT max(batch_id) FROM audit.batch")
            ).scalar(),
            file_name=values.pop("file_name", "a.xlsx"),
            source_uri="inbox/a.xlsx",
            sha256="0",
            byte_count=1,
            government_id=self.government,
            quarter_id=quarter,
            state="loaded",
            **({"received_at": REGISTERED} | values),
        )
        newest = self.connection.execute(text("SELECT max(submission_id) FROM audit.submission"))
        submission_id = int(newest.scalar_one())
        for number, code, sheet, columns in TABLES:
            self.insert(
                "audit.submission_table",
                submission_id=submission_id,
                table_no=number,
                table_code=code,
                sheet_name=sheet,
                header_row=2,
                columns=columns,
                row_count=0,
            )
        return submission_id

    def register(self, table: str, **values: Any) -> None:
        known = {"recorded_at": REGISTERED, "_submission_id": self.submission_id, "_row": 2}
        self.insert(f"core.{table}", government_id=self.government, **(known | values))

    def department(
        self, code: str, end: str = "infinity", successor: str | None = None, **more: Any
    ) -> None:
        start = more.pop("start", "2018-01-01")
        self.register(
            "dim_department",
            department_code=code,
            department_name=more.pop("name", f"{code}과"),
            valid_from=start,
            valid_to=end,
            successor_code=successor,
            **more,
        )

    def pledge(self, pledge_id: str, department: str = "A", **more: Any) -> None:
        values: dict[str, Any] = {
            "term_number": TERM,
            "pledge_id": pledge_id,
            "valid_from": "2018-07-01",
            "pledge_name": f"공약 {pledge_id}",
            "field_name": "경제",
            "department_codes": department.split(","),
            "due_code": "IN_TERM",
            "confirmed_date": "2018-07-01",
            "_row": self.next_row(),
        }
        values |= more
        self.register("dim_pledge", **values)
        kinds = ("term_number", "due", "due_year", "budget_class", "declared_total",
                 "confirmed_date")  # fmt: skip
        self.insert(
            "staging.register__pledge",
            submission_id=self.submission_id,
            _table=3,
            _row=values["_row"],
            pledge_id=pledge_id,
            **{f"{name}_kind": "value" for name in kinds},
        )

    def change(
        self, pledge_id: str, day: str, code: str, after: str | None = None, **more: Any
    ) -> None:
        self.register(
            "pledge_change",
            term_number=TERM,
            pledge_id=pledge_id,
            change_date=day,
            change_code=code,
            after_text=after,
            **more,
        )

    def window(self, quarter: str, reference: str, **more: Any) -> None:
        self.register(
            "submission_window",
            quarter_id=quarter,
            start_date=reference,
            due_date=reference,
            grace_date=reference,
            reference_date=reference,
            voted_year=int(quarter[:4]),
            **more,
        )

    def report(
        self,
        pledge_id: str,
        quarter: str,
        status: str = "ON_TRACK",
        rate: float | str | None = 50,
        money: Sequence[Money] = (),
        met: bool | None = None,
        accepted: str | None = None,
        grade: str | None = None,
        subprojects: Sequence[str] = (),
    ) -> int:
        """Accept one report; a later one of the same quarter supersedes it."""
        moment = parse_moment(accepted) if accepted else _after(quarter)
        version = self.versions.get((pledge_id, quarter), 0) + 1
        self.versions[pledge_id, quarter] = version
        self.connection.execute(
            text(
                "UPDATE core.pledge_report"
                " SET superseded_at = CASE WHEN accepted_at < :moment THEN :moment END"
                " WHERE pledge_id = :pledge_id"
                " AND quarter_id = :quarter AND superseded_at = 'infinity'"
            ),
            {"moment": moment, "pledge_id": pledge_id, "quarter": quarter},
        )
        report_id = self.insert(
            "core.pledge_report",
            government_id=self.government,
            term_number=TERM,
            pledge_id=pledge_id,
            quarter_id=quarter,
            version=version,
            submission_id=self.submission_id,
            received_at=moment,
            accepted_at=moment,
            is_late=False,
        )
        row = self.next_row()
        self.insert(
            "core.fct_quarterly_progress",
            report_id=report_id,
            status_code=status,
            declared_rate_pct=rate,
            is_target_met=met,
            grade_code=grade,
            _table=1,
            _row=row,
        )
        kinds = ("status", "rate", "target", "due", "due_year")
        self.insert(
            "staging.quarterly_return__progress",
            submission_id=self.submission_id,
            _table=1,
            _row=row,
            pledge_id=pledge_id,
            status_raw=STATUS_LABELS.get(status, status),
            rate=rate,
            rate_raw=None if rate is None else f"{rate}%",
            target_raw=None if met is None else "달성" if met else "미달성",
            grade_raw=grade and GRADE_LABELS[grade],
            **{f"{name}_kind": "value" for name in kinds},
        )
        for line in money:
            self._budget(report_id, pledge_id, line)
        for number, status_code in enumerate(subprojects, start=1):
            self._subproject(report_id, pledge_id, f"세부사업 {number}", status_code)
        return int(report_id)

    def _subproject(self, report_id: int, pledge_id: str, name: str, status: str) -> None:
        place = {"_table": 4, "_row": self.next_row(), "subproject_name": name}
        self.insert("core.fct_quarterly_subproject", report_id=report_id, status_code=status,
                    **place)  # fmt: skip
        self.insert(
            "staging.quarterly_return__subproject",
            submission_id=self.submission_id,
            pledge_id=pledge_id,
            status_raw=STATUS_LABELS.get(status, status),
            status_kind="value",
            rate_kind="blank",
            **place,
        )

    def _budget(self, report_id: int, pledge_id: str, line: Money) -> None:
        first, _, last = line.year.partition("~")
        years = (int(first), int(last or first)) if first.isdigit() else (None, None)
        row = self.next_row()
        self.insert(
            "core.fct_quarterly_budget",
            report_id=report_id,
            subproject_name=line.subproject,
            funding_source_label=line.label or line.source,
            funding_source_code=line.source,
            fiscal_year=line.year,
            first_year=years[0],
            last_year=years[1],
            plan_krw=line.plan * MILLION,
            secured_krw=line.secured * MILLION,
            executed_krw=line.executed * MILLION,
            is_secured_label=line.secured > 0,
            _table=2,
            _row=row,
        )
        amounts = {"secured": line.secured, "demand": line.plan - line.secured,
                   "executed": line.executed}  # fmt: skip
        for column, (measure, amount) in zip("DEF", amounts.items(), strict=True):
            if amount:
                self._amount(pledge_id, line, row, column, measure, amount)

    def _amount(
        self, pledge_id: str, line: Money, row: int, column: str, measure: str, amount: int
    ) -> None:
        self.insert(
            "staging.quarterly_return__budget",
            submission_id=self.submission_id,
            _table=2,
            _row=row,
            _column=column,
            field=f"{line.year}.{measure}",
            pledge_id=pledge_id,
            is_total=False,
            fiscal_year=line.year,
            measure=measure,
            amount=amount * MILLION,
            amount_raw=f"{amount:,}",
            amount_kind="value",
        )

    def waived(self, pledge_id: str | None, expires: str = "2029-12-31") -> None:
        """Set aside a finding of the file that every report here comes from."""
        waiver_id = self.connection.execute(
            text(
                "INSERT INTO audit.waiver (government_id, rule_id, first_quarter_id, expires_on,"
                " approver, reason, recorded_at) VALUES (:g, 'B-12', '2021Q4', :day, '평가단',"
                " '반올림', :at) RETURNING waiver_id"
            ),
            {"g": self.government, "day": expires, "at": REGISTERED},
        ).scalar_one()
        self.insert(
            "audit.finding",
            submission_id=self.submission_id,
            rule_id="B-12",
            level="block_pledge",
            pledge_id=pledge_id,
            message="합계가 다릅니다.",
            fingerprint="0",
            waiver_id=waiver_id,
            recorded_at=REGISTERED,
        )

    def figures(self, quarter: str, as_of: str = "2030-01-01", prove: bool = True) -> "Figures":
        """Compute a quarter; every use proves itself against the second computation too.

        And against the cells: what stands behind each figure adds up to it.
        """
        asked = self.government, Quarter.parse(quarter), parse_moment(as_of)
        (refresh if prove else compute)(self.connection, QuarterAsOf(*asked))
        require_cells(self.connection, *asked)
        if prove:
            require_mart_cells(self.connection, *asked[:2])
        return Figures(figure_rows(self.connection))

    def behind(
        self, quarter: str, code: str, scope: str = "all:", as_of: str = "2030-01-01"
    ) -> list[tuple[Any, ...]]:
        """Return what stands behind one figure of the quarter that was computed last."""
        asked = self.government, Quarter.parse(quarter), parse_moment(as_of)
        return [
            (e.pledge_id, e.part, f"{e.sheet_name}!{e.cell}", e.as_written, e.value)
            for e in evidence(self.connection, QuarterAsOf(*asked), figure_code=code, scope=scope)
        ]

    def rows(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        found = self.connection.execute(text(f"SELECT {columns} FROM {table} ORDER BY 1, 2"))
        return [tuple(row) for row in found]


class Figures:
    """Figures by code and scope: ``figures["B1"]``, ``figures["R1", "field:경제"]``."""

    def __init__(self, rows: Sequence[FigureRow]) -> None:
        self.rows = rows
        self._by_key = {(r.figure_code, f"{r.scope_type}:{r.scope_id}"): r for r in rows}

    def __getitem__(self, key: str | tuple[str, str]) -> FigureRow:
        code, scope = (key, "all:") if isinstance(key, str) else key
        return self._by_key[code, scope]

    def scopes(self, code: str, scope_type: str) -> dict[str, str]:
        """Return scope id → shown of one code and scope type."""
        return {
            r.scope_id: r.shown
            for r in self.rows
            if r.figure_code == code and r.scope_type == scope_type
        }


def _after(quarter: str) -> datetime:
    day = Quarter.parse(quarter).next().first_day
    return datetime(day.year, day.month, 8, 9, tzinfo=SEOUL)


@pytest.fixture(scope="session")
def figures_engine(server: Path) -> Iterator[Engine]:
    def url(database: str) -> URL:
        return URL.create(
            "postgresql+psycopg",
            "postgres",
            database=database,
            query={"host": str(server.with_name("run"))},
        )

    maintenance = create_engine(url("postgres"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE figures TEMPLATE {TEMPLATE}"))
    maintenance.dispose()
    engine = create_engine(url("figures"), connect_args={"options": "-c timezone=Asia/Seoul"})
    yield engine
    engine.dispose()


@pytest.fixture
def make_world(figures_engine: Engine, configure: "Configure") -> Iterator[Callable[[], World]]:
    """Return a maker of empty worlds: a new one forgets the one before."""
    with figures_engine.connect() as connection:

        def make() -> World:
            connection.rollback()
            world = World(connection)
            world.submission_id = world.submission()
            world.register(
                "dim_government",
                government_name="가람구",
                government_kind="DISTRICT",
                government_class="DISTRICT",
            )
            world.register(
                "dim_term",
                term_number=TERM,
                start_date=date(2018, 7, 1),
                end_date=date(2022, 6, 30),
            )
            world.department("A")
            world.department("B")
            return world

        yield make
        connection.rollback()


@pytest.fixture
def world(make_world: Callable[[], World]) -> World:
    return make_world()


Configure = Callable[..., None]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Set figure settings for one test; without a call they are the defaults."""

    def set_to(**changes: Any) -> None:
        chosen = Settings(_env_file=None, **changes)
        for reader in ("etl.figures.settings", "etl.figures.pledges.settings"):
            monkeypatch.setattr(reader, lambda: chosen)

    set_to()
    return set_to
