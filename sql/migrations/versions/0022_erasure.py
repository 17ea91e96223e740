"""What is erased after a retention period, and when. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_beside(__file__)
