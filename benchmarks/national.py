"""How long a country's quarter takes from files to every government's figures, beside a floor.

    .venv/bin/python -m benchmarks.national [GOVERNMENTS] [DEPARTMENTS] [CARDS]   # default 226 30 9

Every government has a register of its own and one return per department, as `benchmarks.quarter`
makes them: 3 pledges, 9 budget rows of 5 fiscal years × 2 amounts, 9 achievements; and so many
`.hwpx` cards, as in `benchmarks.cards`, of one more pledge each. All files are received as one
batch and go the whole way, stage by stage; the floor reads the same files. Loading the registers is
printed apart: it happens once a term.
"""

import resource
import sys
import time
import warnings
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.cards import cards as make_cards
from benchmarks.quarter import (
    QUARTER,
    REGISTERED_AT,
    Stages,
    floor,
    home,
    import_expectations,
    make_returns,
    ours,
    per_file,
    register,
    show,
)
from etl import pipeline, warehouse

_FIRST_CODE = 3_900_000  # no such codes are given out


def make_country(
    folder: Path, governments: int, departments: int, cards: int = 0
) -> tuple[list[Path], list[Path]]:
    """Write each government's register, its returns and its cards; return registers and reports."""
    registers, reports = [], []
    for number in range(governments):
        code = str(_FIRST_CODE + number)
        made = folder / code
        made.mkdir()
        names = {"기관코드": code, "기관명": f"지어낸 {number}구"}
        registers.append(register(made / "register.xlsx", departments, cards, **names))
        reports += make_returns(made, departments, government_id=code)
        told = {"department": "부서 D00000", "goal": (f"- {code}의 목표",)}
        reports += make_cards(made, "hwpx", cards, **told)
    return registers, reports


def measured(
    governments: int, departments: int, cards: int = 0
) -> tuple[float, dict[str, tuple[int, Stages]]]:
    """Return the seconds of loading the registers, and what ran → (files, seconds by stage)."""
    with home() as folder:
        registers, reports = make_country(folder, governments, departments, cards)
        begun = time.perf_counter()
        for path in track(registers, "registers"):
            pipeline.register(str(path), at=REGISTERED_AT)
        loaded = time.perf_counter() - begun
        runs = {"ours": (len(reports), ours(reports))}
        all_counted(governments, 3 * departments + cards)
        runs["floor"] = (len(reports), floor(reports))
        return loaded, runs


def ratios(governments: int, departments: int) -> dict[str, float]:
    """Return what a file of several governments' batch costs beside the floor."""
    warnings.filterwarnings("ignore")
    import_expectations()
    _, runs = measured(governments, departments)
    return {"a country: ours / floor": per_file(runs["ours"]) / per_file(runs["floor"])}


def all_counted(governments: int, pledges: int) -> None:
    """A run that refused its input would be quick and worth nothing."""
    ((own, reported),) = warehouse.rows_of(
        "SELECT COUNT(*), SUM(reported_count) FROM mart.implementation_rate WHERE quarter_id = :q"
        " AND figure_code = 'R1' AND scope_type = 'all'",
        q=QUARTER,
    )
    assert (own, reported) == (governments, governments * pledges), (own, reported)


def main(governments: int, departments: int, cards: int) -> None:
    warnings.filterwarnings("ignore")
    console = Console(width=100, highlight=False)
    console.print(f"importing Great Expectations: {import_expectations():.1f} s, once a process")
    loaded, runs = measured(governments, departments, cards)
    show(console, runs)
    own, least = per_file(runs["ours"]), per_file(runs["floor"])
    seconds = sum(runs["ours"][1].values())
    console.print(f"registers     {loaded / governments:.2f} s each, once a term")
    console.print(f"the country   {seconds:.0f} s for {governments} governments' figures")
    console.print(f"ours / floor  {own / least:.1f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    console.print(f"memory        {peak} MB at most in this process")


if __name__ == "__main__":
    main(*([int(count) for count in sys.argv[1:]] or [226, 30, 9]))
