"""
### 발표: 분기 지표를 사람이 승인하거나 돌려보냄

**종류: 지금(now).** 사람이 분기를 적어 *실행(Trigger)* 합니다. 예약은 없습니다.

그 시각의 자료로 지표를 계산하고 다시 계산해 요약을 만든 뒤, **사람의 결정을 기다립니다**(기한도
기본 승인도 없습니다). 위쪽 *Required Actions*에서 요약을 읽고 사유를 적어 *승인*하거나
*돌려보냄*을 누르십시오. 누가 언제 왜 결정했는지 창고와 보관소의 기록에 남습니다. 요약을 만든 뒤에
온 파일은 이 발표에 들지 않고 다음 차수를 기다립니다.

보고율·예외·사유·규칙판 때문에 발표할 수 없거나 이 분기의 앞선 발표와 같으면 까닭을 기록에 적고
묻지 않은 채 **초록색**으로 끝납니다. 돌려보낸 것도 초록색입니다.

**빨간색이면** 자료가 아니라 시스템의 문제이거나(재계산이 어긋남, 보관 파일이 상함), 기다리는 사이에
다른 사람이 더 새로운 자료로 승인한 것입니다. 발표한 것은 그대로입니다. 빨간 단계의 기록 마지막
줄에 적힌 대로 한 뒤 새로 실행하십시오.

*English: a person approves a quarter's figures or sends them back. Now: trigger a new run.*
"""

from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import AssetAlias, Param, dag, get_current_context

from etl.tasks import (
    APPROVER,
    AT,
    CONVENTIONS,
    FIGURES,
    GOVERNMENT,
    QUARTER,
    RELEASES,
    asked,
    assign_approver,
    log,
    nothing_to_do,
    pages,
    present,
    story,
    task,
    watch,
)

# What is sent back is no release: only what is approved names the asset.
RELEASED = AssetAlias("released")
APPROVE, SEND_BACK = "승인", "돌려보냄"
_SAID = {"returned": "돌려보냄", "unchanged": "이 분기의 앞선 발표와 같아 새로 발표하지 않음"}
# The form of Airflow cannot demand an entry that has no valid default.
REASON = Param(
    "",
    type="string",
    title="사유",
    description="승인의 근거(결재 번호 등) 또는 돌려보내는 까닭",
)


@task(task_display_name="요약")
def summary() -> dict[str, Any]:
    """Compute what is decided on; end quietly where something blocks or nothing is new."""
    from etl import pipeline
    from etl.problems import UsageError

    targets = asked()
    if not targets:
        raise UsageError(
            "분기를 적지 않았습니다.",
            "발표한 것은 그대로입니다.",
            "분기를 적어 새로 실행하십시오.",
        )
    (target,) = targets
    found = pipeline.release_summary(target["quarter_id"], target["government_id"], present())
    if found.last and found.is_unchanged:
        raise nothing_to_do(f"{found.last.revision}차와 같아 새로 발표할 것이 없습니다.")
    if found.blockers:
        for line in found.blockers:
            log.warning("발표 | 막힘: %s", line)
        steps = pipeline.waiver_steps(found, pages())
        for step in steps:
            log.warning("발표 | %s", step)
        raise nothing_to_do(
            "발표를 막는 것이 있습니다. 바로 위의 기록을 보십시오.",
            *(f"막힘: {line}" for line in found.blockers),
            *steps,
        )
    names = {one.government_id: one.government_name for one in pipeline.government_names()}
    text = f"{pipeline.release_links(found, pages())}\n\n{pipeline.release_text(found)}"
    subject = f"{names[found.government]} {found.quarter} 지표를 발표합니까?"
    return {**target, "subject": subject, "as_of": found.as_of.isoformat(), "text": text}


@task(task_display_name="기록과 발표", inlets=[FIGURES], outlets=[RELEASED])
def record(shown: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Copy who decided, when and why into the warehouse, and publish what was approved."""
    from etl import pipeline
    from etl.problems import UsageError
    from etl.quarter import SEOUL, parse_moment

    person = answer["responded_by_user"]
    decision = pipeline.Decision(
        by=person["name"] or person["id"],
        at=answer["responded_at"].astimezone(SEOUL),
        reason=answer["params_input"].get("reason", "").strip() or "(사유를 적지 않음)",
        is_approved=answer["chosen_options"] == [APPROVE],
    )
    done = pipeline.release(
        shown["quarter_id"], shown["government_id"], decision, parse_moment(shown["as_of"])
    )
    if done.outcome == "blocked":
        raise UsageError(
            "승인을 기다리는 사이에 막는 것이 생겼습니다.",
            "발표한 것은 그대로입니다.",
            " ".join(done.summary.blockers),
        )
    said = _SAID.get(done.outcome, f"{done.revision}차를 발표함")
    story(f"{shown['government_id']} {shown['quarter_id']}: {said}")
    told = {name: getattr(done, name) for name in ("outcome", "revision", "folder", "files")}
    if decision.is_approved:
        target = {"government": shown["government_id"], "quarter": shown["quarter_id"]}
        extra = {**target, "revision": done.revision, "files": len(done.files)}
        get_current_context()["outlet_events"][RELEASED].add(RELEASES, extra=extra)
    return told


@dag(
    schedule=None,
    dag_display_name="발표 (release_quarter)",
    doc_md=__doc__,
    tags=["공약", "지금"],
    params={"quarter": QUARTER, "government": GOVERNMENT, "approver": APPROVER, "at": AT},
    # One government's head of department does not keep another's waiting.
    **{**CONVENTIONS, "max_active_runs": 16},
)
def release_quarter() -> None:
    shown = summary()
    approval = HITLOperator(
        task_id="approval",
        task_display_name="승인",
        subject="{{ ti.xcom_pull('summary')['subject'] }}",
        body="{{ ti.xcom_pull('summary')['text'] }}",
        options=[APPROVE, SEND_BACK],
        params={"reason": REASON},
        pre_execute=assign_approver,
    )
    shown >> approval
    watch(shown, approval, record(shown, approval.output))


release_quarter()
