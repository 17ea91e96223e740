"""What was done, in words. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    run_beside(__file__)
