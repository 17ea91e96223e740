"""Grades beside the statuses, and the statuses of sub-tasks. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run_beside(__file__)
