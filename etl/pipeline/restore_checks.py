"""Whether a backup would come back: restored beside the installation, proved, and removed again.

It is brought into a home of its own below this one, with an embedded server of its own, wherever
the warehouse lies: nothing that runs is read or written, and nobody outside is told anything.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from etl.backups import Place
from etl.home import disk_told
from etl.pipeline.restoring import Restored, restore
from etl.problems import SystemFault
from etl.quarter import seoul_now
from etl.settings import alone_in, another_home, settings
from etl.warehouse import stop_embedded

_PREFIX = "restore-check-"
_UNTOUCHED = "지금의 자료와 백업은 그대로입니다."


@dataclass(frozen=True)
class RestoreCheck:
    """The last check that a backup comes back: of which day, when, and how much differed."""

    day: str
    at: str
    verified: int
    differences: int

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


def _path() -> Path:
    return settings().home.resolve() / "restore_check.json"


@disk_told(_UNTOUCHED)
def check_backup(day: str | None = None, source: str | None = None) -> Restored:
    """Restore the backup of a day (default: the newest) into a scratch home and prove it there.

    It lies where backups are written, or at `source`.

    Needs as much room on the home's disk as the installation takes. Raises UsageError as `restore`
    does; SystemFault where what came back differs from the backup or from what was released.
    """
    place, home = source or settings().backup, settings().home.resolve()
    with (
        TemporaryDirectory(prefix=_PREFIX, dir=home) as scratch,
        another_home(alone_in(Path(scratch))),
    ):
        try:
            told = restore(place, day)
        finally:
            stop_embedded()
    checked = RestoreCheck(told.day, seoul_now().isoformat(), told.verified, len(told.differences))
    _path().write_text(json.dumps(asdict(checked)), encoding="utf-8")
    if told.differences:
        raise SystemFault(
            f"{told.day} 백업을 되살리니 다른 것이 {len(told.differences)}건입니다:"
            f" {told.differences[0]}.",
            _UNTOUCHED,
            "gongyak backup으로 새로 백업하고 다시 점검하십시오. 되풀이되면 보관소를 살피십시오.",
        )
    return told


def has_backups() -> bool:
    """Tell whether anything lies where backups are written."""
    return bool(Place(settings().backup).days())


def last_restore_check() -> RestoreCheck | None:
    """Return the last check; None where there was none, or its note cannot be read."""
    try:
        return RestoreCheck(**json.loads(_path().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
