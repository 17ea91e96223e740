"""Printed values of a quarter beside its figures, as `compute` left them in this transaction.

What is a value of which figure is worked out here, from the temporary tables and, for earlier
quarters, from the marts; the verdict itself is `verdicts`, which knows no database.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Row, text

from etl.cells import label_key
from etl.figures.pledges import QuarterAsOf
from etl.figures.verdicts import (
    Kind,
    Named,
    Parts,
    Printed,
    Recomputed,
    Verdict,
    decimal,
    half_up,
    judge,
    number,
    told,
)
from etl.form import code_names
from etl.measures import Measure, measures
from etl.warehouse import copy_rows, records, run_file

COUNT = "COUNT"
"""What is printed beside figures: how many pledges a scope has."""
COUNT_NAME = "공약 수"
# What an office may have left out of a denominator, alone or together.
_LEFT_OUT = (
    ("ON_HOLD",), ("DROPPED",), ("ON_HOLD", "DROPPED"), ("MERGED",), ("NOT_DUE",), ("LONG_TERM",),
    ("NOT_DUE", "LONG_TERM"), ("OTHER",), ("NOT_REPORTED",),
)  # fmt: skip
_WHOLE = ("all", "")
Scope = tuple[str, str]


@dataclass(frozen=True)
class PublishedFigure:
    """One printed value with its verdict, as `mart.published_figure` has it."""

    quarter_id: str
    government_id: str
    figure_code: str
    figure_name: str
    scope_type: str
    scope_label: str
    printed_in: str
    published_value: Decimal
    decimal_places: int
    numerator: Decimal | None
    denominator: Decimal | None
    recomputed_value: Decimal | None
    verdict_code: str
    verdict_name: str
    proof_numerator: Decimal | None
    proof_denominator: Decimal | None
    proof_of: str | None
    proof: str
    reason: str | None

    @property
    def shown(self) -> str:
        """The value as it was printed, amounts in 백만원."""
        return number(Fraction(self.published_value), self.decimal_places)

    @property
    def shown_again(self) -> str:
        """What it should have been."""
        if self.recomputed_value is None:
            return "해당 없음"
        return number(Fraction(self.recomputed_value), self.decimal_places)

    @property
    def told(self) -> str:
        """Which value it is: `이행완료율(R2) 67.1`."""
        scope = f" {self.scope_label}" if self.scope_label else ""
        return f"{self.figure_name}({self.figure_code}){scope} {self.shown}"

    @property
    def scope_told(self) -> str:
        """Which scope it is of, in words: `전체`, `추진상황 완료`."""
        return f"{code_names('scope_type')[self.scope_type]} {self.scope_label}".rstrip()

    @property
    def is_open(self) -> bool:
        """Tell whether it is another value than the figure's, and nobody said why."""
        return self.verdict_code != Verdict.AGREES and not self.reason


def published_figures(connection: Connection, asked: QuarterAsOf) -> list[PublishedFigure]:
    """Return what was printed of a quarter, each value with its verdict, by source and figure.

    The temporary tables hold the quarter as `compute` left it.
    """
    values = run_file(connection, "figures/published_value.sql", **asked.bound)
    if not values:
        return []
    quarter = _Quarter(connection, asked, {value.scope_type for value in values})
    return [_judged(asked, value, quarter.recomputed(value)) for value in values]


@dataclass(frozen=True)
class PublishedFile:
    """One file that printed values of a quarter came with; a register cannot be withdrawn."""

    submission_id: int
    file_name: str
    may_be_withdrawn: bool
    value_count: int
    printed_in: str


def published_files(connection: Connection, asked: QuarterAsOf) -> list[PublishedFile]:
    """Return the files whose printed values of a quarter stand, in the order they came."""
    return records(PublishedFile, run_file(connection, "figures/published_file.sql", **asked.bound))


