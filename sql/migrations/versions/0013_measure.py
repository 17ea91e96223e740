"""The figures as a table. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_beside(__file__)
