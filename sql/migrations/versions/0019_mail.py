"""Mail to departments is noted before it is sent. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_beside(__file__)
