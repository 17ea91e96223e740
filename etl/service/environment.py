"""Where Airflow runs here: its home, its keys, and the environment of its processes."""

import base64
import json
import os
import secrets
from pathlib import Path

from etl import lineage, warehouse
from etl.desk.accounts import ADMIN
from etl.settings import settings

REPOSITORY = Path(__file__).resolve().parents[2]
USER = ADMIN
AUTH_MANAGER = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
# Lies in the demo's home, so that a demo within the demo is the same one.
DEMO_MARK = "시연.txt"
# Airflow's own lines that would stand between ours in a task's log; its errors stay.
_QUIET = (
    "airflow.dag_processing airflow.models airflow.task.operators airflow.sdk task"
    " airflow.providers.openlineage openlineage"
)


def demo_home() -> Path:
    """Return the home of the demo: below the office's, or this one where it is the demo's own."""
    home = settings().home.resolve()
    return home if (home / DEMO_MARK).exists() else home / "demo"


def airflow_home() -> Path:
    return settings().home.resolve() / "airflow"


def _private(name: str, **content: str) -> Path:
    """Return a JSON file of this installation: made once, and readable by its owner only."""
    path = airflow_home() / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
    return path


def keys() -> dict[str, str]:
    """Return the keys of this installation."""
    fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    jwt, pages = secrets.token_hex(32), secrets.token_hex(32)
    path = _private("keys.json", fernet=fernet, jwt=jwt, pages=pages)
    made: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return made


def password_file() -> Path:
    """Return the file with the generated password."""
    return _private("password.json", **{USER: secrets.token_urlsafe(12)})


def _usual() -> dict[str, str]:
    """Return what holds where the environment says nothing else."""
    return {
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Seoul",
        "AIRFLOW__API__WORKERS": "1",
        # What a killed scheduler had taken, queued or running, is taken anew within two minutes.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "20",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "90",
        # A task that runs while the pages are begun again waits for them.
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "12",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX": "10",
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": " ".join(f"{x}=WARNING" for x in _QUIET.split()),
    }


def airflow_environment(port: int | None = None) -> dict[str, str]:
    """Return the environment in which Airflow runs here: this process's, and this home's own.

    Starts the embedded server when it is not running, because the address leads to it.
    """
    port = port or settings().airflow_port
    installed = keys()
    database = warehouse.database_url(warehouse.AIRFLOW, driver="psycopg2")
    home, logs = airflow_home(), settings().logs
    python_path = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {
        "GONGYAK_HOME": str(settings().home.resolve()),
        "GONGYAK_AIRFLOW_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(python_path),
        "PYTHONUNBUFFERED": "1",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "etl" / "desk" / "plugins"),
        "AIRFLOW__CORE__AUTH_MANAGER": AUTH_MANAGER,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__FERNET_KEY": installed["fernet"],
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__SECRET_KEY": installed["pages"],
        "AIRFLOW__API_AUTH__JWT_SECRET": installed["jwt"],
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database.render_as_string(hide_password=False),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(logs / "tasks"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(logs / "dags"),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(home / "bundles"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {**_usual(), **os.environ, **own, **lineage.environment()}
