"""
### 분기 열기: 부서마다 미리 채운 제출 양식을 만듭니다

**종류: 재현(replay).** 다시 하려면 실행을 *Clear* 하십시오. 같은 기준 시각의 자료로 같은 양식을
다시 씁니다.

매일 09:00(서울)에 돌지만 일은 **제출일정**이 정한 날에만 합니다. 제출 기간이 열렸는데
아직 양식이 없는 기관·분기가 대상이고, 없으면 초록색으로 조용히 끝납니다.
양식은 `outbox/분기/기관코드/`에 부서마다 한 파일씩 놓입니다. 관리카드를 고르면 그 아래 `cards/`에
공약마다 한 장씩(.hwpx) 더 놓입니다.

**빨간색이면** 자료가 아니라 시스템의 문제입니다. 빨간 단계의 기록 마지막 줄에 할 일이 적혀
있습니다. 데이터베이스 장애는 스스로 세 번 다시 시도합니다.

*English: writes the pre-filled returns when a window opens. Replay: to repeat, clear the run.*
"""

from typing import Any

from airflow.sdk import dag

from etl.tasks import (
    AT,
    CARDS,
    CONVENTIONS,
    DAILY,
    GOVERNMENT,
    QUARTER,
    Target,
    asked,
    in_counts,
    label,
    log,
    moment,
    nothing_to_do,
    story,
    task,
    verdict,
    wants_cards,
    watch,
)


@task(task_display_name="열 분기")
def open_windows() -> list[Target]:
    """List the governments and quarters whose window has opened."""
    from etl import pipeline

    found = asked() or [one._asdict() for one in pipeline.open_windows(moment())]
    if not found:
        raise nothing_to_do("오늘 새로 여는 제출 기간이 없습니다.")
    return found


@task(task_display_name="양식 만들기", map_index_template="{{ label }}")
def invite(target: Target) -> dict[str, Any]:
    """Write one pre-filled return per department of one government, and its cards if asked for."""
    label(f"{target['quarter_id']} {target['government_id']}")
    from etl import pipeline

    written = pipeline.invite(
        target["quarter_id"], target["government_id"], moment(), with_cards=wants_cards()
    )
    verdict(in_counts({"양식": len(written.files), "관리카드": len(written.cards)}))
    return written._asdict()


@task(task_display_name="안내")
def announce(invitations: Any) -> None:
    """Say where the returns lie and what to do with them."""
    for record in invitations:
        log.info(
            "안내 | 양식 %d개, 관리카드 %d개: %s | 다음: 부서마다 자기 파일을 보내십시오",
            len(record["files"]),
            len(record["cards"]),
            record["folder"],
        )
    files, cards = (sum(len(one[part]) for one in invitations) for part in ("files", "cards"))
    story(f"양식 {files}, 관리카드 {cards}")


@dag(
    schedule=DAILY,
    dag_display_name="분기 열기 (open_quarter)",
    doc_md=__doc__,
    tags=["공약", "재현"],
    params={"quarter": QUARTER, "government": GOVERNMENT, "cards": CARDS, "at": AT},
    **CONVENTIONS,
)
def open_quarter() -> None:
    windows = open_windows()
    invitations = invite.expand(target=windows)
    watch(windows, invitations, announce(invitations))


open_quarter()
