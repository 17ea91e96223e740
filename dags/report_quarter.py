"""
### 분기 마감: 이행률과 취합.xlsx

**종류: 재현(replay).** 다시 하려면 실행을 *Clear* 하십시오. 같은 기준 시각의 자료로 같은 수치를
다시 계산합니다(`gongyak report`와 같은 코드입니다).

매일 09:00(서울)에는 기관마다 마감일이 지난 가장 새 분기를, 제출이 반영된 뒤에는 그 제출이 건드린
분기(마감일이 지난 것만)를 계산합니다. 대상이 없으면 초록색으로 조용히 끝납니다. 분기와 기관을 적어
실행하면 그것만 계산합니다. 제출하지 않은 부서는 **초록색**이며 보고서에 미제출로 적힙니다.
부서별 상황은 `department_status`의 부서 이름을 눌러 보십시오.

**빨간색이면** 자료가 아니라 시스템의 문제입니다(수치의 재계산이 어긋난 때도 포함합니다). 이전
수치와 취합.xlsx는 그대로입니다. 빨간 단계의 기록 마지막 줄에 적힌 대로 한 뒤 *Clear* 하십시오.

*English: figures and the collected workbook of a quarter. Replay: to repeat, clear the run.*
"""

from typing import Any

from airflow.sdk import AssetOrTimeSchedule, dag, task_group

from etl.tasks import (
    AT,
    CONVENTIONS,
    DAILY,
    FIGURES,
    GOVERNMENT,
    QUARTER,
    REPORTS,
    Target,
    asked,
    due_targets,
    in_counts,
    label,
    merge_when_many,
    moment,
    nothing_to_do,
    story,
    task,
    tell,
    touched,
    verdict,
    watch,
)


@task(task_display_name="마감할 분기")
def targets() -> list[Target]:
    """List the governments and quarters to close."""
    from etl import pipeline

    newest = [one._asdict() for one in pipeline.quarters_to_report(moment())]
    found = asked() or due_targets(newest, touched(REPORTS))
    if not found:
        raise nothing_to_do("마감일이 지난 분기 가운데 계산할 것이 없습니다.")
    return found


@task(
    task_display_name="지표 계산",
    map_index_template="{{ label }}",
    inlets=[REPORTS],
    outlets=[FIGURES],
)
def refresh(target: Target) -> dict[str, Any]:
    """Compute the figures and compute them again from the rows."""
    label(f"{target['quarter_id']} {target['government_id']}")
    from etl import pipeline

    done = pipeline.refresh(target["quarter_id"], target["government_id"], moment())
    tell(FIGURES, **done._asdict())
    verdict(done.moved)
    return done._asdict()


@task(task_display_name="취합.xlsx", map_index_template="{{ label }}")
def report(target: Target, moved: str) -> dict[str, Any]:
    """Write 취합.xlsx; who is missing is read from the warehouse, against the roster."""
    label(f"{target['quarter_id']} {target['government_id']}")
    from etl import common, pipeline

    file = pipeline.publish(target["quarter_id"], target["government_id"])
    standing = pipeline.status(target["quarter_id"], target["government_id"])
    counts = pipeline.states_told([one.state for one in standing if one.department_code])
    verdict(in_counts(counts))
    story(f"{target['quarter_id']} {target['government_id']}: {moved}, 부서 {in_counts(counts)}")
    return {"file": common.shown(file)}


@task_group(group_id="close", group_display_name="기관마다 마감")
def close(target: Target) -> None:
    """Close one quarter of one government; another government's fault does not stop it."""
    report(target, refresh(target)["moved"])


@task(task_display_name="부서 명단")
def roster(chosen: list[Target]) -> list[dict[str, Any]]:
    """List the departments that owe a report, in groups when they are many."""
    from etl import pipeline

    rows = []
    for target in chosen:
        for group in pipeline.roster(target["quarter_id"], target["government_id"]):
            rows.append({**target, "label": group.label, "department_codes": group.members})
    return merge_when_many(rows)


@task(task_display_name="부서별 상황", map_index_template="{{ label }}")
def department_status(department: dict[str, Any]) -> dict[str, Any]:
    """Say what one department has submitted, from the warehouse."""
    label(department["label"])
    from etl import pipeline

    states = pipeline.department_status(
        department["quarter_id"], department["government_id"], department["department_codes"]
    )
    verdict(in_counts(pipeline.states_told(states.values())))
    return {"states": states}


@dag(
    schedule=AssetOrTimeSchedule(timetable=DAILY, assets=[REPORTS]),
    dag_display_name="분기 마감 (report_quarter)",
    doc_md=__doc__,
    tags=["공약", "재현"],
    params={"quarter": QUARTER, "government": GOVERNMENT, "at": AT},
    **CONVENTIONS,
)
def report_quarter() -> None:
    chosen = targets()
    closed = close.expand(target=chosen)
    departments = roster(chosen)
    statuses = department_status.expand(department=departments)
    watch(chosen, closed, departments, statuses)


report_quarter()
