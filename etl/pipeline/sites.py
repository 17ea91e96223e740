"""The pages of a government, written anew from what all of its releases froze."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import perf_counter

from etl.common import below, content, hand_over, remove_files, shown
from etl.home import PUBLIC
from etl.pipeline.telling import say
from etl.problems import OutageError
from etl.publish import workshop
from etl.settings import settings
from etl.site import is_own, is_read, site
from etl.warehouse import turn

_TRIES = 5


def write_site(government_id: str, where_missing: bool = False) -> None:
    """Write the site of a government: all of its pages, or none where one cannot be made.

    `where_missing` writes nothing where every page lies there, whatever stands in it.

    Who comes last has read what all others froze: one writes a government's site at a time. Pages
    first, then the start page that leads to them, and what no page leads to any more is removed.
    Raises SystemFault for a frozen file that cannot be read, OSError where the disk has no room.
    """
    started, place = perf_counter(), settings().published / government_id
    with turn(f"site {government_id}"):
        lying, files = _frozen(place)
        made = site(government_id, files, lying)
        if where_missing and made.keys() <= lying.keys():
            return
        _lay(made, place)
        remove_files([path for name, path in lying.items() if is_own(name) and name not in made])
    say("누리집", started, government=government_id, files=len(made))


def _frozen(place: Path) -> tuple[dict[str, Path], dict[str, bytes]]:
    """Return what lies in a government's folder by its name, and what of it is read.

    Another release may just take the place of its folder; whoever does that writes the site after.
    """
    for _ in range(_TRIES):
        lying = {path.relative_to(place).as_posix(): path for path in below(place)}
        with suppress(FileNotFoundError):
            return lying, {name: content(path) for name, path in lying.items() if is_read(name)}
    raise OutageError(
        f"{shown(place)}의 파일이 읽는 사이에 거듭 바뀌었습니다.",
        "발표한 파일과 먼저 쓴 페이지는 그대로입니다.",
        "잠시 뒤 같은 명령을 다시 실행하십시오.",
    )


def _lay(made: Mapping[str, bytes], place: Path) -> None:
    """Put files in their place: each whole, and none before there is room for all."""
    with workshop(place / "site") as shop:
        for name, written in made.items():
            path = shop / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written)
        for name in made:
            target = place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (shop / name).replace(target)
            hand_over(target, settings().published, PUBLIC)
