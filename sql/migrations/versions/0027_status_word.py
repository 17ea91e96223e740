"""What an office calls a status in words of its own. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run_beside(__file__)
