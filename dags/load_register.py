"""
### 공약대장 불러오기

**종류: 지금(now).** 사람이 파일을 적어 *실행(Trigger)* 합니다. 예약은 없습니다.
받은 편지함(inbox)에 넣은 공약대장은 `collect_submissions`가 스스로 불러오므로, 다른 곳에 있는
파일에만 씁니다.

공약대장을 점검해 앞선 것과 다른 줄만 반영하고, 무엇이 바뀌었는지 기록에 적습니다. 고칠 줄은
반영하지 않고 그 칸을 표시한 파일을 회신으로 남깁니다. 같은 파일을 다시 불러오면 바뀌는 것이
없습니다.

**빨간색이면** 파일을 열 수 없거나 반영한 것이 하나도 없습니다. 빨간 단계의 기록 마지막 줄에 적힌
대로 한 뒤 새로 실행하십시오.

*English: loads a register by its difference. Now: to repeat, trigger a new run.*
"""

from typing import Any

from airflow.sdk import dag

from etl.tasks import AT, CONVENTIONS, log, present, required, story, task, text_param, watch


@task(task_display_name="공약대장")
def load() -> dict[str, Any]:
    """Load the register and tell what it changed; raises where nothing of it was loaded."""
    from etl import pipeline
    from etl.problems import UsageError

    done = pipeline.register(required(file="파일")["file"], present())
    pipeline.raise_faults(done.faults)
    for finding in done.findings:
        place = f"{finding.sheet_name}!{finding.cell}" if finding.cell else "파일 전체"
        log.warning("공약대장 | %s %s: %s", finding.rule_id, place, finding.message)
    said = []
    for record in done.registers:
        opened, closed = sum(record.opened.values()), sum(record.closed.values())
        log.info(
            "공약대장 | 기관 %s: 새로 연 줄 %d, 닫은 줄 %d, 고칠 줄 %d",
            record.government_id, opened, closed, record.left_out,
        )  # fmt: skip
        for remark in record.remarks:
            log.warning("공약대장 | %s", remark)
        said.append(f"기관 {record.government_id}: 새로 연 줄 {opened}, 닫은 줄 {closed}")
    if done.batch is None:
        log.info("공약대장 | 이미 불러온 파일과 같아 바뀐 것이 없습니다.")
    elif not done.registers:
        raise UsageError.refused(
            "공약대장에서 반영한 것이 없습니다.", f"회신을 보고 고치십시오: {done.answers[0]}"
        )
    story(*said or ["바뀐 것이 없음"])
    return {"answers": done.answers}


@dag(
    schedule=None,
    dag_display_name="공약대장 (load_register)",
    doc_md=__doc__,
    tags=["공약", "지금"],
    params={"file": text_param("파일", "공약대장의 경로나 주소(fsspec)."), "at": AT},
    **CONVENTIONS,
)
def load_register() -> None:
    watch(load())


load_register()
