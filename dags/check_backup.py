"""
### 복원 점검: 백업이 정말 되살아나는지 곁에서 되살려 봄

**종류: 지금(now).** 다시 하려면 *새로 실행(Trigger)* 하십시오.

매주 수요일 12:00(서울)에 마지막 백업을 홈 아래의 빈 곳에 따로 되살리고, 백업할 때의 수와 보관
파일을 견주고, 발표한 지표를 모두 다시 내어 같은지 확인한 뒤 지웁니다. 도는 창고와 백업은 읽기만
하거나 건드리지 않습니다. 백업이 아직 없으면 초록색으로 조용히 끝납니다. 날을 고르면 그날의 백업을
봅니다. 홈의 디스크에 설치만큼의 자리가 잠시 더 듭니다.

**빨간색이면** 백업이 없거나 상했거나, 되살린 것이 다릅니다. 지금의 자료는 그대로입니다. 빨간 단계의
기록 마지막 줄에 적힌 대로 한 뒤 새로 실행하십시오.

*English: proves weekly that the newest backup comes back. Now: to repeat, trigger a new run.*
"""

from typing import Any

from airflow.sdk import dag, get_current_context

from etl.tasks import CONVENTIONS, WEEKLY, day_param, log, nothing_to_do, story, task, watch


@task(task_display_name="복원 점검")
def check() -> dict[str, Any]:
    """Restore a backup beside the installation, prove it, and remove it again."""
    from etl import pipeline

    day = get_current_context()["params"]["day"]
    if day is None and not pipeline.has_backups():
        raise nothing_to_do("아직 백업이 없습니다.")
    told = pipeline.check_backup(day)
    said = f"{told.day} 백업이 되살아남: 보관 파일 {told.archived}개, 같은 발표 {told.verified}건"
    log.info("복원 점검 | %s", said)
    story(said)
    return {"day": told.day, "verified": told.verified, **told.holds}


@dag(
    schedule=WEEKLY,
    dag_display_name="복원 점검 (check_backup)",
    doc_md=__doc__,
    tags=["공약", "지금"],
    params={"day": day_param("날", "예: 2026-11-30. 비워 두면 마지막 백업입니다.")},
    **CONVENTIONS,
)
def check_backup() -> None:
    watch(check())


check_backup()
