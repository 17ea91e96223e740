"""The figures as data: what `measures.yml` says of each, and in which scopes it is worked out."""

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import pydantic

from etl.described import Described, read_described

FILE = Path(__file__).with_suffix(".yml")


class Part(Described):
    """What stands above or below the line: in words, and as a column of the temp table scope_sum.

    `empty` says why there is no value where it is 0; with `of_all` every scope takes the sum of
    all pledges.
    """

    words: str
    sum: str
    empty: str = ""
    of_all: bool = False

    @property
    def counts(self) -> bool:
        """Tell whether each of its cells counts 1, whatever stands in it."""
        return self.sum.endswith("_count")


class OfYear(Described):
    """What is said otherwise of a figure of one fiscal year."""

    name: str
    rule: str
    empty: str


class Measure(Described):
    """One figure. Its value is numerator × factor / denominator in %, or its numerator in won."""

    name: str
    unit: Literal["%", "원"]
    population: Literal["counted", "counted_in_term", "in_force"]
    numerator: Part
    rule: str
    scopes: tuple[str, ...]
    denominator: Part | None = None
    factor: int = 100
    decimals: Literal["manifesto", "other"] | None = None
    of_year: OfYear | None = None
    headline: bool = False
    plain: str = ""
    english: str = ""
    said_by: str = ""
    drawn: bool = False
    looks_at_one_year: bool = False
    lists_every_code: bool = False
    silent_when_empty: bool = False

    @property
    def counts_subprojects(self) -> bool:
        """Tell whether it counts sub-tasks, which are never added to pledges."""
        return self.numerator.sum.endswith("subproject_count")

    @property
    def counts_pledges(self) -> bool:
        """Tell whether it is about pledges, their rates and their sub-tasks, not about money."""
        return not self.numerator.sum.endswith("_krw")

    @property
    def denominator_words(self) -> str:
        """What stands below the line, in words; nothing for an amount."""
        return self.denominator.words if self.denominator else ""

    @pydantic.model_validator(mode="after")
    def _is_whole(self) -> "Measure":
        is_rate = self.unit == "%"
        if is_rate != (self.denominator is not None) or is_rate != (self.decimals is not None):
            raise ValueError("비율(%)에는 denominator와 decimals가 있고, 금액(원)에는 없습니다")
        if self.headline and not (self.plain and self.english):
            raise ValueError("headline인 지표에는 plain과 english가 있어야 합니다")
        return self


class Measures(Described):
    """Every figure by its code and every kind of scope by its type, each in its order."""

    scopes: Mapping[str, str]
    figures: Mapping[str, Measure]
    method: tuple[str, ...]
    opening: tuple[str, ...]

    @cached_property
    def headlines(self) -> tuple[str, ...]:
        """The rates that stand on a cover."""
        return tuple(self._codes("headline"))

    @cached_property
    def cover(self) -> tuple[str, ...]:
        """What stands on a cover: these rates, then the amounts."""
        return (*self.headlines, *self.amounts)

    @cached_property
    def drawn(self) -> tuple[str, ...]:
        """The rates that are drawn by quarter."""
        return tuple(self._codes("drawn"))

    @cached_property
    def of_one_year(self) -> tuple[str, ...]:
        """The rates that look at the money of one year."""
        return tuple(self._codes("looks_at_one_year"))

    @cached_property
    def amounts(self) -> tuple[str, ...]:
        """The figures in won; all others are rates."""
        return tuple(code for code, one in self.figures.items() if one.unit == "원")

    def _codes(self, key: str) -> Iterator[str]:
        return (code for code, one in self.figures.items() if getattr(one, key))

    @pydantic.model_validator(mode="after")
    def _knows_its_scopes(self) -> "Measures":
        for code, one in self.figures.items():
            unknown = [scope for scope in one.scopes if scope not in self.scopes]
            if unknown:
                raise ValueError(f"{code}: scopes에 없는 범위 {', '.join(unknown)}")
        return self


@cache
def measures() -> Measures:
    """Return what the file describes; raises SystemFault where it is mistyped."""
    return read_described(FILE, Measures)
