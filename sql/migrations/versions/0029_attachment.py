"""Pictures that returns name. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run_beside(__file__)
