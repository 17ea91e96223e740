"""How long the whole catalogue takes, and how that grows with rows and with rules.

    .venv/bin/python -m benchmarks.check [N ...]          # default: 1 450 900 1800

Every N gets a warehouse of its own with N departments (3 pledges each, 168 staged cells a return,
so 1,800 returns are 302,400 cells). The quarter before is loaded first: rules against history have
something to compare with. Then the present returns are received and read, and only `check_batch`
is timed (relations, Great Expectations, findings, verdicts); its import is printed apart. Compare
the numbers of one run with each other.
"""

import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.quarter import (
    QUARTER,
    RECEIVED_AT,
    REGISTERED_AT,
    home,
    import_expectations,
    make_returns,
    register,
)
from etl import check, pipeline, warehouse

EARLIER = "2021Q3"
# About three months before: the quarter before is in force when the present one comes.
EARLIER_AT = RECEIVED_AT - timedelta(days=90)
SHARES = (0.25, 0.5, 1.0)
TARGET_SECONDS = 15


def staged(folder: Path, count: int) -> tuple[int, int]:
    """Load the quarter before, receive and read the present one; return its batch and cells."""
    pipeline.register(str(register(folder / "register.xlsx", count)), at=REGISTERED_AT)
    for quarter, at in ((EARLIER, EARLIER_AT), (QUARTER, RECEIVED_AT)):
        made = folder / quarter
        made.mkdir()
        files = make_returns(made, count, quarter)
        batch_id = pipeline.receive([str(path) for path in files], at).batch_id
        assert batch_id is not None
        pipeline.read(batch_id)
        if quarter == EARLIER:
            pipeline.check(batch_id, at)
            accepted = pipeline.load(batch_id, at).accepted
            assert accepted == 3 * count, accepted
    return batch_id, cells(batch_id)


def cells(batch_id: int) -> int:
    """Count the cells with a value that a batch has staged."""
    from sqlalchemy import text

    counted = (
        # A pledge's row: all columns of 공약현황 that hold something.
        "SELECT sum(num_nonnulls(pledge_id, pledge_name, status_raw, rate_raw, target_raw, due_raw,"
        " due_year_raw, content, problem, plan, correction_reason)) FROM"
        " staging.quarterly_return__progress INNER JOIN audit.submission USING (submission_id)"
        " WHERE batch_id = :b",
        "SELECT count(*) + 3 * count(DISTINCT (submission_id, _table, _row)) FROM"
        " staging.quarterly_return__budget INNER JOIN audit.submission USING (submission_id)"
        " WHERE batch_id = :b",
        "SELECT sum(num_nonnulls(pledge_id, achieved_on_raw, content)) FROM"
        " staging.quarterly_return__achievement INNER JOIN audit.submission USING (submission_id)"
        " WHERE batch_id = :b",
    )
    with warehouse.transaction() as connection:
        return sum(
            int(connection.execute(text(query), {"b": batch_id}).scalar() or 0) for query in counted
        )


def seconds(batch_id: int, of_rules: Sequence[Any] | None = None) -> float:
    """Return the seconds that checking a batch takes, with the catalogue or a part of it."""
    whole = check.rules
    if of_rules is not None:
        check.rules = lambda: tuple(of_rules)  # type: ignore[assignment]
    try:
        begun = time.perf_counter()
        check.check_batch(batch_id, RECEIVED_AT)
        return time.perf_counter() - begun
    finally:
        check.rules = whole


def by_rules(batch_id: int) -> dict[int, float]:
    """Return the seconds by number of rules: every k-th rule of the catalogue."""
    catalogue = check.rules()
    parts = [catalogue[:: round(1 / share)] for share in SHARES]
    return {len(part): seconds(batch_id, part) for part in parts}


def main(sizes: list[int]) -> None:
    console = Console(width=100, highlight=False)
    console.print(f"importing Great Expectations: {import_expectations():.1f} s, once a process")
    table = Table(title=f"the whole catalogue, {len(check.rules())} rules", title_justify="left")
    for header in ("returns", "staged cells", "seconds", "ms a 1,000 cells"):
        table.add_column(header, justify="right")
    for size in sizes:
        with home() as folder:
            batch_id, cell_count = staged(folder, size)
            took = min(seconds(batch_id) for _ in range(2))
            table.add_row(
                f"{size:,}", f"{cell_count:,}", f"{took:.2f}", f"{1e6 * took / cell_count:.0f}"
            )
            if size == max(sizes):
                growth = by_rules(batch_id)
    console.print(table)
    console.print(f"target: under {TARGET_SECONDS} s for 300,000 cells, under 1 s for one return")
    told = ", ".join(f"{number} rules: {took:.2f} s" for number, took in growth.items())
    console.print(f"by number of rules, {max(sizes):,} returns: {told}")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1, 450, 900, 1800])
