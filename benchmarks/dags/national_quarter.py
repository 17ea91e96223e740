"""A DAG that takes batches of whole governments, a mapped task each: `benchmarks.workers`."""

from airflow.sdk import Param, dag, get_current_context, task

from etl.tasks import CONVENTIONS


@dag(schedule=None, params={"batches": Param([], type="array")}, **CONVENTIONS)
def national_quarter() -> None:
    @task
    def batches() -> list[list[str]]:
        found: list[list[str]] = get_current_context()["params"]["batches"]
        return found

    @task
    def take(files: list[str]) -> None:
        from benchmarks.quarter import RECEIVED_AT
        from benchmarks.workers import on_one_core
        from etl import pipeline

        with on_one_core():
            pipeline.collect(files, RECEIVED_AT)

    take.expand(files=batches())


national_quarter()
