"""Where backups lie: whole files or none, a manifest that is what it was, on any file system."""

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from etl.backups import Manifest, Part, Place, read_manifest
from etl.problems import OutageError, UsageError
from etl.storage import without_password

# sha256("abc"), as FIPS 180-4 gives it.
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
PART = Part("database", "warehouse", "2026-11-30/warehouse-ba7816bf8f01.dump", ABC, 3)
MANIFEST = Manifest(
    day="2026-11-30",
    at="2026-11-30T09:00:00+09:00",
    code_version="0.1.0",
    migration="0017",
    content_stamp="stamp",
    origin=None,
    holds={"submissions": 3},
    lacking=(),
    parts=(PART,),
)


@pytest.fixture(params=["folder", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    url = str(tmp_path / "kept") if request.param == "folder" else f"memory://{tmp_path.name}"
    return Place(url)


def test_a_file_is_called_by_its_content_and_read_back(place: Place) -> None:
    told = place.write("2026-11-30/warehouse-{sha}.dump", [b"a", b"bc"])
    assert told == (PART.path, ABC, 3)
    assert b"".join(place.read(PART.path)) == b"abc"
    assert place.sizes() == {PART.path: 3}
    assert place.folders() == ["2026-11-30"]
    assert place.days() == []  # no manifest, no backup


def test_a_file_that_cannot_be_finished_is_none(place: Place) -> None:
    def broken() -> Iterator[bytes]:
        yield b"a"
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        place.write("2026-11-30/x", broken())
    assert place.sizes() == {}
    assert place._found("") == {}


def test_the_parts_of_a_folder_are_their_owners_alone(tmp_path: Path) -> None:
    Place(str(tmp_path / "kept")).write("2026-11-30/keys.json", [b"{}"])
    found = [tmp_path / "kept" / "2026-11-30", tmp_path / "kept" / "2026-11-30" / "keys.json"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in found] == [0o700, 0o600]


def test_parts_that_are_gone_cut_off_or_changed_are_found(place: Place) -> None:
    place.write(PART.path, [b"abc"])
    others = [replace(PART, path="archive/files/x"), replace(PART, size=4),
              replace(PART, sha256=sha256(b"abd").hexdigest())]  # fmt: skip
    assert list(place.damaged([PART])) == []
    assert list(place.damaged([PART, *others])) == ["archive/files/x", PART.path, PART.path]


def test_a_manifest_tells_the_same_again() -> None:
    assert read_manifest(MANIFEST.as_json()) == MANIFEST


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda told: told | {"holds": {"submissions": 4}}, "바뀌었습니다"),
        (lambda told: told | {"sha256": "0" * 64}, "바뀌었습니다"),
        (lambda told: told | {"parts": []}, "바뀌었습니다"),
        (lambda told: told | {"edition": 2}, r"모르는 판\(2\)"),
        (lambda told: told | {"kind": "other"}, "백업 목록이 아닙니다"),
        (lambda told: [told], "백업 목록이 아닙니다"),
    ],
)
def test_a_changed_manifest_is_none(change: object, said: str) -> None:
    told = change(json.loads(MANIFEST.as_json()))  # type: ignore[operator]
    with pytest.raises(ValueError, match=said):
        read_manifest(json.dumps(told).encode())


@pytest.mark.parametrize("length", [0, 1, 100, -1])
def test_a_manifest_that_was_cut_off_is_none(length: int) -> None:
    with pytest.raises(ValueError, match="잘렸거나"):
        read_manifest(MANIFEST.as_json()[:length])


def test_a_manifest_of_another_day_is_none(place: Place) -> None:
    place.write("2026-12-01/manifest.json", [MANIFEST.as_json()])
    assert place.days() == ["2026-12-01"]
    with pytest.raises(ValueError, match="2026-11-30의 백업이 2026-12-01에"):
        place.manifest("2026-12-01")


def test_a_day_is_swept_of_what_its_manifest_does_not_need(place: Place) -> None:
    place.write(PART.path, [b"abc"])
    place.write("2026-11-30/manifest.json", [MANIFEST.as_json()])
    place.write("2026-11-30/warehouse-000000000000.dump", [b"older"])
    place.write("archive/files/ba/x.part", [b"left"])
    place.write("archive/files/ba/x", [b"kept"])
    place.sweep("2026-11-30", [PART.path])
    assert sorted(place._found("")) == [
        "2026-11-30/manifest.json", PART.path, "archive/files/ba/x",
    ]  # fmt: skip
    place.remove_day("2026-11-30")
    assert sorted(place._found("")) == ["archive/files/ba/x"]


def test_an_unknown_address_and_a_place_that_is_no_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ftpp://me:…@there/x\(.*아무것도 바뀌지 않았습니다"):
        Place("ftpp://me:secret@there/x")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutageError, match="쓰지 못했습니다"):
        Place(str(tmp_path / "file")).write("2026-11-30/x", [b"a"])


def test_an_address_is_shown_without_its_password() -> None:
    assert without_password("sftp://me:secret@host:22/a") == "sftp://me:…@host:22/a"
    assert without_password("sftp://me:se/cr@et@host/a") == "sftp://me:…@host/a"
    assert without_password("/srv/backup") == "/srv/backup"
