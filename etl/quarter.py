"""The only place that knows what time it is in Seoul."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from etl.period import Quarter

__all__ = ["EVER", "SEOUL", "Quarter", "parse_moment", "parse_run_moment", "seoul_now"]

SEOUL = ZoneInfo("Asia/Seoul")
# Later than anything that is known.
EVER = datetime.max.replace(tzinfo=UTC)


def seoul_now() -> datetime:
    """Return the present moment with Seoul's offset; called at the edges only."""
    return datetime.now(SEOUL)


def parse_moment(text: str) -> datetime:
    """Read a time of day or a bare date in Seoul.

    A bare date means the end of that day, so that ``--as-of 2026-04-15`` holds what was
    accepted on the 15th. Raises ValueError when the text is no ISO date or time.
    """
    text = text.strip()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return datetime.combine(date.fromisoformat(text), time.max, SEOUL)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=SEOUL)


def parse_run_moment(text: str) -> datetime:
    """Read the moment at which a run acts, as `parse_moment` does.

    A bare date means the last second of that day from its beginning: what the run stamps after it,
    a microsecond apart, stays within the day and is known at its end.
    """
    moment = parse_moment(text)
    return moment.replace(microsecond=0) if moment.time() == time.max else moment
