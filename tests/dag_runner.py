"""A process in which Airflow lives, so that the test's own process never imports it.

Reads one request per line on stdin, writes one answer per line on the stream that was stdout;
everything that Airflow prints goes to stderr, which is the log.
"""

import json
import os
import sys
import traceback
import warnings
from pathlib import Path
from threading import Thread
from time import sleep
from types import SimpleNamespace
from typing import Any, TextIO

DAGS = Path(__file__).parent.parent / "dags"
HEAVY = ("great_expectations", "pandas", "openpyxl", "etl.pipeline", "etl.warehouse")


def describe() -> dict[str, Any]:
    """Import every DAG file with deprecations as errors and tell what it says of itself."""
    from airflow.dag_processing.dagbag import DagBag

    before = set(sys.modules)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        warnings.simplefilter("error", PendingDeprecationWarning)
        bag = DagBag(dag_folder=DAGS)
    loaded = set(sys.modules) - before
    return {
        "errors": {str(name): str(error) for name, error in bag.import_errors.items()},
        "heavy": [name for name in HEAVY if name in loaded],
        "seconds": {Path(s.file).name: s.duration.total_seconds() for s in bag.dagbag_stats},
        "dags": {dag_id: _facts(dag) for dag_id, dag in bag.dags.items()},
    }


def _facts(dag: Any) -> dict[str, Any]:
    timetable = dag.timetable
    clock = getattr(timetable, "timetable", timetable)
    return {
        "doc": dag.doc_md,
        "display": dag.dag_display_name,
        "groups": {
            name: group.group_display_name
            for name, group in dag.task_group.get_task_group_dict().items()
            if name
        },
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "red": getattr(dag.on_failure_callback, "__name__", None),
        "max_active_runs": dag.max_active_runs,
        "cron": clock.expression if hasattr(clock, "expression") else str(clock),
        "timezone": str(getattr(clock, "timezone", None)),
        "params": _params(dag.params),
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }


def _params(params: Any) -> dict[str, Any]:
    found = {name: params.get_param(name) for name in params}
    return {name: {**one.schema, "description": one.description} for name, one in found.items()}


def _task(task: Any) -> dict[str, Any]:
    from etl.problems import OutageError, SystemFault, UsageError

    policy = task.retry_policy
    faults = (OutageError, SystemFault, UsageError, ValueError)
    decide = {f.__name__: _decision(policy, f) for f in faults} if policy else {}
    return {
        "owner": task.owner,
        "rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        "retries": task.retries,
        "decisions": decide,
        "is_mapped": bool(task.is_mapped) or _in_mapped_group(task),
        "template": getattr(task, "map_index_template", None),
        "upstream": sorted(task.upstream_task_ids),
        "display": task.task_display_name,
        "params": _params(task.params),
    }


def _in_mapped_group(task: Any) -> bool:
    return task.get_closest_mapped_task_group() is not None


def _decision(policy: Any, fault: type[Exception]) -> str:
    error = fault("", "", "") if fault is not ValueError else ValueError()
    return str(policy.evaluate(error, 1, 3).action.value)


def respond(dag_id: str, chosen: str, reason: str, seen: list[str]) -> None:
    """Wait until a task asks for a person, and answer as the web page's own endpoint does.

    What the person was shown is added to `seen`. A run that nobody can answer would wait for ever,
    so a fault here ends the process.
    """
    try:
        while not _answered(dag_id, chosen, reason, seen):
            sleep(0.2)
    except Exception:
        traceback.print_exc()
        os._exit(1)


def _answered(dag_id: str, chosen: str, reason: str, seen: list[str]) -> bool:
    from airflow.api_fastapi.core_api.datamodels.hitl import UpdateHITLDetailPayload
    from airflow.api_fastapi.core_api.routes.public.hitl import update_hitl_detail
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    waiting = (
        select(TaskInstance.run_id, TaskInstance.task_id, HITLDetail.subject, HITLDetail.body)
        .join(HITLDetail, HITLDetail.ti_id == TaskInstance.id)
        .where(TaskInstance.dag_id == dag_id, TaskInstance.state == "awaiting_input")
    )
    payload = UpdateHITLDetailPayload(chosen_options=[chosen], params_input={"reason": reason})
    person = SimpleNamespace(get_id=lambda: "7", get_name=lambda: "기획예산과장")
    with create_session() as session:
        found = session.execute(waiting).first()
        if found is None:
            return False
        seen.extend([found.subject, found.body])
        update_hitl_detail(dag_id, found.run_id, found.task_id, payload, person, session)
        return True


def run(
    dag_id: str, conf: dict[str, Any], fault: str | None, answer: list[str] | None
) -> dict[str, Any]:
    """Run a DAG to its end.

    `fault` names a stage that breaks as if by our own fault, `answer` is what a person chooses and
    the reason they give.
    """
    from airflow.dag_processing.dagbag import DagBag

    from etl import pipeline
    from etl.problems import SystemFault

    def broken(*_: Any, **__: Any) -> None:
        raise SystemFault("시험용 고장입니다.", "아무것도 바뀌지 않았습니다.", "그대로 두십시오.")

    dag = DagBag(dag_folder=DAGS / f"{dag_id}.py").get_dag(dag_id)
    assert dag is not None
    whole = getattr(pipeline, fault) if fault else None
    if fault:
        setattr(pipeline, fault, broken)
    seen: list[str] = []
    if answer:
        Thread(target=respond, args=(dag_id, *answer, seen), daemon=True).start()
    try:
        finished = dag.test(run_conf=conf)
    finally:
        if fault:
            setattr(pipeline, fault, whole)
    tasks = [
        {
            "task": instance.task_id,
            "state": str(instance.state),
            "label": instance.rendered_map_index,
            "tries": instance.try_number,
        }
        for instance in finished.get_task_instances()
    ]
    return {
        "state": str(finished.state.value),
        "note": _note(finished),
        "tasks": tasks,
        "asked": seen,
        "imported": [name for name in HEAVY if name in sys.modules],
    }


def _note(finished: Any) -> str | None:
    """Return the note of a run as the database has it."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        run = session.get(DagRun, finished.id)
        return str(run.note) if run and run.note else None


def serve(answers: TextIO) -> None:
    """Answer requests until stdin ends."""
    for line in sys.stdin:
        request = json.loads(line)
        answer = describe() if request["do"] == "describe" else run(**request["run"])
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(stream)
