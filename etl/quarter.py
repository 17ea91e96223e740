"""The quarter, and the only place that knows what time it is in Seoul."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
# Later than anything that is known.
EVER = datetime.max.replace(tzinfo=UTC)
_QUARTER_TEXT = re.compile(r"(\d{4})Q([1-4])")


@dataclass(frozen=True, order=True)
class Quarter:
    """One calendar quarter in Seoul, written ``2021Q4``; orders by time."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """Read ``2021Q4``; raises ValueError for anything else."""
        match = _QUARTER_TEXT.fullmatch(text.strip().upper())
        if match is None:
            raise ValueError(f"분기는 2021Q4처럼 씁니다: {text!r}")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """Return the quarter that holds a day in Seoul."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        return self.next().first_day - timedelta(days=1)

    def next(self) -> "Quarter":
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    def previous(self) -> "Quarter":
        return Quarter(self.year - (self.number == 1), (self.number + 2) % 4 + 1)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


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
