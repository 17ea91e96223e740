"""A rule's own query finds what Great Expectations finds: in every workbook of every case."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl import pipeline
from etl.check import check_batch, rules
from etl.warehouse import transaction
from tests.rules.conftest import CHECKED, load_history, write_all

pytestmark = pytest.mark.slow

JUDGED = {
    "findings": "SELECT submission_id, rule_id, pledge_id, cell, seen, fingerprint,"
    " acknowledged_reason FROM audit.finding WHERE rule_id = ANY(:decisive) ORDER BY 1, 2, 3, 4, 5",
    "verdicts": "SELECT submission_id, pledge_id, verdict FROM audit.pledge_verdict ORDER BY 1, 2",
    "states": "SELECT submission_id, state, is_late, accepted_count, blocked_count"
    " FROM audit.submission ORDER BY 1",
}


def judged(batch_id: int) -> dict[str, list[Any]]:
    decisive = [rule.id for rule in rules() if rule.decides]
    with transaction() as connection:
        return {
            name: list(connection.execute(text(query), {"decisive": decisive}).all())
            for name, query in JUDGED.items()
        }


@pytest.mark.torture
def test_verdicts_alone_are_the_same_verdicts(home: Path, tmp_path: Path) -> None:
    load_history(tmp_path)
    for purpose in ("collect", "register"):
        batch_id = pipeline.receive(write_all(tmp_path / purpose), CHECKED, purpose).batch_id
        assert batch_id is not None
        pipeline.read(batch_id)
        check_batch(batch_id, CHECKED)
        whole = judged(batch_id)
        with transaction() as connection:
            connection.execute(
                text("UPDATE audit.submission SET state = 'read' WHERE batch_id = :b"
                     " AND state <> 'repeated'"), {"b": batch_id}
            )  # fmt: skip
        check_batch(batch_id, CHECKED, by="decisions")
        assert judged(batch_id) == whole
        assert len(whole["findings"]) > 80
