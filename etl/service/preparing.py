"""What must stand before Airflow's processes begin: both databases, roles, the first user."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from etl import warehouse
from etl.desk.accounts import prepare_accounts
from etl.problems import SystemFault
from etl.service.environment import USER, airflow_environment, airflow_home, password_file
from etl.settings import settings


def prepare(environment: Mapping[str, str]) -> None:
    """Bring warehouse and Airflow's own database to their newest state; raises SystemFault."""
    warehouse.migrate()
    log = settings().logs / "airflow_db_migrate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env=dict(environment),
            stdout=file,
            stderr=file,
            check=False,
        )
    if done.returncode:
        raise SystemFault(
            "Airflow의 데이터베이스를 준비하지 못했습니다.",
            "공약 자료는 그대로입니다.",
            f"{log}의 마지막 줄을 확인하십시오.",
        )


def prepare_users(environment: Mapping[str, str]) -> None:
    """Bring roles and the first user into Airflow's database, which must be prepared."""
    is_new = not (airflow_home() / "password.json").exists()
    password = json.loads(password_file().read_text(encoding="utf-8"))[USER]
    prepare_accounts(environment, password, is_new)


def ready(port: int | None = None) -> dict[str, str]:
    """Make this installation ready for `supervise`; return the environment that it needs."""
    environment = airflow_environment(port)
    prepare(environment)
    prepare_users(environment)
    return environment


def prepare_server() -> None:
    """Make a configured server ready: Airflow's database, both migrations, the first user.

    The password of that user comes from AIRFLOW_ADMIN_PASSWORD; an existing user keeps theirs.
    """
    warehouse.make_airflow_database()
    prepare(os.environ)
    prepare_accounts(os.environ, os.environ["AIRFLOW_ADMIN_PASSWORD"], is_new=False)


_DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


def environment_in_use() -> Mapping[str, str]:
    """Return the environment of Airflow, its database prepared; on a server it is this one's."""
    if os.environ.keys() & {_DATABASE, f"{_DATABASE}_CMD", f"{_DATABASE}_SECRET"}:
        return os.environ
    is_fresh = not (airflow_home() / "password.json").exists()
    return ready() if is_fresh else airflow_environment()
