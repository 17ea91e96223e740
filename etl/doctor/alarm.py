"""What of the installation's state reaches a person: the checks that raise alerts, and their end.

It makes no checks of its own: what `gongyak doctor` says is looked at again and again.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NoReturn

from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from etl import alerts, choices, service
from etl.doctor import airflow, all_checks, examine
from etl.doctor.record import Record, State
from etl.logs import log
from etl.problems import OutageError
from etl.quarter import seoul_now
from etl.settings import settings

_SECONDS_BETWEEN = 600.0
_SECONDS_OF_CHECKS = 30.0
_STEADY_MINUTES = 10  # for which a process runs again before it counts as well

# The check, the kind of alert that it raises, and the states that raise it: a backup that is
# missing or old is no fault of the program's, and yet somebody has to know before it is needed.
ALARMED: Mapping[str, tuple[str, frozenset[State]]] = {
    "home": ("home", frozenset({"broken"})),
    "inbox": ("inbox", frozenset({"broken"})),
    "schedule": ("missed_schedule", frozenset({"broken"})),
    "backup": ("backup", frozenset({"broken", "remark"})),
}


def keep_alarmed() -> NoReturn:
    """Look every ten minutes, for ever; what a look raises is a line in the log."""
    while True:
        time.sleep(_SECONDS_BETWEEN)
        try:
            tell_state()
        except Exception as error:
            log.warning("알림 | 살피지 못했습니다(%s)", type(error).__name__)


def tell_state() -> list[str]:
    """Alert to what is broken, say what is well again, and send what could not be sent before.

    Returns a line for each check that raises an alert.
    """
    checks = [check for check in all_checks() if _kind_of(check.name) in ALARMED]
    records = examine(checks, _SECONDS_OF_CHECKS)
    raised = [f"{one.title}: {one.said}" for one in records if _tell_record(one)]
    for row in _dags():
        _tell_run(row)
    _tell_processes()
    alerts.tell_again()
    return raised


def _kind_of(name: str) -> str:
    """Return which check it is, of several that look at the same kind of thing."""
    return name.partition(":")[0]


# Of these a remark is well enough: it is of something else than what the alert was of.
_WELL_WITH_REMARKS = frozenset({"home", "inbox"})


def _tell_record(record: Record) -> bool:
    kind, alarming = ALARMED[_kind_of(record.name)]
    if record.state not in alarming:
        if record.state == "good" or kind in _WELL_WITH_REMARKS:
            alerts.well_again(kind, record.name, f"{record.said}.")
        return False
    today = f"{seoul_now():%Y-%m-%d}"
    alerts.tell(alerts.Alert(kind, record.name, today, f"{record.said}.", record.remedy))
    return True


def _dags() -> Sequence[Row[Any]]:
    try:
        return airflow.known_dags() or ()
    except (OutageError, SQLAlchemyError):
        return ()


def _tell_run(row: Row[Any]) -> None:
    """Tell of a newest run that is red and was told by nobody, and of one that is green again."""
    told = alerts.noted().get(alerts.Alert("red_run", row.dag_id, "", "").key)
    if row.state == "success":
        said = f"DAG {row.dag_id}의 마지막 실행이 성공했습니다: {row.run_id}"
        alerts.well_again("red_run", row.dag_id, said)
    elif row.state == "failed" and (told is None or told.alert.run_id != row.run_id):
        about = choices.all_governments()
        alerts.tell(alerts.red_run(row.dag_id, row.run_id, settings().pages, government=about))


def _tell_processes() -> None:
    """Say which processes run again, once they have for a while."""
    well = service.well_names()
    for told in alerts.noted().values():
        name, since = told.alert.about, told.alert.occurrence
        if told.alert.kind != "dead_process" or name not in well:
            continue
        if since < (seoul_now() - timedelta(minutes=_STEADY_MINUTES)).isoformat():
            alerts.well_again(
                "dead_process", name, f"프로세스가 {_STEADY_MINUTES}분 넘게 다시 돕니다: {name}"
            )
