"""The foundation: every table, key and index of the first release. The SQL stands beside.

It bears the number of the twelfth migration that it was folded from.
"""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = None


def upgrade() -> None:
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(script.replace("%", "%%"))
