"""Who may see which department on the page 제출 현황, and who sent what. The SQL stands beside."""

from etl.warehouse.migrations import run_beside

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_beside(__file__)
