"""
### 점검예외: 규칙 하나를 정한 곳에 정한 동안 적용하지 않음

**종류: 지금(now).** 사람이 칸을 채워 *실행(Trigger)* 합니다. 예약은 없습니다.

*규칙*, *시작 분기*, *만료일*, *까닭*을 적으면 예외를 새로 적고, *끝낼 예외*를 고르고 *까닭*을
적으면 그것을 끝냅니다. 부서와 공약을 비우면 모두입니다. 이미 내린 판정은 바뀌지 않고 다음에 받는
파일부터 듭니다. 받은 편지함에 막혀 있는 파일은 스스로 다시 받습니다. 누가 왜 정했는지 창고와
보관소의 기록에 남습니다.

**빨간색이면** 적은 것이 맞지 않거나 시스템의 문제이며, 바뀐 것이 없습니다. 빨간 단계의 기록 마지막
줄에 적힌 대로 한 뒤 새로 실행하십시오.

*English: sets a rule aside for a place and a time, or ends that. Now: trigger a new run.*
"""

from typing import Any

from airflow.sdk import dag, get_current_context

from etl.tasks import (
    AT,
    BY,
    CONVENTIONS,
    GOVERNMENT,
    REASON,
    chosen_param,
    day_param,
    decided_by,
    log,
    present,
    pushed,
    quarter_param,
    required,
    story,
    task,
    text_param,
    watch,
)


@task(task_display_name="점검예외")
def record() -> dict[str, Any]:
    """Record a waiver, or end the one that was chosen."""
    from datetime import date

    from etl import pipeline

    params = get_current_context()["params"]
    if params["end"] is not None:
        reason = required(reason="까닭")["reason"]
        pipeline.end_waiver(params["end"], decided_by(), reason, present())
        story(f"예외 {params['end']}을 끝냄")
        return {"ended": params["end"]}
    asked = required(rule="규칙", first="시작 분기", expires="만료일", reason="까닭")
    recorded = pipeline.waive(
        pipeline.Waiver(
            government_id=pipeline.only_government(params["government"]),
            rule_id=asked["rule"],
            department_code=params["department"],
            pledge_id=params["pledge"],
            first_quarter_id=asked["first"],
            last_quarter_id=params["last"],
            expires_on=date.fromisoformat(asked["expires"]),
            approver=decided_by(),
            reason=asked["reason"],
        ),
        present(),
    )
    log.info(
        "점검예외 | %d번 %s: 다음에 받는 파일부터 듭니다",
        recorded.waiver_id, "새로 적음" if recorded.is_new else "이미 있음",
    )  # fmt: skip
    story(f"예외 {recorded.waiver_id}: 규칙 {asked['rule']}")
    return {"waiver": recorded.waiver_id, "is_new": recorded.is_new, **pushed(recorded.waiver)}


@dag(
    schedule=None,
    dag_display_name="점검예외 (waive_rule)",
    doc_md=__doc__,
    tags=["공약", "지금"],
    params={
        "rule": chosen_param("string", "규칙", "예: B-12", "rules"),
        "government": GOVERNMENT,
        "department": chosen_param("string", "부서", "비워 두면 모든 부서입니다.", "departments"),
        "pledge": text_param("공약번호", "비워 두면 모든 공약입니다."),
        "first": quarter_param("시작 분기", "예: 2021Q4, 2021H1, 2021-11, 2021-12-06"),
        "last": quarter_param("종료 분기", "비워 두면 만료일까지입니다."),
        "expires": day_param("만료일", "이날까지 받는 파일에 듭니다."),
        "reason": REASON,
        "by": BY,
        "end": chosen_param("integer", "끝낼 예외", "고르면 새로 적지 않고 끝냅니다.", "waivers"),
        "at": AT,
    },
    **CONVENTIONS,
)
def waive_rule() -> None:
    watch(record())


waive_rule()
