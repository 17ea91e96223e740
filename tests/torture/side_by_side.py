"""Eight processes over 40 governments, and four that jostle each other for 1,000 rounds.

`python -m tests.torture.side_by_side [--governments 40] [--workers 8] [--rounds 1000] [--seed 1]`;
tests/flow/test_side_by_side.py does the same with a few.
"""

import logging
import sys
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from etl import pipeline
from tests.conftest import fresh_home, private_server
from tests.side_by_side import QUARTER, at_once, codes, course, differing, jostled, told_of


def together(server: Path, folder: Path, governments: int, workers: int) -> list[str]:
    """Return what differs between one process and several, and what went wrong in any."""
    wrong, told = [], []
    shares = [codes(governments)[n::workers] for n in range(workers)]
    for name, is_at_once in (("one", False), ("several", True)):
        with fresh_home(server, folder / name) as home:
            started = perf_counter()
            works = [partial(course, home, share) for share in shares]
            groups = [works] if is_at_once else [[work] for work in works]
            wrong += [line for group in groups for line in at_once(group)]
            print(f"{name}: {perf_counter() - started:.0f} s", flush=True)
            told.append(told_of())
            verified = pipeline.verify(QUARTER, codes(governments)[-1])
            wrong += [*verified.refused, *map(str, verified.differences)]
    return wrong + differing(*told)


def main() -> None:
    asked = ArgumentParser()
    for name, usual in (("governments", 40), ("workers", 8), ("rounds", 1000), ("seed", 1)):
        asked.add_argument(f"--{name}", type=int, default=usual)
    told = asked.parse_args()
    logging.disable(logging.WARNING)
    with private_server() as server, TemporaryDirectory() as folder:
        wrong = together(server, Path(folder), told.governments, told.workers)
        print(f"{told.workers} processes over {told.governments} governments: {len(wrong)} wrong")
        with fresh_home(server, Path(folder) / "jostled") as home:
            broken = jostled(home, told.rounds, told.seed)
        print(f"{told.rounds} rounds of 4 processes: {len(broken)} wrong")
    sys.exit("\n".join(wrong + broken) or 0)


if __name__ == "__main__":
    main()
