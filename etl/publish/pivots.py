"""Counts and figures of a publication as DataFrames: a row per scope, a column per code."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas

from etl.form import code_names
from etl.measures import measures
from etl.publish.columns import scope_order, shown_value
from etl.publish.publication import Publication
from etl.shown import million

SCOPE = ["scope_type", "scope_id", "scope_name"]


def counts(publication: Publication, scope_types: Sequence[str] = ()) -> pandas.DataFrame:
    """Return the pledges of each status: a row per scope in its order, a column per status code.

    Statuses that no pledge has are left out; the index is scope type, id and name. Scopes are those
    of some types where they are told.
    """
    names = [*SCOPE, "status_code", "pledge_count"]
    rows = [[getattr(row, name) for name in names]
            for row in sorted(publication.counts, key=scope_order)]  # fmt: skip
    frame = pandas.DataFrame(rows, columns=names)
    spread = frame.pivot_table(
        index=SCOPE, columns="status_code", values="pledge_count", aggfunc="sum", fill_value=0,
        sort=False,
    )  # fmt: skip
    held = spread[[code for code in code_names("status") if code in spread]].astype(object)
    if not scope_types:
        return held
    return held[held.index.get_level_values("scope_type").isin(scope_types)]


def rated_counts(
    publication: Publication,
    scope_types: Sequence[str],
    rates: list[str],
    value: Callable[[Any], Any],
    statuses: list[str] | None = None,
) -> pandas.DataFrame:
    """Return name, pledges, pledges of each status, then rates: a row per scope of some types.

    With `statuses` these only, whether a pledge has them or not, and a sum of all others.
    """
    held = counts(publication, scope_types)
    told = held.copy() if statuses is None else held.reindex(columns=statuses, fill_value=0)
    if statuses is not None:
        told["others"] = held.sum(axis=1) - told.sum(axis=1)
    told.insert(0, "pledges", held.sum(axis=1))
    wide = told.reset_index().merge(by_code(publication.figures, SCOPE, rates, value), how="left")
    return without_blanks(wide.drop(columns=SCOPE[:2]))


def by_code(
    figures: Iterable[Any], keys: list[str], codes: list[str], value: Callable[[Any], Any]
) -> pandas.DataFrame:
    """Return values of figures: a row for every key in its order, then a column per code.

    The keys are the first columns; None where a key has no such figure.
    """
    told = [(*(getattr(figure, key) for key in keys), figure.figure_code, value(figure))
            for figure in figures]  # fmt: skip
    frame = pandas.DataFrame(told, columns=[*keys, "code", "value"], dtype=object)
    order = frame[keys].drop_duplicates()
    spread = frame.pivot(index=keys, columns="code", values="value").reindex(columns=codes)
    return without_blanks(order.merge(spread.reset_index(), on=keys, how="left"))


def without_blanks(frame: pandas.DataFrame) -> pandas.DataFrame:
    """Return a frame of objects, None where it has no value."""
    objects = frame.astype(object)
    return objects.where(objects.notna(), None)


def amount_or_rate(figure: Any) -> Any:
    """Return an amount in 백만원, a rate as it is shown; the text that stands for none."""
    is_amount = figure.figure_code in measures().amounts
    return million(figure.numerator) if is_amount else shown_value(figure)
