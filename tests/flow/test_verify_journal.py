"""What a journal may look like and still be enough to derive a release again."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import text

from etl import archive, pipeline
from etl.warehouse import transaction
from tests.factories import GOVERNMENT, return_workbook
from tests.flow.test_collect import rate
from tests.flow.test_verify import BEFORE, DAY, FIRST, RELEASED, approve, send


def test_a_journal_that_tells_less_still_does(world: Path) -> None:
    """Before reading and checking were told, a receipt had five facts and a name by its moment."""
    send(world / "q3.xlsx", BEFORE, 1, quarter="2021Q3", progress=[rate("1-1", 40)])
    send(world / "r.xlsx", FIRST, 1, progress=[rate("1-2", 60)])
    approve(1, RELEASED)
    events, _ = archive.events()
    for path in (world / "archive" / "journal").iterdir():
        path.unlink()
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


def test_a_file_taken_up_again_after_a_breakdown_is_done_again_where_it_was(world: Path) -> None:
    batch = pipeline.receive([str(return_workbook(world / "a.xlsx"))], FIRST).batch_id
    assert batch is not None
    pipeline.read(batch)  # and here the machine stopped
    other = return_workbook(world / "b.xlsx", department="D02", progress=[rate("2-1", 10)])
    assert pipeline.collect([str(other)], at=FIRST + DAY).accepted == 2
    approve(1, RELEASED)
    facts = pipeline.verify("2021Q4", GOVERNMENT)
    assert (facts.refused, facts.differences, facts.files) == ([], [], 3)
