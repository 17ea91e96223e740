"""What a report is of: a quarter, or a half-year, a month or a day that the calendar names.

`sql/functions/quarter_*.sql` say the same of the same texts.
"""

import calendar
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import total_ordering
from typing import ClassVar, Self

from etl.problems import UsageError

# One text names one period. No look-around: schemas and forms of other languages read it too.
_YEAR = "[12][0-9]{3}"
_LEAP = "([12][0-9](0[48]|[2468][048]|[13579][26])|(1[26]|2[048])00)"
_DAY = "(0[1-9]|1[0-9]|2[0-8])"
PERIOD_PATTERN = (
    f"({_YEAR}(Q[1-4]|H[12]|-(0[1-9]|1[0-2])(-{_DAY})?"
    "|-(0[13-9]|1[0-2])-(29|30)|-(0[13578]|1[02])-31)"
    f"|{_LEAP}-02-29)"
)


@total_ordering
class Period(ABC):
    """Some days in Seoul that end with the day a report is as of, unless the calendar says another.

    `word` is what people call one of the kind, `this` the one that is spoken of.

    Periods of different kinds may hold the same days. They order by their last day, then from the
    shortest to the longest kind.
    """

    kind: ClassVar[str]
    word: ClassVar[str]
    this: ClassVar[str]
    example: ClassVar[str]
    _length: ClassVar[int]
    _pattern: ClassVar[re.Pattern[str]]
    year: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one of this kind, as ``2021Q4`` for a quarter; raises ValueError for others."""
        match = cls._pattern.fullmatch(text.strip().upper())
        if match is None:
            raise ValueError(f"{cls.example}처럼 씁니다: {text!r}")
        return cls._read(match)

    @classmethod
    @abstractmethod
    def _read(cls, match: re.Match[str]) -> Self: ...

    @property
    @abstractmethod
    def first_day(self) -> date: ...

    @property
    @abstractmethod
    def last_day(self) -> date: ...

    @property
    @abstractmethod
    def title(self) -> str:
        """The period as people read it: 2021년 4분기, 2021년 상반기, 2021년 12월 6일."""

    @abstractmethod
    def previous(self) -> Self:
        """Return the one before it of its kind."""

    @abstractmethod
    def year_ago(self) -> Self:
        """Return the same one of the year before; a leap day's is 28 February."""

    @property
    def usual_start(self) -> date:
        """The day a window opens where the calendar says none: the day after."""
        return self.last_day + timedelta(days=1)

    @property
    def usual_due(self) -> date:
        """The day a window closes where the calendar says none: the 10th of the next month."""
        return Month.of(self.last_day).next().first_day.replace(day=10)

    @property
    def usual_voted_year(self) -> int:
        """The last fiscal year whose budget is voted: at the end of December also the next one."""
        return self.year + ((self.last_day.month, self.last_day.day) == (12, 31))

    def __lt__(self, other: "Period") -> bool:
        return (self.last_day, self._length) < (other.last_day, other._length)


@dataclass(frozen=True)
class _Months(Period):
    """A period of whole months, the so-manieth of its year."""

    year: int
    number: int

    @classmethod
    def _read(cls, match: re.Match[str]) -> Self:
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the one that holds a day in Seoul."""
        return cls(day.year, (day.month - 1) // cls._length + 1)

    @property
    def first_day(self) -> date:
        return date(self.year, self._length * (self.number - 1) + 1, 1)

    @property
    def last_day(self) -> date:
        month = self._length * self.number
        return date(self.year, month, calendar.monthrange(self.year, month)[1])

    def next(self) -> Self:
        return self._moved(1)

    def previous(self) -> Self:
        return self._moved(-1)

    def year_ago(self) -> Self:
        return type(self)(self.year - 1, self.number)

    def _moved(self, steps: int) -> Self:
        of_year = 12 // self._length
        year, place = divmod(self.year * of_year + self.number - 1 + steps, of_year)
        return type(self)(year, place + 1)


class Month(_Months):
    """One month, written ``2021-11``."""

    kind, example, _length = "month", "달은 2021-11", 1
    word, this = "월", "이번 달"
    _pattern = re.compile(f"({_YEAR})-(0[1-9]|1[0-2])")

    @property
    def title(self) -> str:
        return f"{self.year}년 {self.number}월"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


class Quarter(_Months):
    """One calendar quarter, written ``2021Q4``."""

    kind, example, _length = "quarter", "분기는 2021Q4", 3
    word, this = "분기", "이번 분기"
    _pattern = re.compile(f"({_YEAR})Q([1-4])")

    @property
    def title(self) -> str:
        return f"{self.year}년 {self.number}분기"

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


class Half(_Months):
    """One half of a year, written ``2021H1``."""

    kind, example, _length = "half", "반기는 2021H1", 6
    word, this = "반기", "이번 반기"
    _pattern = re.compile(f"({_YEAR})H([12])")

    @property
    def title(self) -> str:
        return f"{self.year}년 {'상하'[self.number - 1]}반기"

    def __str__(self) -> str:
        return f"{self.year}H{self.number}"


@dataclass(frozen=True)
class Day(Period):
    """One day, written ``2021-12-06``."""

    day: date
    kind: ClassVar[str] = "day"
    word: ClassVar[str] = "기준일"
    this: ClassVar[str] = "이 기준일"
    example: ClassVar[str] = "하루는 2021-12-06"
    _length: ClassVar[int] = 0
    _pattern: ClassVar[re.Pattern[str]] = re.compile(f"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}")

    @classmethod
    def _read(cls, match: re.Match[str]) -> Self:
        return cls(date.fromisoformat(match[0]))

    @property
    def year(self) -> int:  # type: ignore[override]
        return self.day.year

    @property
    def first_day(self) -> date:
        return self.day

    @property
    def last_day(self) -> date:
        return self.day

    @property
    def title(self) -> str:
        return f"{self.day.year}년 {self.day.month}월 {self.day.day}일"

    def previous(self) -> Self:
        return type(self)(self.day - timedelta(days=1))

    def year_ago(self) -> Self:
        last = calendar.monthrange(self.day.year - 1, self.day.month)[1]
        return type(self)(self.day.replace(year=self.day.year - 1, day=min(self.day.day, last)))

    def __str__(self) -> str:
        return self.day.isoformat()


_KINDS: tuple[type[Period], ...] = (Quarter, Half, Month, Day)


def is_period(text: str, *kinds: type[Period]) -> bool:
    """Tell whether a text names a period, as it is written; one of these kinds, where told."""
    with suppress(ValueError):
        found = parse_period(text)
        return str(found) == text and isinstance(found, kinds or Period)
    return False


def parse_period(text: str) -> Period:
    """Read ``2021Q4``, ``2021H1``, ``2021-11`` or ``2021-12-06``; raises ValueError for others."""
    for kind in _KINDS:
        with suppress(ValueError):
            return kind.parse(text)
    raise ValueError(f"{', '.join(kind.example for kind in _KINDS)}처럼 씁니다: {text!r}")


def word_of(texts: Iterable[str]) -> str:
    """Return what people call periods by one word: that of their kind, if they are of one."""
    words = {parse_period(text).word for text in texts}
    return words.pop() if len(words) == 1 else "기간"


def asked_period(text: str) -> Period:
    """Read a period that a person asks for; raises UsageError for what names none."""
    try:
        return parse_period(text)
    except ValueError as error:
        happened = f"달력에 있는 기간이 아닙니다. {error}."
        raise UsageError.refused(happened, "분기나 기간을 고쳐 다시 실행하십시오.") from error