def fill_published(connection: Connection, asked: QuarterAsOf) -> None:
    """Fill the temporary table `published_figure`, of which the mart's rows are taken."""
    names = [field.name for field in fields(PublishedFigure)]
    connection.execute(text("DROP TABLE IF EXISTS pg_temp.published_figure"))
    connection.execute(
        text(
            f"CREATE TEMP TABLE published_figure ON COMMIT DROP AS SELECT {', '.join(names)}"
            " FROM mart.published_figure WITH NO DATA"
        )
    )
    rows = published_figures(connection, asked)
    copy_rows(connection, "published_figure", names,
              ([getattr(row, name) for name in names] for row in rows))  # fmt: skip


def _judged(asked: QuarterAsOf, value: Row[Any], known: Recomputed) -> PublishedFigure:
    printed = Printed(value.published_value, value.decimal_places)
    judged = judge(printed, known)
    proof = judged.proof
    own = proof if judged.verdict is Verdict.AGREES else known.parts
    again = own and decimal(half_up(known.value(own), printed.places), printed.places)
    code = value.figure_code
    return PublishedFigure(
        quarter_id=str(asked.quarter),
        government_id=asked.government_id,
        figure_code=code,
        figure_name=COUNT_NAME if code == COUNT else measures().figures[code].name,
        scope_type=value.scope_type,
        scope_label=value.scope_label,
        printed_in=value.printed_in,
        published_value=value.published_value,
        decimal_places=value.decimal_places,
        numerator=own and own.numerator,
        denominator=own and own.denominator,
        recomputed_value=again,
        verdict_code=str(judged.verdict),
        verdict_name=code_names("published_verdict")[judged.verdict],
        proof_numerator=proof and proof.numerator,
        proof_denominator=proof and proof.denominator,
        proof_of=judged.proof_of or None,
        proof=told(printed, known, judged),
        reason=value.reason,
    )


