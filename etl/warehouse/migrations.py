"""The tables of the warehouse: Alembic brings them to the newest migration."""

from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from etl.problems import UsageError
from etl.warehouse.connection import SQL


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SQL / "migrations"))
    return config


def known() -> list[str]:
    """Return the name of every migration, newest first."""
    return [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()]


def upgrade(state: str | None) -> None:
    """Run every migration behind `state`; raises UsageError where no migration has that name."""
    try:
        command.upgrade(_config(), "head")
    except CommandError as error:
        raise UsageError(
            f"이 프로그램은 창고의 스키마 판({state})을 모릅니다.",
            "창고는 바뀌지 않았습니다.",
            "창고를 마지막으로 쓴 판의 gongyak이나 그 뒤의 판을 쓰십시오.",
        ) from error


def run_beside(migration: str) -> None:
    """Run the SQL file that stands beside a migration's own."""
    script = Path(migration).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(script.replace("%", "%%"))
