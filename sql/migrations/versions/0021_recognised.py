"""Files of the inbox that bring no news. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_beside(__file__)
