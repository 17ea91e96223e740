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
from tests.joins import marts_joined
from tests.shots import OWNER, bomb, jpeg, png

pytestmark = pytest.mark.slow

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
    pipeline.report(QUARTER, GOVERNMENT, AT + DAY)
    laid_out = pipeline.pictures_to_see(QUARTER, GOVERNMENT)
    assert [path.name for path in laid_out] == ["1-1_1_지붕.jpg.jpg", "1-2_1_뜰.PNG.png"]
    assert OWNER not in laid_out[0].read_bytes()
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
    marts = {"pledge_attachment", "released_attachment"}
    assert marts_joined(sorted(marts)) == marts


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


# -- what comes late, again, or not at all --------------------------------------------------------


def test_a_picture_that_did_not_come_is_told_and_taken_up_when_it_comes(inbox: Path) -> None:
    put(inbox, ROOF)
    assert collect().accepted == 2  # the report counts without it
    assert found("A-01") == [("B3", "지붕.jpg")]
    assert shown() == []
    (inbox / "지붕.jpg").write_bytes(SHOT)
    collect(AT + DAY / 2)
    assert found("A-04") == []
    assert shown() == [("1-1", 1, ROOF["파일"], ROOF["설명"])]
    assert rows(
        "SELECT quarter_id, department_code, state FROM audit.submission"
        " WHERE form_code = 'attachment'"
    ) == [(QUARTER, "D01", "loaded")]


def test_a_picture_that_comes_after_a_release_is_a_new_revision(inbox: Path) -> None:
    put(inbox, ROOF)
    collect()
    assert decide().revision == 1
    assert decide().outcome == "unchanged"
    (inbox / "지붕.jpg").write_bytes(SHOT)
    collect(AT + 2 * DAY)
    later = pipeline.Decision("기획예산과장", AT + 3 * DAY)
    assert decide(later).revision == 2
    assert not (settings().published / GOVERNMENT / QUARTER / "r1/pictures").exists()
    assert len([*(settings().published / GOVERNMENT / QUARTER / "r2/pictures").iterdir()]) == 1
    for revision in (1, 2):
        verified = pipeline.verify(QUARTER, GOVERNMENT, revision)
        assert (verified.differences, verified.refused) == ([], [])
    assert rows("SELECT revision FROM mart.released_attachment") == [(2,)]


def test_after_the_last_day_of_grace_a_picture_alone_is_not_taken(inbox: Path) -> None:
    put(inbox, ROOF)
    collect()
    (inbox / "지붕.jpg").write_bytes(SHOT)
    collect(AT + 60 * DAY)
    assert found("A-04") == [(None, "지붕.jpg")]
    assert shown() == []
    put(inbox, ROOF | {"설명": "지붕"}, name="D01_2.xlsx")
    collect(AT + 61 * DAY)
    assert shown() == [("1-1", 1, ROOF["파일"], "지붕")]


def test_a_picture_may_come_before_its_return(inbox: Path) -> None:
    (inbox / "지붕.jpg").write_bytes(SHOT)
    collect()
    assert found("A-04") == [(None, "지붕.jpg")]
    put(inbox, ROOF)
    collect(AT + DAY / 2)
    assert found("A-01") == []
    assert shown() == [("1-1", 1, ROOF["파일"], ROOF["설명"])]
    decide()
    assert pipeline.verify(QUARTER, GOVERNMENT).differences == []


def test_what_was_taken_stays(inbox: Path) -> None:
    put(inbox, ROOF, **{"지붕.jpg": SHOT})
    collect()
    before = rows("SELECT sha256 FROM mart.pledge_attachment")
    (inbox / "지붕.jpg").write_bytes(jpeg(color="red"))
    collect(AT + DAY / 2)
    assert len(found("A-04")) == 1
    assert rows("SELECT sha256 FROM mart.pledge_attachment") == before


