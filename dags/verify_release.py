"""
### 검증: 발표한 지표를 보관된 파일에서 다시 냄

**종류: 지금(now).** 사람이 분기를 적어 *실행(Trigger)* 합니다. 예약은 없습니다.

발표한 차수를 빈 데이터베이스에서 보관된 파일과 일지만으로 다시 내어, 지표와 그 근거 칸을 하나하나
견줍니다. 창고와 발표한 것은 읽지도 바꾸지도 않습니다. 모두 같으면 초록색입니다. 개인정보 보유기간이
지나 지운 원본이 있으면 창고의 칸과만 견주고, 실행의 메모가 일부만 확인했다고 말합니다.

**빨간색이면** 하나라도 다르거나 보관된 파일이 없거나 상한 것입니다. 무엇이 다른지 기록에 있습니다.
백업에서 보관소를 되살린 뒤 새로 실행하십시오.

*English: derives a release again from the archive and compares. Now: trigger a new run.*
"""

from typing import Any

from airflow.sdk import Param, dag, get_current_context

from etl.tasks import AT, CONVENTIONS, GOVERNMENT, QUARTER, log, required, story, task, watch

_TOLD = 100  # differences, each in a line of its own
REVISION = Param(
    None,
    type=["null", "integer"],
    title="차수",
    description="비워 두면 마지막으로 발표한 차수입니다.",
)


@task(task_display_name="검증")
def verify() -> dict[str, Any]:
    """Derive the release again; raises where anything differs or the archive is damaged."""
    from etl import pipeline
    from etl.problems import SystemFault

    params = get_current_context()["params"]
    government_id = pipeline.only_government(params["government"])
    quarter_id = required(quarter="분기")["quarter"]
    pipeline.require_quarter(quarter_id, government_id)
    found = pipeline.verify(quarter_id, government_id, params["revision"])
    if found.retraction:
        log.info("검증 | 철회한 발표입니다: %s", found.retraction.reason)
    for line in found.refused:
        log.error("검증 | %s", line)
    for one in found.differences[:_TOLD]:
        log.error(
            "검증 | %s %s %s %s: 발표 %s, 다시 낸 값 %s",
            one.figure_code, one.scope_type, one.scope_id, one.item, one.released, one.derived,
        )  # fmt: skip
    if found.refused or found.differences:
        raise SystemFault(
            f"{quarter_id} {found.revision}차 발표를 다시 내니 {len(found.differences)}건이 다르고"
            f" 쓸 수 없는 파일이 {len(found.refused)}건입니다.",
            "발표한 것은 그대로입니다.",
            "위의 줄을 보고 백업에서 보관소(archive)를 되살리십시오.",
        )
    if found.erased:
        for line in pipeline.told_erased(found.erased):
            log.warning("검증 | %s", line)
        story(
            f"{quarter_id} {found.revision}차: 일부만 확인함. 원본 {len(found.erased)}개를 지워"
            f" 창고의 칸과만 견주었고, 지표 {found.figures}개와 근거 {found.cells}칸이 같음"
        )
        return {"revision": found.revision, "figures": found.figures, "cells": found.cells}
    log.info(
        "검증 | %s %d차: 보관된 파일 %d개에서 다시 낸 지표 %d개와 근거 %d칸이 모두 같습니다",
        quarter_id, found.revision, found.files, found.figures, found.cells,
    )  # fmt: skip
    story(f"{quarter_id} {found.revision}차: 지표 {found.figures}개와 근거 {found.cells}칸이 같음")
    return {"revision": found.revision, "figures": found.figures, "cells": found.cells}


@dag(
    schedule=None,
    dag_display_name="검증 (verify_release)",
    doc_md=__doc__,
    tags=["공약", "지금"],
    params={"quarter": QUARTER, "government": GOVERNMENT, "revision": REVISION, "at": AT},
    **CONVENTIONS,
)
def verify_release() -> None:
    watch(verify())


verify_release()
