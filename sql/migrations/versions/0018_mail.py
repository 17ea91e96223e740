"""Mail to departments is noted before it is sent. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_beside(__file__)
