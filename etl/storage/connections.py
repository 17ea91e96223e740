"""Whose keys open a folder elsewhere: Airflow's connections, for its tasks and for the shell alike.

Under Airflow it is asked; a shell looks where Airflow would, in its order: a secrets backend, the
variable `AIRFLOW_CONN_` + the name, Airflow's database.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from etl.problems import UsageError
from etl.settings import SECRETS, settings


@dataclass(frozen=True)
class Keys:
    """One connection. What it holds is shown nowhere, not even in a traceback."""

    host: str = ""
    port: int | None = None
    login: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


def keys_of(name: str) -> Keys:
    """Return the connection of that id; raises UsageError where there is none, or one unreadable.

    No value of it is told: it may be a secret.
    """
    try:
        found = _of_airflow(name) or _of_environment(name) or _of_database(name)
    except (ValueError, TypeError) as error:
        raise UsageError.refused(
            f"연결 {name}의 내용을 읽을 수 없습니다({type(error).__name__}).",
            "AIRFLOW_CONN_의 값(URI나 JSON)이나 Airflow 화면의 연결을 고치십시오.",
        ) from None
    if found is None:
        raise UsageError.refused(
            f"연결 {name}을(를) 찾을 수 없습니다.",
            f"환경변수 AIRFLOW_CONN_{name.upper()}이나 Airflow 화면(Admin → Connections)에 연결을"
            " 만드십시오.",
        )
    return found


def _of_airflow(name: str) -> Keys | None:
    """Ask Airflow: in what it runs, and in a shell whose secrets lie where only it can look."""
    runner = sys.modules.get("airflow.sdk.execution_time.task_runner")
    is_in_airflow = getattr(runner, "SUPERVISOR_COMMS", None) is not None
    if not is_in_airflow and not os.environ.get("AIRFLOW__SECRETS__BACKEND"):
        return None
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found = Connection.get(name)
    except AirflowNotFoundException:
        return None
    return _keys(
        found.host, found.port, found.login, found.password, json.loads(found.extra or "{}")
    )


def _keys(host: Any, port: Any, login: Any, password: Any, extra: Any) -> Keys:
    told = json.loads(extra or "{}") if isinstance(extra, str) else extra or {}
    return Keys(host or "", int(port) if port else None, login or "", password or "", told)


def _of_environment(name: str) -> Keys | None:
    said = os.environ.get(f"AIRFLOW_CONN_{name.upper()}", "").strip()
    if not said:
        return None
    if said.startswith("{"):
        told = json.loads(said)
        return _keys(*(told.get(key) for key in ("host", "port", "login", "password", "extra")))
    parts = urlsplit(said)
    extra = dict(parse_qsl(parts.query, keep_blank_values=True))
    return _keys(
        unquote(parts.hostname or ""), parts.port, unquote(parts.username or ""),
        unquote(parts.password or ""), extra.get("__extra__", extra),
    )  # fmt: skip


_ROW = """
SELECT host, port, login, password, extra, is_encrypted, is_extra_encrypted
FROM connection WHERE conn_id = :name
"""


def _of_database(name: str) -> Keys | None:
    """Read what somebody entered in Airflow's pages; None where Airflow has no database here."""
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    from etl.warehouse import AIRFLOW, looking

    try:
        with looking(AIRFLOW) as connection:
            rows = connection.execute(text(_ROW), {"name": name}).all() if connection else []
    except SQLAlchemyError:  # not made yet, or another's
        return None
    for row in rows:
        password = _plain(row.password) if row.is_encrypted else row.password
        extra = _plain(row.extra) if row.is_extra_encrypted else row.extra
        return _keys(row.host, row.port, row.login, password, extra)
    return None


def _plain(secret: str | None) -> str:
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet

    if not secret:
        return ""
    try:
        keys = MultiFernet([Fernet(key) for key in _fernet_keys()])
        return keys.decrypt(secret.encode()).decode()
    except InvalidToken as error:
        raise ValueError("another installation's key") from error


def _fernet_keys() -> list[str]:
    """Return the keys by which Airflow keeps secrets: as told, a container's, or this home's."""
    mounted, own = SECRETS / "airflow_fernet_key", settings().home.resolve() / "airflow/keys.json"
    said = os.environ.get("AIRFLOW__CORE__FERNET_KEY", "")
    if not said and mounted.exists():
        said = mounted.read_text(encoding="utf-8")
    if not said and own.exists():
        said = json.loads(own.read_text(encoding="utf-8"))["fernet"]
    return [key.strip() for key in said.split(",") if key.strip()]
