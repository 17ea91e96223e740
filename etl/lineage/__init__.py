"""OpenLineage: what each task read and wrote, told to a backend or a file; off unless it is set.

Airflow's provider sends the events; it is loaded by the processes of Airflow only where
`GONGYAK_LINEAGE` says where to. What stands in an event is decided in `etl.lineage.events`.
"""

import json
import os
from pathlib import Path
from typing import Any

from etl.settings import settings

# For which a backend may be silent: a task waits for its events, and is never stopped by them.
_SECONDS = 3


def environment() -> dict[str, str]:
    """Return what Airflow is told by its environment; it says so too where nothing is told."""
    place = settings().lineage.strip()
    if not place:
        return {"AIRFLOW__OPENLINEAGE__DISABLED": "True"}
    transport = {
        "type": "transform",
        "transformer_class": "etl.lineage.events.OnlyLineage",
        "transport": _transport(place),
    }
    return {
        "AIRFLOW__OPENLINEAGE__DISABLED": "False",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
        "AIRFLOW__OPENLINEAGE__NAMESPACE": "gongyak",
        "AIRFLOW__OPENLINEAGE__EXTRACTORS": "etl.lineage.events.TaskLineage",
        # A fork would share the task's connections to the warehouse and to Airflow.
        "AIRFLOW__OPENLINEAGE__EXECUTE_IN_THREAD": "True",
    }


def _transport(place: str) -> dict[str, Any]:
    if not place.lower().startswith(("http://", "https://")):
        return {"type": "file", "log_file_path": str(Path(place).resolve()), "append": True}
    key = os.environ.get("OPENLINEAGE_API_KEY")
    auth = {"auth": {"type": "api_key", "apiKey": key}} if key else {}
    return {"type": "http", "url": place, "timeout": _SECONDS, "retry": {"total": 0}, **auth}
