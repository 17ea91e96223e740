"""
### 철회: 잘못 낸 접수를 거두고 앞선 보고를 되살림

**종류: 지금(now).** 사람이 접수와 까닭을 적어 *실행(Trigger)* 합니다. 예약은 없습니다.

그 접수가 반영한 보고를 거두고, 공약마다 바로 앞의 보고를 되살린 뒤 지표를 다시 계산합니다. 받은
파일과 거둔 보고는 지워지지 않습니다. 발표한 것은 그대로이며 다음 차수부터 달라집니다. 공표값만 든
파일도 그렇게 거둡니다.

**빨간색이면** 접수번호나 까닭이 맞지 않거나 시스템의 문제이며, 바뀐 것이 없습니다. 빨간 단계의 기록
마지막 줄에 적힌 대로 한 뒤 새로 실행하십시오.

*English: takes a wrong submission out of force. Now: to repeat, trigger a new run.*
"""

from typing import Any

from airflow.sdk import dag

from etl.tasks import (
    AT,
    BY,
    CONVENTIONS,
    REASON,
    chosen_param,
    decided_by,
    log,
    present,
    pushed,
    required,
    story,
    task,
    watch,
)


@task(task_display_name="철회")
def withdraw() -> dict[str, Any]:
    """Take the submission out of force; the reports before it are in force again."""
    from etl import pipeline

    asked = required(submission="접수", reason="까닭")
    done = pipeline.withdraw(asked["submission"], decided_by(), asked["reason"], present())
    gone, back = len(done.withdrawn), len(done.reinstated)
    what = "공표값" if done.is_published else "보고"
    said = f"접수 {asked['submission']}: 거둔 {what} {gone}, 되살린 {what} {back}"
    log.info("철회 | %s", said)
    story(said)
    return pushed(done)


@dag(
    schedule=None,
    dag_display_name="철회 (withdraw_submission)",
    doc_md=__doc__,
    tags=["공약", "지금"],
    params={
        "submission": chosen_param("integer", "접수", "접수번호", "submissions"),
        "reason": REASON,
        "by": BY,
        "at": AT,
    },
    **CONVENTIONS,
)
def withdraw_submission() -> None:
    watch(withdraw())


withdraw_submission()
