"""What a journal may look like and still be enough to derive a release again."""

import json
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from sqlalchemy import text

from etl import archive, pipeline
from etl.warehouse import transaction
from tests.factories import GOVERNMENT, return_workbook
from tests.flow.test_collect import rate
from tests.flow.test_verify import BEFORE, DAY, FIRST, RELEASED, approve, send


@pytest.mark.slow
def test_a_journal_that_tells_less_still_does(world: Path) -> None:
    """Before reading and checking were told, a receipt had five facts and a name by its moment."""
    send(world / "q3.xlsx", BEFORE, 1, quarter="2021Q3", progress=[rate("1-1", 40)])
    send(world / "r.xlsx", FIRST, 1, progress=[rate("1-2", 60)])
    approve(1, RELEASED)
    events, _ = archive.events()
    rmtree(world / "archive" / "journal")
    (world / "archive" / "journal").mkdir()
    with transaction() as connection:
        connection.execute(text("DELETE FROM audit.event"))
    told = ("event", "at", "batch_id", "purpose", "submission_id", "file_name", "sha256")
    for event in events:
        if event.kind == "receipt":
            write_short(world, event, [{name: line[name] for name in told} for line in event.lines])
        elif event.kind == "acceptance":
            write_short(world, event, [{n: v for n, v in line.items() if n != "batch_id"}
                                       for line in event.lines])  # fmt: skip
        elif event.kind == "approval":
            write_short(world, event, list(event.lines))
    facts = pipeline.verify("2021Q4", GOVERNMENT)
    assert (facts.refused, facts.differences, facts.files) == ([], [], 3)


def write_short(home: Path, event: archive.Event, lines: list[dict[str, Any]]) -> None:
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    name = f"{event.at:%Y%m%dT%H%M%S%f}-{event.kind}-{sha256(content).hexdigest()[:12]}.jsonl"
    (home / "archive" / "journal" / name).write_bytes(content)


@pytest.mark.slow
def test_a_file_taken_up_again_after_a_breakdown_is_done_again_where_it_was(world: Path) -> None:
    batch = pipeline.receive([str(return_workbook(world / "a.xlsx"))], FIRST).batch_id
    assert batch is not None
    pipeline.read(batch)  # and here the machine stopped
    other = return_workbook(world / "b.xlsx", department="D02", progress=[rate("2-1", 10)])
    assert pipeline.collect([str(other)], at=FIRST + DAY).accepted == 2
    approve(1, RELEASED)
    facts = pipeline.verify("2021Q4", GOVERNMENT)
    assert (facts.refused, facts.differences, facts.files) == ([], [], 3)


@pytest.mark.slow
def test_journals_of_governments_go_on_from_the_one_of_everybody(world: Path) -> None:
    """Before each government had its own, the numbered events of all stood in one."""
    send(world / "q3.xlsx", BEFORE, 1, quarter="2021Q3", progress=[rate("1-1", 40)])
    events = [event for event in archive.events()[0] if event.kind != "answer"]
    rmtree(world / "archive" / "journal")
    with transaction() as connection:
        connection.execute(text("DELETE FROM audit.event"))
        connection.execute(text("DELETE FROM audit.journal WHERE journal_code <> ''"))
        for number, event in enumerate(sorted(events, key=as_it_happened), 1):
            lines = [{n: v for n, v in line.items() if n not in ("event", "at")}
                     for line in event.lines]  # fmt: skip
            archive.write_event(*archive.event("", number, event.kind, event.at, lines))
            connection.execute(
                text("INSERT INTO audit.event VALUES (:n, :k, :at, CAST(:l AS jsonb), TRUE, '')"),
                {"n": number, "k": event.kind, "at": event.at, "l": json.dumps(lines)},
            )
    send(world / "r.xlsx", FIRST, 1, progress=[rate("1-2", 60)])
    approve(1, RELEASED)
    assert {e.journal for e in archive.events()[0]} == {"", "receipts", GOVERNMENT}
    facts = pipeline.verify("2021Q4", GOVERNMENT)
    assert (facts.refused, facts.differences, facts.files) == ([], [], 3)


def as_it_happened(event: archive.Event) -> tuple[int, int]:
    steps = ("receipt", "read", "check", "acceptance")
    return event.lines[0]["batch_id"], steps.index(event.kind)
