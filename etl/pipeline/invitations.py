"""Invitations of one quarter: what each department is sent, and that it was."""

from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from etl.common import hand_over, shown
from etl.home import disk_told
from etl.invite import write_cards, write_invitations
from etl.period import parse_period
from etl.pipeline.journal import happening, note_once, present
from etl.pipeline.telling import counting, say
from etl.settings import settings
from etl.warehouse import transaction


class Invited(NamedTuple):
    """What was written of one quarter, as paths: returns, and cards where asked for."""

    folder: str
    files: list[str]
    cards: list[str]


@disk_told()
def invite(
    quarter_id: str, government_id: str, at: datetime | None = None, with_cards: bool = False
) -> Invited:
    """Write one pre-filled return per owning department into `outbox/QUARTER/GOVERNMENT/`.

    With cards, also one pre-filled card per pledge, below `cards/` there.
    """
    started, at = perf_counter(), at or present()
    quarter, folder = parse_period(quarter_id), settings().outbox / quarter_id / government_id
    cards: list[Path] = []
    with transaction() as connection:
        asked = connection, government_id, quarter, at
        paths = write_invitations(*asked, folder, counting("작성 파일"))
        if with_cards:
            cards = write_cards(*asked, folder / "cards", counting("관리카드"))
    hand_over(folder, settings().outbox)
    with happening(government_id) as connection:
        line = {"government_id": government_id, "quarter_id": quarter_id}
        note_once(connection, "invitation", at, line)
    say("배포", started, quarter=quarter_id, government=government_id, files=len(paths),
        cards=len(cards) if with_cards else None)  # fmt: skip
    return Invited(shown(folder), [*map(shown, paths)], [*map(shown, cards)])