def test_a_correction_replaces_the_list_and_a_withdrawal_brings_it_back(inbox: Path) -> None:
    put(inbox, ROOF, ROOF | {"공약번호": "1-2", "설명": "뜰"}, **{"지붕.jpg": SHOT})
    collect()
    assert [(pledge, words) for pledge, _, _, words in shown()] == [
        ("1-1", ROOF["설명"]), ("1-2", "뜰"),
    ]  # fmt: skip
    corrected = return_workbook(inbox / "D01_2.xlsx", progress=D01, attachments=[
        ROOF | {"설명": "지붕을 다 얹은 모습"}])  # fmt: skip
    collect(AT + DAY / 2)
    assert shown() == [("1-1", 1, ROOF["파일"], "지붕을 다 얹은 모습")]
    ((number,),) = rows("SELECT submission_id FROM audit.submission WHERE file_name = :n",
                        n=corrected.name)  # fmt: skip
    pipeline.withdraw(number, "기획예산과장", "잘못 보냄", AT + DAY / 2)
    assert [(pledge, words) for pledge, _, _, words in shown()] == [
        ("1-1", ROOF["설명"]), ("1-2", "뜰"),
    ]  # fmt: skip
    decide()
    assert len([*(settings().published / GOVERNMENT / QUARTER / "r1/pictures").iterdir()]) == 1
    verified = pipeline.verify(QUARTER, GOVERNMENT)
    assert (verified.differences, verified.refused) == ([], [])


def test_one_picture_alone_is_taken_back(inbox: Path) -> None:
    put(inbox, ROOF, {"파일": "뜰.png", "설명": "뜰"}, **{"지붕.jpg": SHOT, "뜰.png": png()})
    collect()
    assert decide().revision == 1
    ((number,),) = rows("SELECT submission_id FROM audit.submission WHERE file_name = '지붕.jpg'")
    pipeline.withdraw(number, "기획예산과장", "얼굴이 보임", AT + 2 * DAY)
    assert [name for _, _, name, _ in shown()] == ["뜰.png"]
    pipeline.retract(QUARTER, GOVERNMENT, 1, "기획예산과", "사진에 잘못", AT + 2 * DAY)
    assert decide(pipeline.Decision("기획예산과장", AT + 3 * DAY)).revision == 2
    page = site("pledges/7/1-1.html").decode()
    assert page.count('class="photo"') == 1
    assert 'alt="뜰"' in page
    for revision in (1, 2):
        verified = pipeline.verify(QUARTER, GOVERNMENT, revision)
        assert (verified.differences, verified.refused) == ([], [])


def test_a_report_that_is_carried_forward_shows_none_again(inbox: Path) -> None:
    put(inbox, ROOF, **{"지붕.jpg": SHOT})
    collect()
    file = return_workbook(inbox / "next.xlsx", progress=D02, department="D02", quarter="2022Q1")
    pipeline.collect([str(file)], at=AT + 90 * DAY)
    assert rows("SELECT quarter_id FROM mart.pledge_attachment") == [(QUARTER,)]


def test_another_quarter_does_not_take_an_old_picture(inbox: Path) -> None:
    put(inbox, ROOF, **{"지붕.jpg": SHOT})
    collect()
    return_workbook(inbox / "next.xlsx", progress=D01, quarter="2022Q1", attachments=[ROOF])
    collect(AT + 90 * DAY)
    assert rows("SELECT quarter_id FROM mart.pledge_attachment") == [(QUARTER,)]
    (inbox / "지붕.jpg").write_bytes(jpeg(color="red"))
    collect(AT + 91 * DAY)
    shown_now = rows("SELECT quarter_id, sha256 FROM mart.pledge_attachment ORDER BY 1")
    assert [quarter for quarter, _ in shown_now] == [QUARTER, "2022Q1"]
    assert len({sha for _, sha in shown_now}) == 2


# -- what people and programs call files ----------------------------------------------------------


