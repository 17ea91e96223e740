"""Events in the transaction that does them. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_beside(__file__)
