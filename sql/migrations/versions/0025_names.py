"""Names beside the codes of the marts, and money named after what it is summed over."""

from etl.warehouse.migrations import run_beside

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    run_beside(__file__)
