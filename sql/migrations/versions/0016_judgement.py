"""Judgements are versions: a recorded recheck adds one. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_beside(__file__)
