"""The frozen files of a government's releases, made of plain rows: three quarters and a revision.

What breaks pages and paths stands in names and ids. No database, no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from etl.archive import sha256_of
from etl.documents.pictures import picture
from etl.publish.attachments import write_attachments
from etl.publish.frozen import write_frozen
from etl.publish.publication import Published
from etl.publish.retraction import Notice, mark
from etl.quarter import Quarter
from tests.figures.publications import (
    FIRST,
    GOVERNMENT,
    HOSTILE,
    count,
    figure,
    money,
    pledge,
    publication,
    silent,
)
from tests.shots import jpeg

IDS = ("1-1", "../x", "1/2", "가-1", "III-2", "iii-2", "<b>&", "..", "\u202e1", "🏗️", " ", "a\nb",
       "길" * 90, "q?x#y%2f")  # fmt: skip
NAMES = (*HOSTILE, " ")
QUARTERS = ("2021Q2", "2021Q3", "2021Q4")
STATUSES = (("COMPLETED", "완료", 100), ("ON_TRACK", "정상추진", 60), ("BEHIND", "일부추진", 20))
# In the last quarter: one that should have been reported, one that is completed and need not be.
_EARLIER = {"report_state": "carried_forward", "reported_quarter_id": "2021Q3"}
_CARRIED = {"가-1": _EARLIER, "../x": {**_EARLIER, "owes_report": False}}
REASON = "옮겨 적은 값이 <틀림> & 다시 봄"


def quarter_rows(quarter_id: str) -> dict[str, Any]:
    """Return what a quarter holds: every id, with a name, a status, money and texts."""
    step = QUARTERS.index(quarter_id)
    told = dict(quarter_id=quarter_id, reported_quarter_id=quarter_id,
                as_of_date=Quarter.parse(quarter_id).last_day)  # fmt: skip
    pledges = []
    for place, number in enumerate(IDS):
        code, name, rate = STATUSES[(place + step) % 3]
        pledges.append(pledge(
            number, NAMES[place % len(NAMES)], status_code=code, status_name=name,
            declared_rate_pct=Decimal(rate), field_name=NAMES[place % 4] if place else "경제",
            department_code="AB"[place % 2], department_name=f"{'AB'[place % 2]}과",
            **told | (_CARRIED.get(number, {}) if step == 2 else {}),
        ))  # fmt: skip
    pledges.append(silent("9-9", "아직 보고하지 않은 공약"))
    scopes = [("all", "", "전체"), *(("department", one, f"{one}과") for one in "AB"),
              *(("field", one, one) for one in dict.fromkeys(p.field_name for p in pledges)
                if one)]  # fmt: skip
    members = [
        SimpleNamespace(scope_type=kind, scope_id=scope, scope_name=name, pledge_id=one.pledge_id)
        for kind, scope, name in scopes
        for one in pledges
        if kind == "all" or scope in (one.department_code, one.field_name)
    ]
    return {
        "quarter": Quarter.parse(quarter_id),
        "pledges": pledges,
        "members": members,
        "budget": [
            money("1-1", year, 1_234_567_000_000, 900_000_000, 40_000_000, quarter_id=quarter_id,
                  funding_source_code=source)
            for year in ("pre_term", "2020", "2021", "2022~2023", "post_term")
            for source in ("NATIONAL", "UPPER", "OWN")
        ],
        "figures": [
            figure(code, str(above), str(below), str(Decimal(100 * above) / below), shown, scope)
            for scope in scopes
            for code, above, below, shown in (
                ("R2", 5 + step, 15, "33.33"), ("R1", 840, 14, "60.0"),
                ("B1", 128_605_000_000, 258_705_000_000, "49.71"),
            )
        ] + [figure("B6", "0", "0", None, "해당 없음", figure_name="당해연도 집행률")],
        "counts": [count(code, name, 5, scope) for scope in scopes for code, name, _ in STATUSES],
        "narrative": [_text(quarter_id, *one) for one in _TEXTS],
        "attachments": [
            _picture(quarter_id, number, words)
            for number, words in enumerate(("둘레길 들머리", HOSTILE[12], "길" * 120), 1)
            if quarter_id == QUARTERS[-1]
        ],
        "decisions": [SimpleNamespace(
            pledge_id="1-1", change_date=publication().day, change_code="CHANGED",
            item_code="due_year", before_text="2021", after_text="2022", reason=HOSTILE[12],
            approver="공약이행평가단",
        )],
        "evidence": [SimpleNamespace(
            pledge_id="1-1", entry_number=number, submission_id=3, reported_quarter_id=quarter_id,
            sheet_name="공약현황", cell=f"C{number}", as_written=HOSTILE[12], value=Decimal("0.5"),
            funding_source_code="OWN" if number == 2 else None,
            fiscal_year="2021" if number == 2 else None, numerator_of=["R1"], denominator_of=["R2"],
        ) for number in (1, 2)],
        "printed": [SimpleNamespace(
            figure_code="R2", figure_name="이행완료율", scope_type="all", scope_label="",
            printed_in="누리집 <첫 화면>", published_value=Decimal("34"), decimal_places=0,
            shown="34", shown_again="33", numerator=Decimal(5), denominator=Decimal(15),
            verdict_code="ROUNDED_UP", verdict_name="올림", proof="15건 중 5건은 33", reason="오기",
        ), SimpleNamespace(
            figure_code="R4", figure_name="정상추진율", scope_type="all", scope_label="",
            printed_in="누리집 <첫 화면>", published_value=Decimal("60"), decimal_places=0,
            shown="60", shown_again="60", numerator=Decimal(9), denominator=Decimal(15),
            verdict_code="AGREES", verdict_name="일치", proof="15건 중 9건은 60", reason="옛 까닭",
        )],
    }  # fmt: skip


_TEXTS = (
    ("GOAL", "정책목표", None, "누구나 걸어서 10분"),
    ("OVERVIEW", "사업개요", None, "둘레길을\n넷 놓음"),
    ("YEARLY_PLAN", "연차별 계획", "2021", "설계"),
    ("PROGRESS", "추진내용", None, "둘레길 " * 60),
    ("ACHIEVEMENT", "추진실적", "2021-08-01", "첫 삽"),
    ("PROBLEM", "문제점", None, "<script>alert(1)</script>"),
    ("PLAN_AHEAD", "향후계획", None, "길" * 300),
    ("COOPERATION", "협업", "협업부서", "나래과: 안내"),
)


def _text(quarter_id: str, kind: str, name: str, label: str | None, content: str) -> Any:
    return SimpleNamespace(
        quarter_id=quarter_id, government_id=GOVERNMENT, pledge_id="1-1", kind_code=kind,
        kind_name=name, entry_number=1, subproject_name=None, label=label, content=content,
        reported_quarter_id=quarter_id,
    )  # fmt: skip


def _shot(number: int) -> bytes:
    return jpeg(((1600, 900), (300, 900), (40, 30))[number - 1], has_metadata=False)


def _picture(quarter_id: str, number: int, words: str) -> Any:
    found = picture(_shot(number))
    return SimpleNamespace(
        quarter_id=quarter_id, government_id=GOVERNMENT, pledge_id="1-1", entry_number=number,
        description=words, file_name=f"{number}.jpg", media_type=found.media_type,
        width=found.width, height=found.height, byte_count=len(found.content),
        sha256=sha256_of(found.content), submission_id=number,
    )  # fmt: skip


def _published(row: Any) -> bytes:
    return picture(_shot(row.entry_number)).content


def write_releases(place: Path) -> None:
    """Write the frozen files of every quarter, and a second revision of the last."""
    before = None
    for number, quarter_id in enumerate(QUARTERS):
        rows = quarter_rows(quarter_id)
        for revision in (1, 2) if quarter_id == QUARTERS[-1] else (1,):
            decided = FIRST.decided_at + timedelta(days=90 * number + revision)
            release = replace(FIRST, revision=revision, decided_at=decided)
            told = publication(**rows, release=release, earlier=before, picture_of=_published)
            folder = place / quarter_id / f"r{revision}"
            (folder / "data").mkdir(parents=True)
            for name in ("보고서.html", "취합.xlsx", "변동.html", "data/pledges.csv"):
                (folder / name).write_text("<html>\n<body>\n</body></html>")
            write_attachments(told, folder)
            write_frozen(told, folder)
        before = Published(quarter_id, 1, rows["figures"], rows["pledges"])


def retract(place: Path, quarter_id: str, revision: int) -> None:
    """Take a release back, as `retract` tells it in its folder."""
    notice = Notice(quarter_id, revision, "가람구", publication().day, REASON)
    mark(place / quarter_id / f"r{revision}", notice)


def read(place: Path) -> tuple[Mapping[str, bytes], Sequence[str]]:
    """Return the bytes of all that lies in a place, and its names."""
    files = {path.relative_to(place).as_posix(): path.read_bytes()
             for path in sorted(place.rglob("*")) if path.is_file()}  # fmt: skip
    return files, [*files]


def releases() -> tuple[Mapping[str, bytes], Sequence[str]]:
    """Return the same without a place."""
    with TemporaryDirectory() as folder:
        write_releases(Path(folder))
        return read(Path(folder))