class _Quarter:
    """The figures of one quarter by code and scope, and those of the quarters before it."""

    def __init__(self, connection: Connection, asked: QuarterAsOf, scopes: set[str]) -> None:
        figures = connection.execute(text("SELECT * FROM figure")).all()
        self._rows = {(row.figure_code, (row.scope_type, row.scope_id)): row for row in figures}
        self._named = {
            (row.scope_type, label_key(name)): row.scope_id
            for row in figures
            for name in (row.scope_name, row.scope_id)
        }
        counts = connection.execute(text("SELECT * FROM status_count"))
        self._statuses = {
            ((row.scope_type, row.scope_id), row.status_code): row.pledge_count for row in counts
        }
        self._ongoing_counts = asked.rules.completed_ongoing_counts
        history = text("SELECT MIN(count_before) FROM denominator_history")
        self._before: int | None = connection.execute(history).scalar()
        self._earlier: dict[tuple[str, Scope], list[Any]] = defaultdict(list)
        asked_scopes = {**asked.bound, "scope_types": sorted(scopes)}
        for row in run_file(connection, "figures/earlier_figure.sql", **asked_scopes):
            self._earlier[row.figure_code, (row.scope_type, row.scope_id)].append(row)

    def recomputed(self, value: Row[Any]) -> Recomputed:
        """Return the figure of a printed value, and all that may explain another one."""
        kind = _kind(value.figure_code)
        scope = self._scope(value)
        code = self._counting(scope) if kind is Kind.COUNT else value.figure_code
        row = self._rows.get((code, scope))
        if row is None:
            return Recomputed(kind, None, reason="이 분기에 그 범위의 지표가 없습니다")
        if row.no_value_reason and kind is not Kind.COUNT:
            return Recomputed(kind, None, reason=row.no_value_reason)
        own = _parts(kind, row)
        measure = measures().figures[code]
        earlier = tuple(
            Named(known.quarter_id, _parts(kind, known)) for known in self._earlier[code, scope]
        )
        senses = tuple(self._senses(kind, own, scope))
        others = tuple(self._others(kind, measure, own, scope))
        return Recomputed(kind, own, earlier, others, senses=senses)

    def _scope(self, value: Row[Any]) -> Scope:
        usual = value.scope_code or value.scope_label
        named = (value.scope_type, label_key(value.scope_label))
        return value.scope_type, self._named.get(named, usual)

    def _counting(self, scope: Scope) -> str:
        """Return a figure that counts all pledges of a scope; of a status without any one does."""
        counting = [c for c, one in measures().figures.items() if one.population == "in_force"]
        return next((code for code in counting if (code, scope) in self._rows), "")

    def _senses(self, kind: Kind, own: Parts, scope: Scope) -> Iterator[Named]:
        """Yield how many pledges are done as R2 counts them, which an office calls 완료 too."""
        ongoing = self._statuses.get((_WHOLE, "COMPLETED_ONGOING"), 0)
        if kind is Kind.COUNT and scope == ("status", "COMPLETED") and self._ongoing_counts:
            names = code_names("status")
            both = Parts(own.numerator + ongoing)
            yield Named(
                f"{names['COMPLETED']} {own.numerator:f}건"
                f" + {names['COMPLETED_ONGOING']} {ongoing}건"
                f" = {both.numerator:f}건(이행완료율에서 마친 공약)",
                both,
            )

    def _others(self, kind: Kind, measure: Measure, own: Parts, scope: Scope) -> Iterator[Named]:
        """Yield the numerator over every other denominator, each once, the scope's own first."""
        seen = {own.denominator, None, 0}
        scopes = {"": scope} | ({"전체의 ": _WHOLE} if scope != _WHOLE else {})
        for whose, of_scope in scopes.items():
            for name, below in self._denominators(kind, measure, of_scope):
                is_part = kind is not Kind.SHARE or own.numerator <= below
                if below not in seen and is_part:
                    seen.add(below)
                    yield Named(f"{whose}{name}", own._replace(denominator=below))

    def _denominators(
        self, kind: Kind, measure: Measure, scope: Scope
    ) -> Iterator[tuple[str, Decimal]]:
        if kind in (Kind.AMOUNT, Kind.COUNT):
            return
        of_pledges = kind is not Kind.MONEY_SHARE and not measure.counts_subprojects
        for code, one in measures().figures.items():
            row = self._rows.get((code, scope))
            below = row is not None and row.denominator
            if below and _counts_alike(one, measure):
                yield one.denominator_words, below
        if of_pledges:
            for name, count in self._counts(scope):
                yield name, Decimal(count)

    def _counts(self, scope: Scope) -> Iterator[tuple[str, int]]:
        """Yield what else an office may have divided by: pledges by a rule that no figure has."""
        row = self._rows.get((self._counting(scope), scope))
        if row is None:
            return
        yield "현재 공약 모두의 수", row.pledge_count
        in_term = self._rows.get(("R1_IN", scope))
        if in_term is not None:
            yield "임기내 공약 수", in_term.pledge_count
        yield "그때 보고한 공약 수", row.reported_count
        for statuses in _LEFT_OUT:
            left_out = sum(self._statuses.get((scope, status), 0) for status in statuses)
            without = "·".join(code_names("status")[status] for status in statuses)
            yield f"{without} 뺀 공약 수", row.pledge_count - left_out
        if scope == _WHOLE and self._before is not None:
            yield "지난 분기의 공약 수", self._before


def _counts_alike(one: Measure, other: Measure) -> bool:
    """Tell whether two figures count the same: pledges, sub-tasks or won."""
    return (one.counts_pledges, one.counts_subprojects) == (
        other.counts_pledges, other.counts_subprojects
    )  # fmt: skip


def _kind(code: str) -> Kind:
    if code == COUNT:
        return Kind.COUNT
    measure = measures().figures[code]
    if measure.denominator is None:
        return Kind.AMOUNT
    if not measure.counts_pledges:
        return Kind.MONEY_SHARE
    return Kind.SHARE if measure.numerator.counts else Kind.AVERAGE


def _parts(kind: Kind, row: Any) -> Parts:
    if kind is Kind.COUNT:
        return Parts(Decimal(row.pledge_count))
    return Parts(row.numerator, row.denominator)
