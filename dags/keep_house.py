"""
### 살림: 백업, 보관 파일 점검, 개인정보 삭제, 마감 알림

**종류: 지금(now).** 다시 하려면 *새로 실행(Trigger)* 하십시오.

매일 09:00(서울)에 데이터베이스, 보관소, 열쇠를 백업하고(`GONGYAK_BACKUP_DAYS`일이 지난 백업은
지웁니다), 보관한 파일이 처음 그대로인지 확인하고, 제출일정에 따라 곧 마감인데 아직 내지 않은 부서를
적습니다(`GONGYAK_MAIL_DEPARTMENTS`를 켰으면 메일로도 알립니다). 디스크가 거의 찼거나 백업이
묵었거나 예약을 놓쳤으면 담당자에게 알립니다. `GONGYAK_PERSONAL_DATA_DAYS`를 정했으면 그만큼 지난
원본과 그 안의 이름·전화를 지웁니다. 다섯 가지 일은 서로 기다리지 않습니다.

**빨간색이면** 백업을 쓰지 못했거나 보관 파일이 상했습니다. 어느 파일인지 빨간 단계의 기록에
있습니다. 백업의 `archive/files`에서 그 파일을 옮겨 온 뒤 새로 실행하십시오.

*English: backup, integrity of the archive, erasure of personal data, reminders, alerts.
Now: to repeat, trigger a new run.*
"""

from typing import Any

from airflow.sdk import dag

from etl.tasks import AT, CONVENTIONS, DAILY, present, pushed, story, task, watch


@task(task_display_name="백업")
def back_up() -> dict[str, Any]:
    """Write the backup of the day, and remove those that are too old."""
    from etl import pipeline

    told = pipeline.back_up(at=present())
    return {**pushed(told), "removed": pipeline.drop_old_backups(present())}


@task(task_display_name="보관 파일 점검")
def check_archive() -> dict[str, Any]:
    """Compare every archived file with its sha256; remove uploads that nobody sent in for a day."""
    from etl import pipeline
    from etl.desk import waiting

    waiting.sweep()
    return {"files": pipeline.check_archive()}


@task(task_display_name="개인정보 삭제")
def erase() -> dict[str, Any]:
    """Erase originals and personal data whose retention period is over, where one is set."""
    from etl import pipeline

    told = pipeline.erase_personal(present())
    if told.files:
        story(f"보유기간 {told.days}일이 지난 원본 {told.files}개와 개인정보 {told.rows}줄을 지움")
    return pushed(told)


@task(task_display_name="마감 알림")
def reminders() -> dict[str, Any]:
    """List the departments whose return is due soon or overdue, and mail those that sent none."""
    from etl import pipeline

    told = pipeline.remind(present())
    return {"reminders": [one._asdict() for one in told.reminders], **pushed(told.mails)}


@task(task_display_name="설치 점검")
def alarm() -> dict[str, Any]:
    """Alert a person to what is broken: the disk, the backups, schedules that were missed."""
    from etl.doctor.alarm import tell_state

    return {"alarms": tell_state()}


@dag(
    schedule=DAILY,
    dag_display_name="살림 (keep_house)",
    doc_md=__doc__,
    tags=["공약", "지금"],
    params={"at": AT},
    **CONVENTIONS,
)
def keep_house() -> None:
    watch(back_up(), check_archive(), erase(), reminders(), alarm())


keep_house()
