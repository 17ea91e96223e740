"""A backup of the warehouse by pg_dump."""

import os
import shutil
import subprocess
from pathlib import Path

from etl.problems import SystemFault
from etl.settings import settings
from etl.warehouse import embedded
from etl.warehouse.server import database_url


def dump(path: Path) -> None:
    """Write a backup of the warehouse with pg_dump's own format; `pg_restore` reads it back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    url = database_url(driver="psycopg2")
    part = path.with_suffix(".part")
    command_line = [_pg_dump(), "--format=custom", "--file", str(part)]
    options = {"host": url.query.get("host") or url.host, "port": url.port,
               "username": url.username, "dbname": url.database}  # fmt: skip
    command_line += [f"--{name}={value}" for name, value in options.items() if value]
    done = subprocess.run(  # noqa: S603
        command_line,
        env={**os.environ, "PGPASSWORD": url.password or ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        part.unlink(missing_ok=True)
        raise SystemFault(
            f"백업을 만들지 못했습니다({done.stderr.strip()}).",
            "자료와 앞선 백업은 그대로입니다.",
            "디스크 여유와 데이터베이스를 확인한 뒤 다시 실행하십시오.",
        )
    part.replace(path)


def _pg_dump() -> str:
    """Return the embedded server's pg_dump, or the system's when a server is configured."""
    found = shutil.which("pg_dump") if settings().database_url else None
    return found or str(embedded.program("pg_dump"))
