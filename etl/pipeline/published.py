"""Printed values: taken in from a file, and a quarter's held against its figures."""

from datetime import datetime

from etl.collect import Asked
from etl.figures import compute
from etl.figures.pledges import QuarterAsOf
from etl.figures.published import (
    PublishedFigure as PublishedFigure,
    PublishedFile as PublishedFile,
    published_figures,
    published_files as files_of,
)
from etl.form import PUBLISHED
from etl.period import parse_period
from etl.pipeline.submissions import Registered, register
from etl.warehouse import transaction


def take_published(file: str, government_id: str, at: datetime | None = None) -> Registered:
    """Take in a workbook with the sheet 공표값, or a CSV of it, as all that its sources print.

    What such files said before of the same quarters and sources, and this one does not, is closed.
    The marts are counted anew.
    """
    return register(file, at, PUBLISHED, Asked(government_id))


def published(quarter_id: str, government_id: str, as_of: datetime) -> list[PublishedFigure]:
    """Return what was printed of a quarter, each value with its verdict, as known at a moment.

    The quarter is computed afresh and nothing is written; earlier quarters are as the marts have
    them. Raises UsageError for a quarter that no term holds.
    """
    asked = QuarterAsOf(government_id, parse_period(quarter_id), as_of)
    with transaction() as connection:
        compute(connection, asked)
        return published_figures(connection, asked)


def published_files(quarter_id: str, government_id: str, as_of: datetime) -> list[PublishedFile]:
    """Return the files whose printed values of a quarter stand, as known at a moment."""
    with transaction() as connection:
        return files_of(connection, QuarterAsOf(government_id, parse_period(quarter_id), as_of))
