"""What an event says of a task: the files and the tables that it read and wrote, and no more.

Airflow's provider loads this module, and only where events are sent.
"""

import socket
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import attr
import yaml
from airflow.providers.openlineage.extractors.base import BaseExtractor, OperatorLineage
from openlineage.client.event_v2 import Dataset, RunEvent
from openlineage.client.transport.transform import EventTransformer

from etl import pipeline, warehouse

Files: TypeAlias = Sequence[pipeline.ReceivedPlace]

# Of the rest Airflow's facets would tell who approved what and why, what a run was asked for, and
# what an error said.
_RUN_FACETS = {"parent", "nominalTime", "processing_engine"}
_JOB_FACETS = {"jobType", "ownership"}


@cache
def told() -> tuple[dict[str, dict[str, list[str]]], dict[str, list[str]]]:
    """Return what `tasks.yml` says: by `DAG.TASK` what it `reads` and `writes`, and the groups."""
    content = Path(__file__).with_name("tasks.yml").read_text(encoding="utf-8")
    said = yaml.safe_load(content)
    return said["tasks"], said["groups"]


def file_dataset(uri: str) -> Dataset:
    """Return a file by the naming of OpenLineage: where it lies, and its path there.

    Neither the connection that opens an address nor the number of an upload is part of it.
    """
    scheme, slashes, rest = uri.partition("://")
    if not slashes:  # `desk:/NUMBER/…`
        return Dataset(namespace="gongyak://desk", name=f"/{uri.split('/', 2)[-1]}")
    place, _, path = rest.partition("/")
    host = place.rpartition("@")[2]
    if not host:
        return Dataset(namespace=scheme, name=f"/{path}")
    return Dataset(namespace=f"{scheme}://{host}", name=path if scheme == "s3" else f"/{path}")


def table_dataset(table: str) -> Dataset:
    """Return a table by the naming of OpenLineage; the embedded server is called by its machine."""
    server = warehouse.database_url()
    place = f"postgres://{server.host or socket.gethostname()}:{server.port or 5432}"
    return Dataset(namespace=place, name=f"{server.database}.{table}")


def datasets(words: Sequence[str], files: Files) -> list[Dataset]:
    """Return what words of `tasks.yml` stand for, each once; `files` are those of the batch."""
    places = {
        "inbox": [one.source_uri for one in files],
        "archive": [one.archive_uri for one in files],
    }
    _, groups = told()
    found: list[Dataset] = []
    for word in words:
        if word in places:
            found += map(file_dataset, dict.fromkeys(places[word]))
        else:
            found += map(table_dataset, groups.get(word, [word]))
    return found


class TaskLineage(BaseExtractor):  # type: ignore[misc]
    """What a task of ours read and wrote; known once it is done."""

    @classmethod
    def get_operator_classnames(cls) -> list[str]:
        """Return what Airflow calls every task that `etl.tasks.task` makes."""
        return ["_PythonDecoratedOperator"]

    def _execute_extraction(self) -> OperatorLineage:
        return OperatorLineage()

    def extract_on_failure(self, _task_instance: Any) -> OperatorLineage:
        """Return nothing: a task that failed has written nothing that holds."""
        return self.extract()

    def extract_on_complete(self, task_instance: Any) -> OperatorLineage:
        """Return the files of the run's batch and the tables that `tasks.yml` names."""
        tasks, _ = told()
        said = tasks.get(f"{task_instance.dag_id}.{task_instance.task_id}")
        if said is None:
            return OperatorLineage()
        files: Files = ()
        if "archive" in (*said["reads"], *said["writes"]):
            files = pipeline.received_places(task_instance.xcom_pull(task_ids="receive"))
        return OperatorLineage(
            inputs=datasets(said["reads"], files), outputs=datasets(said["writes"], files)
        )


class OnlyLineage(EventTransformer):
    """Keeps in an event what lineage needs, whatever else Airflow puts there."""

    def transform(self, event: Any) -> Any:
        """Return an event without facets that may hold a name, a reason or an error's text."""
        if not isinstance(event, RunEvent):
            return event
        run = {name: one for name, one in (event.run.facets or {}).items() if name in _RUN_FACETS}
        job = {name: one for name, one in (event.job.facets or {}).items() if name in _JOB_FACETS}
        return attr.evolve(
            event, run=attr.evolve(event.run, facets=run), job=attr.evolve(event.job, facets=job)
        )
