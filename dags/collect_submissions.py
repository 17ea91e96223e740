"""
### 제출 파일 모으기: 보관 → 읽기 → 점검 → 반영 → 회신

**종류: 지금(now).** 다시 하려면 *새로 실행(Trigger)* 하십시오. 이미 끝난 파일은 다시 하지 않습니다.

받은 편지함(inbox)에 파일이 놓이면 몇 초 안에, 그리고 매일 09:00(서울)에 새 파일을
처리합니다. 아직 커지고 있는 파일은 다 옮겨진 뒤에 받습니다. 새 파일이 없으면 초록색으로 조용히
끝납니다. 부서가 잘못 적은 것은 **초록색**입니다. 지적 사항으로 남고, 표시한 파일이 회신됩니다.
반영된 것이 있으면 자산 `gongyak://core/pledge_report`에 분기마다 한 번씩 알리고,
`report_quarter`가 이어서 돕니다.

**빨간색이면** 자료가 아니라 시스템의 문제입니다. `따로 둔 파일`만 빨가면 그 파일 말고는 모두
반영되었고, 다른 단계가 빨가면 실패한 묶음은 하나도 반영되지 않았습니다.
빨간 단계의 기록 마지막 줄에 적힌 대로 한 뒤 새로 실행하십시오.
데이터베이스 장애는 스스로 세 번 다시 시도합니다.

*English: archives, reads, checks, loads, answers what is new. Now: to repeat, trigger a new run.*
"""

from typing import Any

from airflow.sdk import (
    Asset,
    AssetAlias,
    AssetOrTimeSchedule,
    AssetWatcher,
    dag,
    get_current_context,
)

from etl.bell import InboxBell
from etl.tasks import (
    ARCHIVE,
    AT,
    CONVENTIONS,
    DAILY,
    FIGURES,
    FILES,
    GOVERNMENT,
    QUARTER,
    REPORTS,
    in_counts,
    label,
    nothing_to_do,
    present,
    pushed,
    story,
    task,
    tell,
    verdict,
    watch,
)

INBOX = Asset(
    name="받은 편지함",
    uri="gongyak://inbox",
    watchers=[AssetWatcher(name="inbox", trigger=InboxBell())],
)
TOUCHED_QUARTERS = AssetAlias("touched_quarters")


@task(task_display_name="접수", inlets=[INBOX], outlets=[ARCHIVE])
def receive() -> int:
    """Archive and register what is new."""
    from etl import pipeline

    params = get_current_context()["params"]
    asked = pipeline.told_of_documents(params["quarter"], params["government"])
    received = pipeline.receive(params["files"], present(), asked=asked, settle_seconds=2.0)
    batch_id = received.batch_id
    if batch_id is None:
        raise nothing_to_do("새로 들어온 파일이 없습니다.")
    tell(ARCHIVE, files=len(received.receipts))
    return batch_id


@task(task_display_name="읽기")
def read(batch_id: int) -> dict[str, Any]:
    """Stage every cell as written and as understood."""
    from etl import pipeline

    return pushed(pipeline.read(batch_id))


@task(task_display_name="점검")
def check(batch_id: int) -> dict[str, Any]:
    """Run the rules on the staged rows."""
    from etl import pipeline

    checked = pushed(pipeline.check(batch_id, present()))
    if checked["data_docs"] is None:
        del checked["data_docs"]
    return checked


@task(task_display_name="반영")
def load(batch_id: int) -> dict[str, Any]:
    """Accept what nothing blocks, all of the batch or nothing."""
    from etl import pipeline

    return pushed(pipeline.load(batch_id, present()))


@task(task_display_name="회신할 부서")
def department_groups(batch_id: int) -> list[dict[str, Any]]:
    """List the departments to answer."""
    from etl import pipeline

    return [
        {"batch": batch_id, "label": group.label, "submission_ids": group.members}
        for group in pipeline.department_groups(batch_id)
    ]


@task(task_display_name="부서별 회신", map_index_template="{{ label }}")
def answer(department: dict[str, Any]) -> dict[str, Any]:
    """Write the answers to one department."""
    label(department["label"])
    from etl import pipeline

    answered = pipeline.answer(department["submission_ids"], department["batch"])
    verdict(in_counts(answered.verdicts))
    return pushed(answered)


@task(task_display_name="지표 갱신", inlets=[ARCHIVE], outlets=[TOUCHED_QUARTERS, FIGURES])
def refresh_batch(batch_id: int, loaded: dict[str, Any]) -> dict[str, Any]:
    """Refresh the marts of the quarters touched; tell about each once if anything was loaded."""
    from etl import pipeline

    refreshed = pipeline.refresh_batch(batch_id, present())
    events = get_current_context()["outlet_events"][TOUCHED_QUARTERS]
    for touched in refreshed if loaded["accepted"] or loaded["registers"] else []:
        events.add(REPORTS, extra={"government": touched.government, "quarter": touched.quarter})
    tell(FIGURES, figures=sum(one.figures for one in refreshed))
    story(pipeline.told_of_batch(batch_id, loaded["accepted"], loaded["blocked"], refreshed))
    return {"quarters": [one._asdict() for one in refreshed]}


@task(task_display_name="따로 둔 파일", trigger_rule="none_failed")
def set_aside(batch_id: int | None) -> None:
    """End red where a fault of ours set a file aside: everything else is loaded and answered."""
    if batch_id is None:
        raise nothing_to_do("새로 들어온 파일이 없습니다.")
    from etl import pipeline

    pipeline.raise_faults(pipeline.faults_of(batch_id))


@dag(
    schedule=AssetOrTimeSchedule(timetable=DAILY, assets=[INBOX]),
    dag_display_name="제출 파일 모으기 (collect_submissions)",
    doc_md=__doc__,
    tags=["공약", "지금"],
    params={"files": FILES, "quarter": QUARTER, "government": GOVERNMENT, "at": AT},
    **CONVENTIONS,
)
def collect_submissions() -> None:
    batch_id = receive()
    was_read, was_checked, was_loaded = read(batch_id), check(batch_id), load(batch_id)
    departments = department_groups(batch_id)
    answers = answer.expand(department=departments)
    refreshed = refresh_batch(batch_id, was_loaded)
    was_read >> was_checked >> was_loaded >> departments
    left = set_aside(batch_id)
    [answers, refreshed] >> left
    watch(batch_id, was_read, was_checked, was_loaded, departments, answers, refreshed, left)


collect_submissions()
