"""What publishing costs: every file of a release, by writer, and how that grows with pledges.

    .venv/bin/python -m benchmarks.publish [PLEDGES ...]       # default 100 200 400

One government's 16 quarters are made up (`benchmarks.history`), computed and released; then the
last one is published. Times are of one warm run, in a process that has published before: compare
them with each other.
"""

import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks.history import AS_OF, LAST, QUARTERS, fill
from benchmarks.quarter import home
from etl.figures import compute, gather_evidence
from etl.figures.pledges import QuarterAsOf
from etl.figures.released import freeze
from etl.publish import COMPUTED, WRITERS, Publication, Release, read_publication
from etl.warehouse import transaction

_RELEASE = """
    INSERT INTO audit.release (
        government_id, quarter_id, revision, decision, decided_by, decided_at, as_of, rule_version,
        form_version, code_version, completed_ongoing_counts, held_and_dropped_count,
        manifesto_decimals, other_decimals, is_demo
    )
    VALUES ('G1', :quarter, 1, 'approved', '과장', :at, :at, '0', '0', '0', TRUE, TRUE, 2, 1, FALSE)
"""


def released(pledges: int) -> Publication:
    """Return the last of 16 released quarters."""
    fill(1, QUARTERS, pledges)
    quarters = [LAST]
    while len(quarters) < QUARTERS:
        quarters.append(quarters[-1].previous())
    for quarter in reversed(quarters):
        with transaction() as connection:
            compute(connection, QuarterAsOf("G1", quarter, AS_OF))
            connection.execute(text(_RELEASE), {"quarter": str(quarter), "at": AS_OF})
            freeze(connection, 1)
            if quarter == LAST:
                gather_evidence(connection, QuarterAsOf("G1", quarter, AS_OF))
                release = Release(1, AS_OF, AS_OF, False, None)
                publication = read_publication(connection, "G1", quarter, COMPUTED, release)
    return publication


def seconds(pledges: int) -> dict[str, float]:
    """Return writer → seconds."""
    with home() as folder:
        publication = released(pledges)
        taken = {}
        for write in WRITERS:
            write(publication, folder / "warm")
        for write in WRITERS:
            started = time.perf_counter()
            write(publication, folder / "out")
            taken[write.__name__] = time.perf_counter() - started
        assert len(publication.history) > 1000
        assert sum(path.stat().st_size for path in Path(folder / "out").rglob("*.*")) > 100_000
        return taken


def main(sizes: list[int]) -> None:
    runs = {size: seconds(size) for size in sizes}
    table = Table(title="one government, 16 quarters: seconds", title_justify="left")
    table.add_column("writer")
    for size in sizes:
        table.add_column(f"{size} pledges", justify="right")
    for name in next(iter(runs.values())):
        table.add_row(name, *(f"{run[name]:.2f}" for run in runs.values()))
    table.add_row("all", *(f"{sum(run.values()):.2f}" for run in runs.values()))
    Console().print(table)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [100, 200, 400])
