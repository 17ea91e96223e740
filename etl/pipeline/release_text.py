"""A release as people read it: in the shell, and on Airflow's page of what waits for a person."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from etl.common import shown
from etl.figures.attachments import ShownPicture
from etl.figures.verdicts import Verdict
from etl.pipeline.blockers import MissingPledge, PersonalText
from etl.pipeline.desk import page_of
from etl.pipeline.pictures import folder_to_see
from etl.pipeline.releases import ReleaseSummary, WaivedValue
from etl.quarter import SEOUL
from etl.shown import coverage_words

RELEASE_HEADERS = ("코드", "지표", "값", "앞선 발표와", "전 분기와", "공약", "이월", "예외")


def release_title(summary: ReleaseSummary) -> str:
    """Return what is decided on, as known when, and what was published before."""
    moment = summary.as_of.astimezone(SEOUL)
    before = f"{summary.last.revision}차" if summary.last else "없음"
    place = f"{summary.quarter} 발표 ({summary.government})"
    return f"{place}: 기준 시각 {moment:%Y-%m-%d %H:%M}, 이 분기의 앞선 발표 {before}"


def release_rows(summary: ReleaseSummary) -> list[tuple[Any, ...]]:
    """One row per headline figure, under RELEASE_HEADERS."""
    return [
        (f.figure_code, f.figure_name, f.shown, to_published, to_previous, f.pledge_count,
         f.carried_forward_count or None, f.waiver_count or None)
        for f, to_published, to_previous in summary.figures
    ]  # fmt: skip


def release_lines(summary: ReleaseSummary) -> list[str]:
    """One line for each thing to weigh, then one for each that stands in the way."""
    return [
        *(
            f"철회한 발표: {one.revision}차({one.retracted_at.astimezone(SEOUL):%Y-%m-%d},"
            f" {one.retracted_by}): {one.reason}"
            for one in summary.retracted
        ),
        f"보고율: {coverage_words(summary.owing_count, len(summary.missing))}",
        f"보고하지 않은 공약: {_missing_text(summary.missing)}",
        f"점검예외로 든 값: {_waived_text(summary.waived)}",
        *_published_lines(summary),
        *_personal_lines(summary.personal),
        *_picture_lines(summary.pictures, folder_to_see(summary.quarter, summary.government)),
        f"사유를 받지 못한 지적: {sum(file.open_count for file in summary.files)}건",
        f"늦게 낸 파일: {_listed([f.file_name for f in summary.files if f.is_late])}",
        "다른 판의 규칙으로 점검한 파일:"
        f" {_listed([f.file_name for f in summary.files if f.is_stale])}",
        *(f"발표를 막음: {line}" for line in summary.blockers),
    ]


def release_text(summary: ReleaseSummary) -> str:
    """Return the whole summary as Markdown."""
    cells = (["" if cell is None else str(cell) for cell in row] for row in release_rows(summary))
    return "\n".join(
        [
            f"## {release_title(summary)}",
            "",
            f"| {' | '.join(RELEASE_HEADERS)} |",
            "|---|---|---:|---:|---:|---:|---:|---:|",
            *(f"| {' | '.join(row)} |" for row in cells),
            "",
            *(f"- {line}" for line in release_lines(summary)),
        ]
    )


def release_links(summary: ReleaseSummary, pages: str) -> str:
    """Return what to open before a decision, as Markdown; `pages` is where the web pages are."""
    government, quarter = summary.government, summary.quarter
    links = {"제출 현황": page_of(pages, government, quarter)}
    if summary.last:
        place = f"{government}/{quarter}/{summary.last.revision}"
        links[f"앞선 발표 {summary.last.revision}차의 보고서"] = f"{pages}/gongyak/releases/{place}"
    return " · ".join(f"[{name}]({address})" for name, address in links.items())


def waiver_steps(summary: ReleaseSummary, pages: str) -> list[str]:
    """Return, for each gap that a waiver could let pass, where to write it and what to fill in."""
    return [
        f"예외 적기: {pages}/dags/waive_rule 에서 트리거를 눌러 규칙 {gap.rule_id},"
        f" 기관 {summary.government}, 부서 {gap.department_code or '(비움)'},"
        f"{f' 공약 {gap.pledge_ids[0]},' if gap.is_of_pledge else ''}"
        f" 시작 분기 {summary.quarter}, 종료 분기 {summary.quarter}, 만료일 {gap.waive_until}"
        for gap in summary.gaps
    ]


def _missing_text(missing: Sequence[MissingPledge]) -> str:
    return _listed(
        [
            f"{row.department_name} {row.pledge_id}"
            + (f"(예외 {row.waiver_id}: {row.reason})" if row.waiver_id else "")
            for row in missing
        ]
    )


def _waived_text(waived: Sequence[WaivedValue]) -> str:
    return _listed([f"{w.rule_id} {w.pledge_id or '파일 전체'}({w.reason})" for w in waived])


def _published_lines(summary: ReleaseSummary) -> list[str]:
    """Say how many printed values agree, and which do not; nothing where none was printed."""
    if not summary.published:
        return []
    others = [one for one in summary.published if one.verdict_code != Verdict.AGREES]
    told = [f"{one.told}({one.reason or one.verdict_name})" for one in others]
    return [f"공표값 {len(summary.published)}건 가운데 다시 계산한 값과 다른 것: {_listed(told)}"]


def _listed(items: Sequence[str]) -> str:
    return f"{len(items)}건: {', '.join(items)}" if items else "없음"


def _personal_lines(personal: Sequence[PersonalText]) -> list[str]:
    """Say which texts that tell of a person a waiver lets out; nothing where none does."""
    waived = [
        f"{one.rule_id} {one.pledge_id}(예외 {one.waiver_id}: {one.reason})"
        for one in personal
        if one.waiver_id is not None
    ]
    return [f"예외로 두어 발표하는 글: {_listed(waived)}"] if waived else []


def _picture_lines(pictures: Sequence[ShownPicture], folder: Path) -> list[str]:
    """Say which pictures go out, for somebody to look at; nothing where none does."""
    if not pictures:
        return []
    return [
        f"공개될 사진 {len(pictures)}건(사람의 얼굴은 찾지 못하니 열어 보십시오."
        f" gongyak report가 {shown(folder)}에 꺼내 놓습니다):",
        *(
            f"  공약 {one.pledge_id} {one.file_name}: {one.description} (접수 {one.submission_id})"
            for one in pictures
        ),
    ]
