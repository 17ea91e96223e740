"""What every DAG shares: parameters, retries for outages only, the watcher, the moment of a run.

Nothing here opens a database, and the one file that is read is small (`etl.choices`), so that a DAG
file is parsed in no time.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from airflow.sdk import (
    Asset,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    get_current_context,
    task as airflow_task,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.log import mask_secret

from etl.choices import all_governments, approvers, offered
from etl.home import at_home
from etl.logs import log
from etl.period import PERIOD_PATTERN, parse_period
from etl.problems import GongyakError, UsageError
from etl.quarter import SEOUL, parse_moment, parse_run_moment
from etl.settings import secrets, settings

Target = dict[str, str]

# Airflow shows every logger in a task's log. Great Expectations heeds this before its import only.
for _library in ("alembic", "great_expectations", "sqlalchemy"):
    logging.getLogger(_library).setLevel(logging.WARNING)
# This one sets its own level when imported, so only a filter stays.
logging.getLogger("great_expectations.data_context.types.base").addFilter(
    lambda record: record.levelno >= logging.WARNING
)

DAILY = CronTriggerTimetable("0 9 * * *", timezone="Asia/Seoul")
WEEKLY = CronTriggerTimetable("0 12 * * 3", timezone="Asia/Seoul")

# Only an outage can be cured by trying again; any other fault fails at once.
RETRY_OUTAGES = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="etl.problems.OutageError",
            action=RetryAction.RETRY,
            retry_delay=timedelta(seconds=30),
            reason="바깥의 장애(데이터베이스·네트워크)이므로 다시 시도합니다.",
        )
    ],
    default=RetryAction.FAIL,
)

# What a quarter passes through, in this order; the inbox before it has the bell (`etl.bell`).
ARCHIVE = Asset(name="보관소", uri="gongyak://archive")
REPORTS = Asset(name="반영된 보고", uri="gongyak://core/pledge_report")
FIGURES = Asset(name="지표", uri="gongyak://mart/figure")
RELEASES = Asset(name="발표", uri="gongyak://release")

# The XCom by which a task tells what came of the run.
STORY = "story"

# By the tag of a DAG's kind, what a person presses once the cause is gone.
_AGAIN = {
    "지금": "오른쪽 위의 트리거(Trigger): 새로 실행합니다.",
    "재현": "이 단계의 지우기(Clear): 같은 것을 다시 계산합니다.",
}


def _folding(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function behind whose failure Airflow's lines and the traceback lie folded.

    Airflow's page folds what stands between `::group::` and `::endgroup::`.
    """

    @wraps(function)
    def folding(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except AirflowSkipException:
            raise
        except Exception:
            log.error("::group::관리자가 볼 자세한 기록(눌러 펼치기)")
            raise

    return folding


def _masking(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function before which Airflow learns what no line of the task's log may show."""

    @wraps(function)
    def masking(*arguments: Any, **named: Any) -> Any:
        for secret in secrets():
            mask_secret(secret)
        return function(*arguments, **named)

    return masking


def _unfold() -> None:
    # Ours, and the one that Airflow has begun since; an end too many ends nothing.
    for _ in range(2):
        log.error("::endgroup::")


def tell_failure(context: Any) -> None:
    """End the log of a task that failed with what happened, what is safe and what to press.

    Airflow calls it behind its own lines and the traceback. Each in a line that fits the page.
    """
    _unfold()
    error = context.get("exception")
    if isinstance(error, GongyakError):
        context["ti"].xcom_push(STORY, [f"멈춤: {error.happened}"])
    kind = next((tag for tag in context["dag"].tags if tag in _AGAIN), "지금")
    for line in _told(error):
        log.error("멈춤 | %s", line)
    log.error("멈춤 | 그 뒤 누를 것: %s", _AGAIN[kind])


def tell_retry(context: Any) -> None:
    """End the log of a try that failed with when the next one is."""
    _unfold()
    for line in _told(context.get("exception")):
        log.warning("멈춤 | %s", line)
    log.warning("멈춤 | 30초 뒤에 스스로 다시 합니다.")


def _told(error: BaseException | None) -> Sequence[str]:
    if isinstance(error, GongyakError):
        return error.happened, error.untouched, error.next_step
    if isinstance(error, AirflowFailException):
        return (str(error),)
    if error is None:
        return "이 단계의 프로세스가 도중에 없어졌습니다.", _NOTHING_DONE
    happened = f"뜻밖의 오류({type(error).__name__})입니다."
    return happened, _NOTHING_DONE, "위의 기록을 관리자에게 보내십시오."


_NOTHING_DONE = "이 단계에서 반영된 것은 없습니다."


def tell_red_run(context: Any) -> None:
    """Alert a person to a run that ended red: once a run, however many tasks failed.

    Airflow calls it in the process that reads DAG files; of the run it may tell no more than its
    id. What is not sent here, the watchdog sends.
    """
    from airflow.configuration import conf

    from etl.alerts import red_run, tell

    run = context.get("dag_run")
    asked = {name: _about(run, name) for name in ("government", "quarter")}
    # The calendar's runs are about every government.
    asked["government"] = asked["government"] or all_governments()
    pages = conf.get("api", "base_url", fallback="") or ""
    tell(red_run(context["dag"].dag_id, context["run_id"], pages, **asked))


def _about(run: Any, name: str) -> str:
    """Return what a run was asked for by a person, or by the events that set it off."""
    given = (getattr(run, "conf", None) or {}).get(name)
    events = getattr(run, "consumed_asset_events", None) or []
    told = {str((event.extra or {}).get(name) or "") for event in events} - {""}
    return str(given or "") or ", ".join(sorted(told))


CONVENTIONS: dict[str, Any] = {
    "catchup": False,
    "on_failure_callback": tell_red_run,
    "max_active_runs": 1,
    "default_args": {
        "owner": "총괄부서",
        "retries": 3,
        # What a policy cannot see: a task whose process was killed.
        "retry_delay": timedelta(seconds=30),
        "retry_policy": RETRY_OUTAGES,
        "show_return_value_in_logs": False,
        "on_failure_callback": tell_failure,
        "on_retry_callback": tell_retry,
    },
}


def task(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Make a task of a function: what it writes is the home's owner's alone, as with the shell."""
    return lambda function: airflow_task(**options)(_masking(_folding(at_home(function))))


_BY_CALENDAR = (
    "예: 2021Q4(제출일정의 2021H1, 2021-11, 2021-12-06도). 비워 두면 제출일정에 따릅니다."
)


def _optional(kind: str, title: str, description: str, **limits: Any) -> Param:
    """Return a parameter that may be left blank."""
    return Param(None, type=["null", kind], title=title, description=description, **limits)


def quarter_param(title: str = "분기", description: str = _BY_CALENDAR) -> Param:
    """Return a parameter that takes a quarter."""
    pattern = f"^{PERIOD_PATTERN}$"
    return _optional("string", title, description, pattern=pattern, **offered("quarters"))


def chosen_param(kind: str, title: str, description: str, choices: str) -> Param:
    """Return a parameter that takes one of the lists of `etl.choices`."""
    return _optional(kind, title, description, **offered(choices))


def text_param(title: str, description: str) -> Param:
    """Return a parameter that takes a text."""
    return _optional("string", title, description)


def day_param(title: str, description: str) -> Param:
    """Return a parameter that takes a day, in ISO text."""
    return _optional("string", title, description, format="date")


QUARTER = quarter_param()
GOVERNMENT = chosen_param(
    "string", "기관", "분기를 적었을 때만 봅니다. 등록된 기관이 하나면 비워 둡니다.", "governments"
)
BY = text_param("결정한 사람", "직위나 이름. 비워 두면 이 화면에 로그인한 사람입니다.")
APPROVER = chosen_param(
    "string", "승인할 사람", "고르면 그 사람만 결정합니다. 비우면 승인할 수 있는 누구나입니다.",
    "approvers",
)  # fmt: skip
REASON = text_param("까닭", "기록에 남습니다. 꼭 적어야 합니다.")
CARDS = _optional("boolean", "관리카드", "공약마다 미리 채운 관리카드(.hwpx)도 만듭니다.")
AT = _optional(
    "string",
    "기준 시각",
    "예: 2022-01-20T09:00 또는 2022-01-20(서울의 그날 끝까지). 비우면 실행 시각입니다.",
)
FILES = _optional(
    "array",
    "파일",
    "한 줄에 하나. 비워 두면 받은 편지함(inbox)의 새 파일 모두입니다.",
    items={"type": "string"},
)


def moment() -> datetime:
    """Return the moment this run stands for, in Seoul: stays the same when the run is cleared."""
    context = get_current_context()
    given = context["params"].get("at")
    return parse_moment(given) if given else context["dag_run"].run_after.astimezone(SEOUL)


def present() -> datetime:
    """Return the parameter `at`, else the present: for what happens now, like a receipt."""
    from etl import pipeline

    given = get_current_context()["params"].get("at")
    return parse_run_moment(given) if given else pipeline.present()


def required(**titles: str) -> dict[str, Any]:
    """Return parameters that a person must fill in; each is told with its title.

    Raises UsageError that names those that are blank.
    """
    params = get_current_context()["params"]
    blank = [title for name, title in titles.items() if not str(params[name] or "").strip()]
    if blank:
        raise UsageError.refused(
            f"적지 않은 칸: {', '.join(blank)}.", "모두 적어 새로 실행하십시오."
        )
    return {name: params[name] for name in titles}


def decided_by() -> str:
    """Return who decides: as written, else the person who set the run off."""
    context = get_current_context()
    return str(context["params"]["by"] or context["dag_run"].triggering_user_name or "Airflow")


def wants_cards() -> bool:
    """Tell whether a person asked for cards in the parameters."""
    return bool(get_current_context()["params"].get("cards"))


def label(text: str) -> None:
    """Name this mapped task in the web page; call it in the task's first line."""
    get_current_context()["label"] = text


def verdict(said: str) -> None:
    """Say behind the name of this mapped task what came of it.

    Airflow draws the name anew after the task; of one that failed before this, the name alone.
    """
    context = get_current_context()
    context["label"] = f"{context['label']} · {said}"


def in_counts(counts: Mapping[str, int]) -> str:
    """Return counts as a label says them: `반영 3 보류 1`, without those of none."""
    return " ".join(f"{name} {count}" for name, count in counts.items() if count) or "없음"


def pages() -> str:
    """Return where Airflow's web pages are."""
    return settings().pages


def assign_approver(context: Any) -> None:
    """Leave a decision to the person who was chosen, if one was; raises UsageError for no user."""
    chosen = context["params"].get("approver")
    if chosen is None:
        return
    known = approvers()
    if str(chosen) not in known:
        raise UsageError.refused(
            f"승인할 사람 {chosen}을(를) 모릅니다.",
            "승인 역할의 사용자를 고르거나 비워 두고 새로 실행하십시오.",
        )
    context["task"].assigned_users = [{"id": str(chosen), "name": known[str(chosen)]}]


def asked() -> list[Target]:
    """Return what a person asked for in the parameters; empty: the calendar decides.

    Raises UsageError for a government or period that is not known.
    """
    from etl import pipeline

    params = get_current_context()["params"]
    if not params["quarter"]:
        return []
    government_id = pipeline.only_government(params["government"])
    pipeline.require_quarter(params["quarter"], government_id)
    return [{"government_id": government_id, "quarter_id": params["quarter"]}]


def touched(asset: Asset) -> list[Target]:
    """List the governments and quarters whose reports set this run off; none on a daily run."""
    events = get_current_context()["triggering_asset_events"][asset]
    found = {(event.extra["government"], event.extra["quarter"]) for event in events}
    return [{"government_id": g, "quarter_id": q} for g, q in sorted(found)]


def due_targets(newest: Sequence[Target], touched_now: Sequence[Target]) -> list[Target]:
    """Return what to close: on a daily run the newest due quarters, else those touched and due.

    `newest` holds each government's newest quarter that is past its due date, and its newest period
    of every other kind; every earlier one of the kind is past it too.
    """
    if not touched_now:
        return list(newest)
    limits = {_sort_of(target): parse_period(target["quarter_id"]) for target in newest}
    return [
        target
        for target in touched_now
        if _sort_of(target) in limits
        and parse_period(target["quarter_id"]) <= limits[_sort_of(target)]
    ]


def _sort_of(target: Target) -> tuple[str, str]:
    return target["government_id"], parse_period(target["quarter_id"]).kind


def pushed(record: Any) -> dict[str, Any]:
    """Return a record of the pipeline as a task hands it on."""
    return asdict(record)


def tell(asset: Asset, **facts: Any) -> None:
    """Tell in the event of an asset that this task updates what it did."""
    get_current_context()["outlet_events"][asset].extra.update(facts)


def story(*said: str) -> None:
    """Tell in lines what came of this run: its note, which the page of the run shows.

    `etl.desk.stories` gathers them when the run ends; a task that tells twice tells the last. It
    names no person.
    """
    get_current_context()["ti"].xcom_push(STORY, [*said])


def nothing_to_do(reason: str, *said: str) -> AirflowSkipException:
    """Return what a task raises to end a run quietly and green.

    The log tells the reason, and the run's note too, or what is said instead.
    """
    log.info("할 일 없음 | %s", reason)
    story(*(said or [f"할 일 없음: {reason}"]))
    return AirflowSkipException(reason)


@task(task_display_name="감시", trigger_rule="one_failed", retries=0)
def watcher() -> None:
    """Turn the run red: a later green task must not hide an earlier technical failure."""
    raise AirflowFailException(
        "앞 단계 하나가 실패했습니다. 빨간 단계의 기록을 열어 마지막 줄에 적힌 대로 하십시오."
    )


def watch(*stages: Any) -> None:
    """Put the watcher behind every stage of the DAG being defined."""
    list(stages) >> watcher()


def merge_when_many(rows: Sequence[dict[str, Any]], limit: int = 500) -> list[dict[str, Any]]:
    """One entry per mapped task: the rows as they are, or one per target when too many.

    Thousands of small tasks would spend their time in the queue (and 1,024 is the most that
    Airflow maps by default).
    """
    if len(rows) <= limit:
        return list(rows)
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row["government_id"], row["quarter_id"])
        entry = merged.setdefault(key, {**row, "label": " ".join(key), "department_codes": []})
        entry["department_codes"] = [*entry["department_codes"], *row["department_codes"]]
    return list(merged.values())
