"""Facts are written from the reports they belong to. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run_beside(__file__)
