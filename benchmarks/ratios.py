"""Whether something has become slower: the ratios of small runs beside the committed ones.

    .venv/bin/python -m benchmarks.ratios [--write]        # or `make bench-check`

Every ratio is a cost beside another cost of the same run, so that lower is better and the machine
matters little. One that rose by more than a quarter is named; `--write` commits to what was found.
Nothing fails: a busy machine is no fault of the code. Needs the home that `make demo` left.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from benchmarks import airflow, history, national, quarter, shell

COMMITTED = Path(__file__).with_suffix(".yml")
BEARABLE = 1.25
SMALL: tuple[Callable[[], Mapping[str, float]], ...] = (
    lambda: quarter.ratios(100),
    lambda: national.ratios(5, 10),
    lambda: history.ratios(2),
    lambda: airflow.ratios(10),
    shell.ratios,
)


def compared(now: Mapping[str, float], before: Mapping[str, float]) -> Table:
    """Return a table of ratios, in which those that rose too much say so."""
    table = Table(title="costs as ratios (lower is better)", title_justify="left")
    for heading in ("ratio", "committed", "now", ""):
        table.add_column(heading, justify="right" if heading in ("committed", "now") else "left")
    for name, found in now.items():
        known = before.get(name)
        told = "new" if known is None else "SLOWER" if found > BEARABLE * known else ""
        table.add_row(name, "" if known is None else f"{known:.2f}", f"{found:.2f}", told)
    return table


def main(*, is_written: bool) -> None:
    now = {name: round(one, 3) for run in SMALL for name, one in run().items()}
    before = yaml.safe_load(COMMITTED.read_text(encoding="utf-8")) if COMMITTED.exists() else {}
    Console(highlight=False, width=100).print(compared(now, before))
    if is_written:
        COMMITTED.write_text(yaml.safe_dump(now, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    main(is_written="--write" in sys.argv[1:])
