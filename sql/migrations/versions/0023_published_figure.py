"""What was printed of a figure, and where. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run_beside(__file__)
