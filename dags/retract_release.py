"""
### 발표 철회: 발표한 것을 거두고 그렇게 알림

**종류: 지금(now).** 사람이 발표와 까닭을 적어 *실행(Trigger)* 합니다. 예약은 없습니다.

철회한 사실이 창고와 보관소의 기록에 남고, 발표 폴더의 모든 페이지 맨 위와 `철회.txt`에 철회되었다고
적힙니다. 발표한 수치와 파일은 지워지지 않습니다. 마지막 차수를 철회하면 앞 차수가 되살아나지 않고,
다시 발표할 때까지 유효한 발표가 없습니다. 까닭은 발표 폴더에 공개되므로 사람 이름을 적지 마십시오.

**빨간색이면** 발표나 까닭이 맞지 않거나 시스템의 문제입니다. 빨간 단계의 기록 마지막 줄에 적힌 대로
한 뒤 새로 실행하십시오.

*English: takes a published release back. Now: to repeat, trigger a new run.*
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


@task(task_display_name="발표 철회")
def retract() -> dict[str, Any]:
    """Take a release back; what was published stays on record."""
    from etl import pipeline

    asked = required(release="발표", reason="까닭")
    government, quarter, revision = pipeline.named_release(asked["release"])
    done = pipeline.retract(quarter, government, revision, decided_by(), asked["reason"], present())
    current = f"{done.current}차" if done.current else "없음"
    log.info("발표 철회 | %s %s %d차. 지금 유효한 발표: %s", government, quarter, revision, current)
    story(f"{government} {quarter} {revision}차 철회. 지금 유효한 발표: {current}")
    return pushed(done)


@dag(
    schedule=None,
    dag_display_name="발표 철회 (retract_release)",
    doc_md=__doc__,
    tags=["공약", "지금"],
    params={
        "release": chosen_param("string", "발표", "예: 3990000 2021Q4 1 (차수)", "releases"),
        "reason": REASON,
        "by": BY,
        "at": AT,
    },
    **CONVENTIONS,
)
def retract_release() -> None:
    watch(retract())


retract_release()
