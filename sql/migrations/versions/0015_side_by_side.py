"""Governments side by side: turns and journals of their own. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_beside(__file__)
