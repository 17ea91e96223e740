"""Checks of Airflow: its processes, what they say of themselves, and the last run of each DAG."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

from etl import service
from etl.doctor.record import Finding, broken, good, remark
from etl.problems import OutageError
from etl.quarter import SEOUL
from etl.settings import settings
from etl.warehouse import AIRFLOW, looking, run_file

_SECONDS = 6.0  # that the pages may take to say how they are: they do right after a start
_RUN_STATES = {
    "success": "성공", "failed": "실패", "running": "도는 중", "queued": "기다리는 중",
    None: "돈 적 없음",
}  # fmt: skip
_PARTS = {
    "metadatabase": "데이터베이스", "scheduler": "스케줄러", "dag-processor": "DAG 처리기",
    "triggerer": "접수함 지킴이",
}  # fmt: skip


def processes() -> Finding:
    """Whether Airflow runs, and how its components say they are."""
    port = settings().airflow_port
    running, said = service.running_names(), service.health(port, _SECONDS)
    if not running:
        if said is None:
            return remark("꺼져 있습니다", "예약된 일이 돌게 하려면 gongyak up을 실행하십시오.")
        return remark(
            f"이 홈에서 켜지 않은 Airflow가 {port}번에서 답합니다({_told(said)})",
            "서버로 쓰는 것이 아니면 GONGYAK_AIRFLOW_PORT를 바꾸십시오.",
        )
    dead = [name for name in service.PROCESSES if name not in running]
    if dead:
        return broken(f"멈춘 프로세스: {', '.join(dead)}", _UP_AGAIN)
    if said is None:
        return broken(f"{port}번에서 {_SECONDS:g}초 안에 답하지 않습니다", _UP_AGAIN)
    if {*said.values()} != {"healthy"}:
        return broken(_told(said), _UP_AGAIN)
    return good(f"{port}번에서 돕니다({_told(said)})")


_UP_AGAIN = (
    "1분 안에 스스로 다시 뜹니다. 그래도 그대로면 gongyak down 뒤에 gongyak up을 다시 실행하십시오."
)


def _told(said: dict[str, str]) -> str:
    return ", ".join(
        f"{_PARTS[name]} {'건강함' if state == 'healthy' else state}"
        for name, state in said.items()
    )


def _of_airflow(look: Callable[[Sequence[Row[Any]]], Finding]) -> Callable[[], Finding]:
    """Return a check of what Airflow knows of its DAGs as one that says so where it cannot tell."""

    @wraps(look)
    def seen() -> Finding:
        try:
            rows = known_dags()
        except (OutageError, SQLAlchemyError) as error:
            return remark(f"Airflow의 데이터베이스를 볼 수 없습니다({type(error).__name__})", _UP)
        if rows is None:
            return remark("Airflow의 데이터베이스가 꺼져 있거나 아직 비어 있습니다", _UP)
        return look(rows)

    return seen


def known_dags() -> Sequence[Row[Any]] | None:
    """Return a row for each DAG with its newest run; None where there is nothing to see.

    Raises OutageError or SQLAlchemyError where the database is away.
    """
    with looking(AIRFLOW) as connection:
        if connection is not None and _has_runs(connection):
            return run_file(connection, "doctor/dag_runs.sql")
    return None


_UP = "Airflow를 쓰면 gongyak up을 실행하십시오."


def _has_runs(connection: Connection) -> bool:
    return connection.exec_driver_sql("SELECT to_regclass('dag_run')").scalar() is not None


@_of_airflow
def schedule(rows: Sequence[Row[Any]]) -> Finding:
    """Which DAGs have not begun an hour after they were due."""
    missed = [row for row in rows if row.is_missed]
    if not missed:
        return good("놓친 예약이 없습니다")
    told = ", ".join(
        f"{row.dag_id} {row.due_at.astimezone(SEOUL):%Y-%m-%d %H:%M}" for row in missed
    )
    is_off = not settings().database_url and not service.running_names()
    if is_off:
        return remark(f"Airflow가 꺼져 있어 놓친 예약: {told}", _UP)
    return broken(f"놓친 예약: {told}", _UP_AGAIN)


@_of_airflow
def runs(rows: Sequence[Row[Any]]) -> Finding:
    """How the last run of each DAG ended, which are paused, and which cannot be read."""
    told = ", ".join(map(_run_told, rows)) or "등록된 DAG가 없습니다"
    if any(row.state == "failed" or row.is_broken for row in rows):
        return broken(told, "웹 화면에서 빨간 단계의 기록을 열어 마지막 줄대로 하십시오.")
    if any(row.is_paused for row in rows):
        return remark(told, "멈춰 둔 DAG를 웹 화면에서 다시 켜십시오.")
    return good(told)


def _run_told(row: Row[Any]) -> str:
    when = f" {row.moment.astimezone(SEOUL):%Y-%m-%d %H:%M}" if row.moment else ""
    notes = (", 멈춰 둠" if row.is_paused else "") + (", 읽을 수 없음" if row.is_broken else "")
    return f"{row.dag_id} {_RUN_STATES.get(row.state, row.state)}{when}{notes}"
