"""What an alert says, by its kind: what happened, what is safe, what to do."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from etl import mail
from etl.particles import with_particles
from etl.quarter import seoul_now
from etl.settings import settings

_SENDING = timedelta(minutes=2)  # for which who sends is left alone
_OFTEN, _DAILY = timedelta(hours=1), timedelta(hours=24)
_LONGEST = 500

Channel = Literal["mail", "webhook"]


@dataclass(frozen=True)
class Kind:
    """One kind of alert: what its reader is told, and for how long the same one is only counted.

    `{about}` stands for the DAG, process or check that it is about.
    """

    subject: str
    safe: str
    remedy: str
    well: str
    quiet: timedelta


KINDS = {
    "red_run": Kind(
        "{about} 실행이 빨간색으로 끝났습니다",
        "실패한 단계에서 반영된 자료는 없고, 이미 반영된 자료와 발표한 것은 그대로입니다.",
        "실행의 화면에서 빨간 단계의 기록을 열어 마지막 줄에 적힌 대로 하십시오.",
        "{about} 실행이 다시 초록색으로 끝났습니다",
        _OFTEN,
    ),
    "dead_process": Kind(
        "Airflow의 프로세스가 멈추어 다시 시작합니다: {about}",
        "자료는 그대로이며, 하던 일은 다시 뜬 프로세스가 이어받습니다.",
        "몇 분 뒤 gongyak doctor로 확인하고, 되풀이되면 logs 폴더의 airflow_{about}.log를"
        " 살피십시오.",
        "Airflow의 프로세스가 다시 돕니다: {about}",
        _OFTEN,
    ),
    "missed_schedule": Kind(
        "예약된 실행을 놓쳤습니다",
        "자료는 그대로이며, 예약된 일만 늦어집니다.",
        "gongyak doctor로 멈춘 프로세스가 있는지 살피십시오.",
        "예약된 실행이 다시 제때 돕니다",
        _DAILY,
    ),
    "home": Kind(
        "홈의 디스크나 권한에 문제가 있습니다",
        "이미 반영된 자료는 그대로이며, 쓰지 못한 일은 다음 실행이 이어서 합니다.",
        "디스크에 자리를 만드십시오.",
        "홈의 디스크와 권한이 다시 좋습니다",
        _DAILY,
    ),
    "inbox": Kind(
        "접수함 하나를 볼 수 없습니다",
        "다른 접수함의 파일은 그대로 받습니다. 이 접수함의 파일은 그 자리에 있고, 다시 보이면"
        " 스스로 받습니다.",
        "급하면 파일을 홈의 inbox 폴더나 제출 현황 화면으로 받으십시오.",
        "접수함이 다시 보입니다",
        _DAILY,
    ),
    "backup": Kind(
        "백업이 없거나 묵었거나 온전하지 않습니다",
        "지금의 자료는 그대로이지만, 잃으면 되살릴 것이 없거나 오래된 것입니다.",
        "gongyak backup을 실행하십시오.",
        "백업이 다시 온전하고 새것입니다",
        _DAILY,
    ),
}


@dataclass(frozen=True)
class Alert:
    """One alert: of a kind in KINDS, about one thing.

    `said` is what was seen. `occurrence` tells one happening from the next: told twice, it is one.
    """

    kind: str
    about: str
    occurrence: str
    said: str
    remedy: str = ""
    government: str = ""
    quarter: str = ""
    run_id: str = ""
    link: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.about}"


@dataclass(frozen=True)
class Told:
    """What is noted of an alert: when it was last sent, to whom still, and what was only counted.

    `repeated` counts since it was sent. `is_well`: its end is what is told.
    """

    alert: Alert
    first: datetime
    sent: datetime
    owed: tuple[Channel, ...]
    repeated: int = 0
    is_well: bool = False

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Told":
        moments = {name: datetime.fromisoformat(told[name]) for name in ("first", "sent")}
        alert = Alert(**told["alert"])
        return cls(**{**told, **moments, "alert": alert, "owed": tuple(told["owed"])})

    def is_being_sent(self, now: datetime) -> bool:
        return bool(self.owed) and now - self.sent < _SENDING


def red_run(
    dag_id: str, run_id: str, pages: str, *, government: str = "", quarter: str = ""
) -> Alert:
    """Return the alert of a run that ended red; `pages` is where Airflow's web pages are."""
    moment = seoul_now().isoformat()
    page = f"{pages.rstrip('/')}/dags/{quote(dag_id)}/runs/{quote(run_id, safe='')}"
    return Alert(
        "red_run",
        dag_id,
        f"{run_id} {moment}",  # a run that was cleared may end red again
        f"DAG {dag_id}의 실행이 기술적인 이유로 멈추었습니다: {run_id}",
        government=government,
        quarter=quarter,
        run_id=run_id,
        link=page if pages else "",
    )


def ended_process(name: str, code: str) -> Alert:
    """Return the alert of a process that ended by itself, with its code."""
    said = f"프로세스가 스스로 끝났습니다: {name}(코드 {code})."
    return Alert("dead_process", name, seoul_now().isoformat(), said)


# --- what it says --------------------------------------------------------------------------------


def subject_of(told: Told) -> str:
    """Return the subject of what is told: the alert, or that it is well again."""
    kind = KINDS[told.alert.kind]
    text = (kind.well if told.is_well else kind.subject).replace("{about}", told.alert.about)
    return mail.one_line(with_particles(f"[공약] {'해소: ' if told.is_well else ''}{text}"))


def facts_of(told: Told) -> dict[str, str]:
    """Return what is told line by line, by its Korean name, without what is empty."""
    alert, kind = told.alert, KINDS[told.alert.kind]
    remedy = " ".join(filter(None, (alert.remedy, kind.remedy.replace("{about}", alert.about))))
    repeated = f"마지막 알림 뒤로 {told.repeated}번 더 있었습니다." if told.repeated else ""
    facts = {
        "무슨 일": alert.said,
        "되풀이": repeated,
        "안전한 것": "" if told.is_well else kind.safe,
        "할 일": "없습니다." if told.is_well else remedy,
        "기관": alert.government,
        "분기": alert.quarter,
        "DAG": alert.about if alert.kind == "red_run" else "",
        "실행": alert.run_id,
        "보기": alert.link,
        "처음": f"{told.first:%Y-%m-%d %H:%M:%S}",
        "설치": f"{socket.gethostname()} {settings().home.resolve()}",
    }
    lines = {name: mail.one_line(with_particles(said)) for name, said in facts.items()}
    return {name: said[:_LONGEST] for name, said in lines.items() if said}


def text_of(told: Told) -> str:
    """Return the text of the mail."""
    return "".join(f"{name}: {said}\n" for name, said in facts_of(told).items())


def payload_of(told: Told) -> dict[str, Any]:
    """Return what is posted to the webhook; `text` alone says all, as chats take it."""
    alert, facts = told.alert, facts_of(told)
    return {
        "text": f"{subject_of(told)}\n{text_of(told)}",
        "state": "well" if told.is_well else "alert",
        "kind": alert.kind,
        "about": alert.about,
        "subject": subject_of(told),
        "happened": facts["무슨 일"],
        "safe": facts.get("안전한 것", ""),
        "to_do": facts["할 일"],
        "government": alert.government,
        "quarter": alert.quarter,
        "run_id": alert.run_id,
        "link": alert.link,
        "repeated": told.repeated,
        "at": told.sent.isoformat(),
    }
