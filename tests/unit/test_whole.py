"""Files that are written whole or not at all."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

from etl.whole import whole


def test_of_two_writers_at_once_one_waits(tmp_path: Path) -> None:
    path, has_begun = tmp_path / "folder" / "취합.xlsx", Event()

    def later() -> None:
        has_begun.set()
        with whole(path) as part:
            assert path.read_text() == "먼저"
            part.write_text("나중")

    with ThreadPoolExecutor(1) as pool:
        with whole(path) as part:
            waiting = pool.submit(later)
            has_begun.wait()
            part.write_text("먼저")
        waiting.result()
    assert path.read_text() == "나중"
    assert list(path.parent.iterdir()) == [path]


def test_many_writers_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a"

    def write(number: int) -> None:
        with whole(path) as part, part.open("w") as file:
            for _ in range(50):
                file.write(f"{number % 10}" * 50)
                file.flush()

    with ThreadPoolExecutor(8) as pool:
        assert len([*pool.map(write, range(64))]) == 64
    told = path.read_text()
    assert len(told) == 2500
    assert len(set(told)) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("그대로")
    with suppress(OSError), whole(path) as part:
        part.write_text("반쯤")
        raise OSError
    assert path.read_text() == "그대로"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_dead_writer_left_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with suppress(OSError), whole(path) as part:
        left = part
        raise OSError
    left.write_text("죽은 실행이 반쯤 쓴 긴 글")
    with whole(path) as part:
        assert part.read_text() == ""
        part.write_text("다")
    assert path.read_text() == "다"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_of_any_length_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("가" * 85)  # 255 bytes, the most that a name may have
    with whole(path, 0o600) as part:
        part.write_text("다")
    assert path.read_text() == "다"
    assert path.stat().st_mode & 0o777 == 0o600