def test_a_bundle_holds_a_return_and_its_pictures(inbox: Path) -> None:
    path = put(inbox, ROOF)
    with ZipFile(inbox / "보고.zip", "w") as bundle:
        bundle.write(path, path.name)
        bundle.writestr("지붕.jpg", SHOT)
    path.unlink()
    (inbox / "지붕.jpg").write_bytes(jpeg(color="red"))  # lies beside the bundle, not in it
    collect()
    picture = rows("SELECT file_name FROM audit.submission AS s INNER JOIN core.attachment_file AS f"
                   " ON s.submission_id = f.submission_id")  # fmt: skip
    assert picture == [("보고.zip/지붕.jpg",)]
    assert len(shown()) == 1


@pytest.mark.parametrize(
    ("lies", "named"),
    [
        (unicodedata.normalize("NFD", "지붕.jpg"), "지붕.jpg"),
        ("지붕.jpg", unicodedata.normalize("NFD", " 지붕.jpg ")),
        ("IMG_1.JPG", "img_1.jpg"),
        ("현장 사진 (1).jpg", "현장 사진 (1).jpg"),
        ("사진/지붕.jpg", "사진\\지붕.jpg"),
    ],
)
def test_a_name_is_known_however_it_is_written(inbox: Path, lies: str, named: str) -> None:
    (inbox / lies).parent.mkdir(exist_ok=True)
    put(inbox, ROOF | {"파일": named}, **{lies: SHOT})
    collect()
    assert found("A-01") == []
    assert len(shown()) == 1


@pytest.mark.parametrize(
    "named", ["../지붕.jpg", "/etc/passwd", "..\\지붕.jpg", "지붕", "*.jpg", "%"]
)
def test_a_name_is_no_path_and_no_pattern(inbox: Path, named: str) -> None:
    (inbox / "가").mkdir()
    (inbox / "지붕.jpg").write_bytes(SHOT)
    return_workbook(inbox / "가/D01.xlsx", progress=D01, attachments=[ROOF | {"파일": named}])
    collect()
    assert shown() == []


