"""How the installation is: a list of checks, each looking at one thing and changing nothing.

They look side by side, for some seconds at the most, and whatever one raises is its own line:
nothing here is stopped by what is broken.
"""

import re
from collections.abc import Sequence
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

from etl.doctor import airflow, database, outgoing, places
from etl.doctor.record import STATE_NAMES as STATE_NAMES, Check, Finding, Record, broken, remark
from etl.problems import GongyakError
from etl.settings import SettingsError, settings
from etl.storage import without_password

CHECKS: Sequence[Check] = (
    Check("versions", "판", places.versions),
    Check("settings", "설정", places.settings_in_effect),
    Check("home", "홈", places.home),
    Check("database", "데이터베이스", database.database),
    Check("analysts", "분석가 역할", database.analysts),
    Check("archive", "보관소", places.archive_files),
    Check("journal", "일지", database.journal),
    Check("folders", "회신과 발표", places.folders),
    Check("set_aside", "따로 둔 파일", database.set_aside),
    Check("unfinished", "끝나지 않은 일", database.unfinished),
    Check("outgoing", "알림", outgoing.outgoing),
    Check("mails", "부서 메일", database.mails),
    Check("browser", "PDF 브라우저", places.browser),
    Check("airflow", "Airflow", airflow.processes),
    Check("dag_runs", "DAG의 마지막 실행", airflow.runs),
    Check("schedule", "예약", airflow.schedule),
    Check("backup", "백업", places.backups),
)

_AFTER = "journal"  # comes what looks at the inboxes

_SECONDS = 8.0
_SECRET = re.compile(r"(password|passwd|token|key)=\S+", re.IGNORECASE)


def all_checks() -> list[Check]:
    """Return every check in its order; of the inboxes one each, called `inbox`, `inbox:2`, …"""
    try:
        urls = settings().inboxes
    except SettingsError:  # its own check tells
        urls = []
    boxes = [
        Check(f"inbox:{number}" if number > 1 else "inbox", "접수함", partial(database.inbox, url))
        for number, url in enumerate(urls, 1)
    ]
    place = [check.name for check in CHECKS].index(_AFTER) + 1
    return [*CHECKS[:place], *boxes, *CHECKS[place:]]


def examine(checks: Sequence[Check] | None = None, seconds: float = _SECONDS) -> list[Record]:
    """Look at everything; return one record a check, in their order, after `seconds` at most."""
    checks = all_checks() if checks is None else checks
    found: SimpleQueue[tuple[int, Finding]] = SimpleQueue()
    for number, check in enumerate(checks):
        # A disk that hangs holds its own thread up, and nobody waits for it.
        Thread(target=_look, args=(number, check, found), daemon=True).start()
    until, known = monotonic() + seconds, dict[int, Finding]()
    while len(known) < len(checks) and (left := until - monotonic()) > 0:
        try:
            number, finding = found.get(timeout=left)
        except Empty:
            break
        known[number] = finding
    late = broken(f"{seconds:g}초 안에 답하지 않았습니다", "디스크와 네트워크를 확인하십시오.")
    return [_record(check, known.get(number, late)) for number, check in enumerate(checks)]


def _look(number: int, check: Check, found: "SimpleQueue[tuple[int, Finding]]") -> None:
    found.put((number, looked(check)))


def looked(check: Check) -> Finding:
    """Return what a check finds, or what it raised as a finding of its own."""
    try:
        return check.look()
    except SettingsError as error:
        return _of_settings(check, error)
    except GongyakError as error:
        return broken(error.happened.rstrip("."), error.next_step)
    except Exception as error:
        said = _SECRET.sub(r"\1=…", without_password(str(error).partition("\n")[0]))
        told = f"살피다가 멈추었습니다({type(error).__name__}: {said})"
        return broken(told, "그곳의 권한과 주소를 확인하십시오.")


def _of_settings(check: Check, error: SettingsError) -> Finding:
    """Return which settings cannot be read, once."""
    if check.name != "settings":
        return remark("설정을 읽을 수 없어 살피지 못했습니다", "설정을 먼저 고치십시오.")
    return broken(error.happened.rstrip("."), error.next_step)


def _record(check: Check, finding: Finding) -> Record:
    return Record(check.name, check.title, finding.state, finding.said, finding.remedy)
