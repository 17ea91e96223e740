"""
### 다시 점검: 보관된 파일을 지금의 규칙으로

**종류: 지금(now).** 사람이 분기를 적어 *실행(Trigger)* 합니다. 예약은 없습니다.

규칙을 바꾸었거나 시험 중인 규칙을 켜기 전에, 그 분기의 파일들을 보관소에서 꺼내 접수된 날처럼 다시
점검하고 무엇이 달라지는지 기록에 적습니다. *결과 남기기*를 켜지 않으면 **아무것도 바뀌지
않습니다.** 켜면 그때부터 새 지적과 판정, 규칙판이 효력을 가집니다. 그 전의 시각으로 물으면 앞선
것이 그대로 보이고, 반영된 보고도 그대로입니다.

**빨간색이면** 자료가 아니라 시스템의 문제이며 바뀐 것이 없습니다. 빨간 단계의 기록 마지막 줄에 적힌
대로 한 뒤 새로 실행하십시오.

*English: replays a quarter's archived files against the present rules. Now: trigger a new run.*
"""

from typing import Any

from airflow.sdk import Param, dag, get_current_context

from etl.tasks import (
    AT,
    CONVENTIONS,
    GOVERNMENT,
    QUARTER,
    Target,
    asked,
    in_counts,
    label,
    present,
    pushed,
    story,
    task,
    verdict,
    watch,
)

RECORD = Param(
    False,
    type=["null", "boolean"],
    title="결과 남기기",
    description="켜면 그때부터 새 지적과 판정이 효력을 가집니다.",
)


@task(task_display_name="점검할 분기")
def targets() -> list[Target]:
    """List the government and quarter that were asked for; raises where none was."""
    from etl.problems import UsageError

    found = asked()
    if not found:
        raise UsageError.refused("분기를 적지 않았습니다.", "분기를 적어 새로 실행하십시오.")
    return found


@task(task_display_name="다시 점검", map_index_template="{{ label }}")
def recheck(target: Target) -> dict[str, Any]:
    """Replay the files and tell which findings appear and which are gone."""
    label(f"{target['quarter_id']} {target['government_id']}")
    from etl import pipeline

    done = pipeline.recheck(
        target["quarter_id"],
        target["government_id"],
        record=bool(get_current_context()["params"]["record"]),
        at=present(),
    )
    counts = {"rules": len(done.rules), "differences": len(done.differences)}
    told = {"파일": done.files, "지운 원본": done.erased, "달라진 지적": len(done.differences)}
    said = in_counts(told)
    verdict(said)
    story(f"{target['quarter_id']} {target['government_id']}: {said}")
    return pushed(done) | counts


@dag(
    schedule=None,
    dag_display_name="다시 점검 (recheck_quarter)",
    doc_md=__doc__,
    tags=["공약", "지금"],
    params={"quarter": QUARTER, "government": GOVERNMENT, "record": RECORD, "at": AT},
    **CONVENTIONS,
)
def recheck_quarter() -> None:
    chosen = targets()
    watch(chosen, recheck.expand(target=chosen))


recheck_quarter()
