"""Files that are written whole or not at all."""

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl.whole import sweep, whole


def test_of_two_writers_at_once_the_later_one_stands_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "취합.xlsx"
    with whole(path) as later:
        later.write_text("나중")
        with whole(path) as earlier:
            earlier.write_text("먼저")
        assert path.read_text() == "먼저"
    assert path.read_text() == "나중"
    assert list(path.parent.iterdir()) == [path]


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("그대로")
    with suppress(OSError), whole(path) as part:
        part.write_text("반쯤")
        raise OSError
    assert path.read_text() == "그대로"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_of_any_length_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("가" * 85)  # 255 bytes, the most that a name may have
    with whole(path) as part:
        part.write_text("다")
    assert path.read_text() == "다"


def test_what_dead_writers_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    now = datetime(2026, 4, 1, tzinfo=UTC)
    names = {".0123abcd.part": 2, ".4567abcd.part": 0, "보고.part": 2, "a.xlsx": 2}
    for name, days in names.items():
        (tmp_path / "2026Q1").mkdir(exist_ok=True)
        path = tmp_path / "2026Q1" / name
        path.write_text("")
        then = (now - timedelta(days=days)).timestamp()
        os.utime(path, (then, then))
    assert sweep(tmp_path, now - timedelta(days=1)) == 1
    assert {path.name for path in tmp_path.rglob("*.*")} == {*names} - {".0123abcd.part"}
    assert sweep(tmp_path / "none", now) == 0
