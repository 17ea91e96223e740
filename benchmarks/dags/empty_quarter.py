"""A DAG with the shape of `report_quarter` whose tasks do nothing: what Airflow itself costs."""
# ruff: noqa: ARG001  the shape needs the arguments

from typing import Any

from airflow.sdk import Param, dag, get_current_context, task, task_group

from etl.tasks import CONVENTIONS, Target, label, watch


@dag(schedule=None, params={"departments": Param(30, type="integer")}, **CONVENTIONS)
def empty_quarter() -> None:
    @task
    def targets() -> list[Target]:
        return [{"government_id": "", "quarter_id": ""}]

    @task(map_index_template="{{ label }}")
    def refresh(target: Target) -> dict[str, Any]:
        label("refresh")
        return {}

    @task(map_index_template="{{ label }}")
    def report(target: Target) -> dict[str, Any]:
        label("report")
        return {}

    @task_group
    def close(target: Target) -> None:
        refresh(target) >> report(target)  # type: ignore[arg-type]

    @task
    def roster(chosen: list[Target]) -> list[dict[str, Any]]:
        departments = get_current_context()["params"]["departments"]
        return [{"label": str(number)} for number in range(departments)]

    @task(map_index_template="{{ label }}")
    def department_status(department: dict[str, Any]) -> dict[str, Any]:
        label(department["label"])
        return {}

    chosen = targets()
    closed = close.expand(target=chosen)
    departments = roster(chosen)  # type: ignore[arg-type]
    statuses = department_status.expand(department=departments)
    watch(chosen, closed, departments, statuses)


empty_quarter()
