"""What is erased after a retention period, and when. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_beside(__file__)
