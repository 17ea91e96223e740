"""What an office takes back: a published release. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run_beside(__file__)
