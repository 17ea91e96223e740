"""Pictures that returns name: from the inbox to the page of the pledge, and back out of the archive."""

import json
import shutil
import unicodedata
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from etl import pipeline
from etl.settings import settings
from tests.conftest import Begin, registered
from tests.factories import GOVERNMENT, QUARTER, return_workbook
from tests.flow.test_release import AT, D01, D02, D03, DAY, blockers, decide, rows, send
from tests.shots import OWNER, bomb, jpeg, png

ROOF = {"파일": "지붕.jpg", "설명": "새 도서관에 지붕을 얹은 모습"}
SHOT = jpeg(orientation=6)


def others_reported(home: Path) -> None:
    registered(home)
    send(home, "d2.xlsx", D02, "D02")
    send(home, "d3.xlsx", D03, "D03")


@pytest.fixture
def inbox(begin: Begin) -> Path:
    begin(others_reported)
    folder = Path(settings().inboxes[0])
    folder.mkdir(exist_ok=True)
    return folder


def put(inbox: Path, *named: dict[str, Any], name: str = "D01.xlsx", **pictures: bytes) -> Path:
    for file, content in pictures.items():
        (inbox / file).write_bytes(content)
    return return_workbook(inbox / name, progress=D01, attachments=named)


def collect(at: Any = AT) -> pipeline.Collected:
    return pipeline.collect(at=at)


def shown() -> list[tuple[Any, ...]]:
    return rows(
        "SELECT pledge_id, entry_number, file_name, description FROM mart.pledge_attachment"
        " ORDER BY 1, 2"
    )


def found(rule: str) -> list[tuple[Any, ...]]:
    return rows(
        "SELECT cell, seen FROM audit.finding WHERE rule_id = :r AND superseded_at = 'infinity'"
        " ORDER BY submission_id, _row",
        r=rule,
    )


def site(path: str) -> bytes:
    return (settings().published / GOVERNMENT / path).read_bytes()


def test_from_the_inbox_to_the_page(inbox: Path) -> None:
    put(inbox, ROOF, {"파일": "뜰.PNG", "설명": "뜰", "공약번호": "1-2"},
        **{"지붕.jpg": SHOT, "뜰.PNG": png()})  # fmt: skip
    done = collect()
    assert (done.accepted, done.not_taken, done.faults) == (2, [], [])
    assert found("A-01") == found("A-04") == found("F-01") == []
    assert shown() == [("1-1", 1, ROOF["파일"], ROOF["설명"]), ("1-2", 1, "뜰.PNG", "뜰")]
    summary = pipeline.release_summary(QUARTER, GOVERNMENT, AT + DAY)
    told = "\n".join(pipeline.release_lines(summary))
    assert "공개될 사진 2건" in told
    assert f"공약 1-1 지붕.jpg: {ROOF['설명']}" in told
    released = decide()
    assert released.outcome == "approved"
    (first, second) = json.loads(site(f"{QUARTER}/r1/json/attachments.json"))["rows"]
    content = site(f"{QUARTER}/r1/{first['path']}")
    assert (first["media_type"], first["width"], first["height"]) == ("image/jpeg", 48, 64)
    assert (first["sha256"], first["byte_count"]) == (sha256(content).hexdigest(), len(content))
    assert first["path"] == f"pictures/{first['sha256'][:16]}.jpg"
    assert second["path"].endswith(".png")
    for path in (settings().published / GOVERNMENT).rglob("*"):
        assert path.is_dir() or OWNER not in path.read_bytes(), path
    page = site("pledges/7/1-1.html").decode()
    assert (
        f'<img src="../../{QUARTER}/r1/{first["path"]}" alt="{ROOF["설명"]}"'
        ' width="48" height="64" loading="lazy"'
    ) in page
    verified = pipeline.verify(QUARTER, GOVERNMENT)
    assert (verified.differences, verified.refused) == ([], [])


def test_again_changes_nothing(inbox: Path) -> None:
    put(inbox, ROOF, **{"지붕.jpg": SHOT})
    collect()
    before = shown()
    assert collect(AT + DAY / 2).batch is None
    assert shown() == before
    assert decide().revision == 1
    assert decide().outcome == "unchanged"
    folder = settings().published / GOVERNMENT
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    pipeline.publish_again(QUARTER, GOVERNMENT)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == files
