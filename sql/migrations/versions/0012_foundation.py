"""The foundation: every table, key and index of the first release. The SQL stands beside.

It bears the number of the twelfth migration that it was folded from.
"""

from etl.warehouse.migrations import run_beside

revision = "0012"
down_revision = None


def upgrade() -> None:
    run_beside(__file__)
