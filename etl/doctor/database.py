"""Checks of the warehouse and of what it tells; none starts a server or waits for anybody."""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path

from sqlalchemy import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

from etl import __version__
from etl.collect import MOST_TRIES, unseen
from etl.doctor.places import no_folder
from etl.doctor.record import Finding, broken, good, remark
from etl.inbox import inbox_arrivals
from etl.problems import OutageError
from etl.settings import settings
from etl.storage import forget, without_password
from etl.warehouse import (
    ANALYST,
    has_server,
    knows,
    looking,
    run_file,
    schema_of,
    shipped_schema,
)

_OLDEST = 18  # of PostgreSQL
_UNSEEN = "데이터베이스를 볼 수 없어 살피지 못했습니다"
_SHOWN = 3


def database() -> Finding:
    """Whether the warehouse answers, of which version it is, and whether its schema is this one."""
    if not has_server():
        return remark("내장 데이터베이스가 아직 없습니다", "처음 쓰는 명령이 만듭니다.")
    with looking() as connection:
        if connection is None:
            return remark("내장 데이터베이스가 꺼져 있습니다", "다음 명령이 켭니다.")
        kind = "서버" if settings().database_url else "내장"
        number = connection.connection.dbapi_connection.info.server_version  # type: ignore[union-attr]
        told = f"PostgreSQL {number // 10000}.{number % 10000}({kind})"
        if number // 10000 < _OLDEST:
            return broken(told, f"PostgreSQL {_OLDEST} 이상으로 올리십시오.")
        return _of_schema(connection, told)


def _of_schema(connection: Connection, told: str) -> Finding:
    schema = schema_of(connection)
    if schema is None:
        return remark(f"{told}, 창고를 아직 만들지 않았습니다", "처음 쓰는 명령이 만듭니다.")
    said = f"{told}, 스키마 {schema.migration}"
    if not knows(schema.migration):
        return broken(
            f"{said}은(는) 이 프로그램이 모르는 판입니다",
            "창고를 마지막으로 쓴 판의 gongyak을 쓰십시오.",
        )
    if schema != shipped_schema():
        return remark(f"{said}은(는) 이 프로그램의 것이 아닙니다", "다음 명령이 올립니다.")
    return good(f"{said}, 이 프로그램의 것과 같습니다")


def of_warehouse(look: Callable[[Connection], Finding]) -> Callable[[], Finding]:
    """Return a check that needs the warehouse as one that says so where there is none to see.

    That the database is away is said once, by its own check.
    """

    @wraps(look)
    def seen() -> Finding:
        try:
            with looking() as connection:
                if connection is not None and schema_of(connection) is not None:
                    return look(connection)
        except (OutageError, SQLAlchemyError) as error:
            return remark(f"{_UNSEEN}({type(error).__name__})", "데이터베이스를 먼저 살피십시오.")
        return remark(_UNSEEN, "창고가 켜진 뒤 다시 살피십시오.")

    return seen


@of_warehouse
def journal(connection: Connection) -> Finding:
    """Whether the archive's journal tells all that happened."""
    (row,) = run_file(connection, "doctor/journal.sql")
    if row.waiting:
        return remark(
            f"일지 {row.events}건 가운데 {row.waiting}건이 아직 보관소에 없습니다",
            "보관소가 닿으면 다음 실행이 씁니다.",
        )
    return good(f"일지 {row.events}건이 모두 보관소에 있습니다")


@of_warehouse
def set_aside(connection: Connection) -> Finding:
    """Which files a fault of ours keeps from their end."""
    faults = run_file(connection, "receive/faults.sql")
    if not faults:
        return good("프로그램의 잘못으로 따로 둔 파일이 없습니다")
    named = ", ".join(f"접수 {row.submission_id}({row.place})" for row in faults[:_SHOWN])
    return broken(
        f"프로그램의 잘못으로 따로 둔 파일 {len(faults)}개: {named}",
        "gongyak status로 자리를 보고 개발자에게 알리십시오.",
    )


@of_warehouse
def unfinished(connection: Connection) -> Finding:
    """What earlier runs left before their end; what is at work just now is among it."""
    tries = {"most_tries": MOST_TRIES, "code_version": __version__}
    left = {
        "읽거나 반영하지 못한 파일": _count(
            run_file(connection, "receive/unfinished.sql", purpose="collect", **tries)
        ),
        "쓰지 못한 회신": _count(run_file(connection, "receive/unanswered.sql", **tries)),
        "지표를 쓰지 못한 묶음": _count(run_file(connection, "receive/uncounted.sql")),
    }
    told = ", ".join(f"{name} {count}" for name, count in left.items() if count)
    if told:
        return remark(f"{told}(지금 도는 일일 수 있습니다)", "gongyak collect가 이어서 끝냅니다.")
    return good("끝나지 않은 묶음이 없습니다")


def _count(rows: Sequence[Row[tuple[object, ...]]]) -> int:
    return len(rows)


@of_warehouse
def mails(connection: Connection) -> Finding:
    """Which mails to departments have not gone."""
    (row,) = run_file(connection, "doctor/mails.sql")
    left = {
        f"보내지 못한 메일({row.problem})": row.failed_count,
        "보냈는지 알 수 없는 메일": row.unknown_count,
        "기다리는 메일": row.due_count,
    }
    told = ", ".join(f"{name} {count}통" for name, count in left.items() if count)
    if told:
        return remark(
            told,
            "대장의 부서 메일 주소와 GONGYAK_SMTP_URL을 확인하십시오. 알 수 없는 것은 다시 보내지"
            " 않으니 부서에 확인하십시오.",
        )
    return good("보내지 못한 메일이 없습니다")


@of_warehouse
def analysts(connection: Connection) -> Finding:
    """Whether the analysts' login is there and may read the marts."""
    rows = run_file(connection, "doctor/analyst.sql", login=ANALYST)
    if not rows or not (rows[0].can_log_in and rows[0].is_analyst):
        return broken(
            f"분석가의 역할 {ANALYST}이(가) 없거나 mart를 읽지 못합니다",
            "데이터베이스 관리자에게 CREATEROLE 권한을 요청하고 gongyak sql을 실행하십시오.",
        )
    return good(f"{ANALYST}이(가) mart를 읽습니다")


def inbox(url: str) -> Finding:
    """Whether an inbox can be read, by what, and what waits there."""
    if "://" not in url and not Path(url).exists():
        return good(f"{url}(아직 없음)")
    try:
        if wrong := no_folder(url):
            return wrong
        arrivals, not_taken = inbox_arrivals([url])
    finally:
        forget(url)  # who looks every ten minutes keeps no session
    name, waiting = without_password(url), len(arrivals)
    try:
        with looking() as connection:
            if connection is not None and schema_of(connection) is not None:
                waiting = len(unseen(connection, arrivals))
    except (OutageError, SQLAlchemyError):
        name += "(받은 것을 알 수 없어 모두 셉니다)"
    if waiting or not_taken:
        others = f", 받을 수 없는 것 {len(not_taken)}개" if not_taken else ""
        return remark(
            f"{name}에 기다리는 파일 {waiting}개{others}", "gongyak collect로 받으십시오."
        )
    return good(f"{name}에 기다리는 파일이 없습니다")