def test_a_link_leads_nowhere(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.jpg").write_bytes(SHOT)
    put(inbox, ROOF)
    (inbox / "지붕.jpg").symlink_to(tmp_path / "elsewhere.jpg")
    done = collect()
    assert [line.partition(":")[0] for line in done.not_taken] == ["지붕.jpg"]
    assert found("A-01") == [("B3", "지붕.jpg")]


def test_another_department_takes_what_lies_in_its_own_folder(inbox: Path) -> None:
    for code, lines, color in (("D01", D01, "red"), ("D02", D02, "blue")):
        (inbox / code).mkdir()
        (inbox / code / "1.jpg").write_bytes(jpeg(color=color))
        named = {"파일": "1.jpg", "설명": color, "공약번호": lines[0]["공약번호"]}
        return_workbook(inbox / code / "r.xlsx", progress=lines, department=code,
                        attachments=[named])  # fmt: skip
    collect()
    assert len({sha for (sha,) in rows("SELECT sha256 FROM mart.pledge_attachment")}) == 2


def test_the_same_bytes_under_two_names_are_one_published_file(inbox: Path) -> None:
    put(inbox, ROOF, ROOF | {"파일": "다시.jpg", "설명": "같은 사진"},
        **{"지붕.jpg": SHOT, "다시.jpg": SHOT})  # fmt: skip
    collect()
    assert [name for _, _, name, _ in shown()] == ["지붕.jpg", "다시.jpg"]
    decide()
    assert len([*(settings().published / GOVERNMENT / QUARTER / "r1/pictures").iterdir()]) == 1


# -- what is no picture ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "F-03"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "F-01"),
        (b"<html><body>1</body></html>", "F-01"),
        (b"GIF89a\x01\x00", "F-01"),
        (SHOT[: len(SHOT) // 2], "A-05"),
        (b"\xff\xd8\xff\xe0<script>alert(1)</script>", "A-05"),
        (bomb(), "A-05"),
    ],
)
def test_what_is_no_picture_is_told_and_not_shown(inbox: Path, content: bytes, rule: str) -> None:
    put(inbox, ROOF, **{"지붕.jpg": content})
    assert collect().accepted == 2
    assert found("A-01") == [("B3", "지붕.jpg")]
    assert len(found(rule)) == 1
    assert shown() == []
    assert decide().outcome == "approved"
    assert not (settings().published / GOVERNMENT / QUARTER / "r1/pictures").exists()


def test_what_bytes_say_counts_and_not_the_name(inbox: Path) -> None:
    put(inbox, ROOF | {"파일": "지붕.png"}, **{"지붕.png": SHOT})
    collect()
    assert rows("SELECT media_type FROM mart.pledge_attachment") == [("image/jpeg",)]


def test_one_over_the_limit_is_not_taken(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "picture_limit_mb", 1)
    put(inbox, ROOF, **{"지붕.jpg": SHOT + bytes(1024 * 1024)})
    done = collect()
    assert done.not_taken == ["지붕.jpg: 사진이 1MB로 한도 1MB를 넘어 받지 않았습니다"]
    assert found("A-01") == [("B3", "지붕.jpg")]


# -- people ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "cell"),
    [
        ({"설명": "임꺽정 주무관이 점검하는 모습"}, "C3"),
        ({"파일": "임꺽정_주무관.jpg"}, "B3"),
    ],
)
def test_words_and_names_of_pictures_wait_for_the_office(
    inbox: Path, named: dict[str, str], cell: str
) -> None:
    line = ROOF | named
    put(inbox, line, **{line["파일"]: SHOT})
    collect()
    assert found("N-01") == [(cell, "○○○ 주무관")]
    reason = [D01[0] | {"정정사유": "알리려고 적음"}, D01[1]]
    return_workbook(inbox / "D01_2.xlsx", progress=reason, attachments=[line])
    collect(AT + DAY / 2)
    (blocker,) = blockers()
    assert "공약 1-1의 글(첨부)에 사람 이름이 있는 듯합니다(○○○ 주무관)" in blocker
    assert decide().outcome == "blocked"


# -- proof, and the end of a retention period -----------------------------------------------------


def test_a_picture_that_changed_in_the_archive_is_named(inbox: Path) -> None:
    put(inbox, ROOF, **{"지붕.jpg": SHOT})
    collect()
    decide()
    name = sha256(SHOT).hexdigest()
    path = settings().home / "archive/files" / name[:2] / name
    path.chmod(0o600)
    path.write_bytes(jpeg(color="red"))
    (line,) = pipeline.verify(QUARTER, GOVERNMENT).refused
    assert "지붕.jpg" in line


def test_another_picture_in_the_warehouse_is_shown(inbox: Path) -> None:
    from sqlalchemy import text

    from etl.warehouse import transaction

    put(inbox, ROOF, **{"지붕.jpg": SHOT})
    collect()
    decide()
    with transaction() as connection:
        connection.execute(text("UPDATE staging.attachment__picture SET sha256 = 'other'"))
    (one,) = pipeline.verify(QUARTER, GOVERNMENT).differences
    assert (one.item, one.released) == ("picture 1-1 1", "other")


def test_the_original_goes_with_its_retention_period_and_what_is_published_stays(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(inbox, ROOF, **{"지붕.jpg": SHOT})
    collect()
    decide()
    folder = settings().published / GOVERNMENT
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    monkeypatch.setattr(settings(), "personal_data_days", 30)
    pipeline.erase_personal(AT + timedelta(days=400))
    name = sha256(SHOT).hexdigest()
    assert not (settings().home / "archive/files" / name[:2] / name).exists()
    shutil.rmtree(folder / QUARTER / "r1")
    pipeline.publish_again(QUARTER, GOVERNMENT)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == files
    verified = pipeline.verify(QUARTER, GOVERNMENT)
    assert (verified.differences, verified.refused) == ([], [])
    assert len(verified.erased) > 0
