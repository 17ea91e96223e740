"""Waivers of periods of any kind. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run_beside(__file__)
