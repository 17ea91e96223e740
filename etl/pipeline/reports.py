"""The collected workbook of one quarter, from its marts."""

from datetime import datetime
from pathlib import Path
from time import perf_counter

from etl.common import hand_over, shown
from etl.home import disk_told
from etl.period import parse_period
from etl.pipeline.pictures import lay_out
from etl.pipeline.quarters import refresh
from etl.pipeline.telling import at_stage, say
from etl.publish import read_publication, write_workbook
from etl.settings import settings
from etl.warehouse import transaction


@disk_told()
def publish(quarter_id: str, government_id: str) -> Path:
    """Write the 취합.xlsx of a quarter from its marts, for the office alone; return where.

    It is no release: `published/`, which may be served, holds what was approved. The
    pictures that would be published are laid out beside it, to be looked at.
    """
    started = perf_counter()
    folder = settings().outbox / "reports" / government_id / quarter_id
    with transaction() as connection:
        publication = read_publication(connection, government_id, parse_period(quarter_id))
    path = write_workbook(publication, folder)
    hand_over(path, settings().outbox)
    pictures = lay_out(quarter_id, government_id)
    say("보고", started, quarter=quarter_id, government=government_id, file=shown(path),
        pictures=pictures or None)  # fmt: skip
    return path


def report(quarter_id: str, government_id: str, at: datetime | None = None) -> Path:
    """Refresh the figures of a quarter and write its 취합.xlsx."""
    at_stage("지표")
    refresh(quarter_id, government_id, at)
    at_stage("취합")
    return publish(quarter_id, government_id)
