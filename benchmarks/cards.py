"""How long a card takes from file to figures, as .hwpx and as .hwp, and how that grows.

    .venv/bin/python -m benchmarks.cards [N ...]          # default: 250 500 1000

Every N gets a warehouse of its own with N pledges; each has one made-up card (the one that the
tests read), numbered and written by the project's own writer. Writing and Great Expectations'
import are apart. A run fails when a report or an amount is missing, because refusing is quick.
"""

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks.quarter import REGISTERED_AT, Stages, home, import_expectations, ours
from etl import pipeline, warehouse
from tests.card_documents import as_hwpx
from tests.card_factory import card_blocks
from tests.card_model import CardModel
from tests.documents_hwp import hwp_bytes
from tests.factories import register_workbook

# Plan of the made-up card in won: see tests/flow/test_cards.py for how it adds up.
PLAN_KRW = 1_140_000_000
TARGETS = {"hwpx": 12, "hwp": 35}  # ms a card


WRITERS = {"hwpx": as_hwpx, "hwp": hwp_bytes}


def cards(folder: Path, kind: str, count: int, **model: Any) -> list[Path]:
    """Write so many cards, each of a pledge of its own; `model` is what else they say otherwise."""
    paths = []
    for number in range(count):
        path = folder / f"{number:05d}.{kind}"
        path.write_bytes(WRITERS[kind](card_blocks(CardModel(pledge_id=f"나눔-{number}", **model))))
        paths.append(path)
    return paths


def measure(kind: str, count: int) -> Stages:
    """Take so many cards the whole way in a warehouse of its own; return seconds by stage."""
    with home() as folder:
        pledges = [
            {"공약번호": f"나눔-{number}", "공약명": "동네 쉼터 열 곳 만들기", "총사업비": 1140}
            for number in range(count)
        ]
        register = register_workbook(folder / "register.xlsx", pledges=pledges)
        pipeline.register(str(register), at=REGISTERED_AT)
        stages = ours(cards(folder, kind, count))
        _all_loaded(count)
    return stages


def _all_loaded(count: int) -> None:
    with warehouse.transaction() as connection:
        found = connection.execute(
            text("SELECT count(DISTINCT report_id), sum(plan_krw) FROM core.fct_quarterly_budget")
        ).one()
        figure = connection.execute(
            text("SELECT numerator FROM mart.budget_execution"
                 " WHERE figure_code = 'PLAN' AND scope_type = 'all'")
        ).scalar_one()  # fmt: skip
    assert tuple(found) == (count, count * PLAN_KRW), found
    assert figure == count * PLAN_KRW, figure


def main(sizes: list[int]) -> None:
    console = Console(width=110, highlight=False)
    console.print(f"importing Great Expectations: {import_expectations():.1f} s, once a process")
    table = Table(title="ms a card, from file to figures", title_justify="left")
    for header in ("format", "cards", "ms a card", "target", "of which"):
        table.add_column(header, justify="left" if header == "of which" else "right")
    for kind in WRITERS:
        for size in sizes:
            stages = measure(kind, size)
            told = ", ".join(
                f"{name.split(' ')[0]} {1000 * took / size:.2f}" for name, took in stages.items()
            )
            whole = 1000 * sum(stages.values()) / size
            table.add_row(kind, f"{size:,}", f"{whole:.2f}", f"{TARGETS[kind]}", told)
    console.print(table)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [250, 500, 1000])
