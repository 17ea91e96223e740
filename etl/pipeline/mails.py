"""Mail to departments: owed in the transaction that it tells of, and sent at most once.

A mail is taken before it is sent and noted after it. One that was killed between the two stays
'sending' and is never sent again: it may have gone. What surely did not go is tried again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row

from etl import mail
from etl.answer import AnswerFinding, AnswerSummary
from etl.check import office_rules, rules
from etl.common import hand_over
from etl.pipeline.desk import page_of
from etl.pipeline.journal import journal_of
from etl.pipeline.letters import Addressee, Letter, Owed, answer_letter, occasion_of, reminder
from etl.pipeline.telling import log, say
from etl.quarter import seoul_now
from etl.settings import settings
from etl.warehouse import records, run_alone, run_file, transaction, values_of

_MOST_TRIES = 5
_PAUSE_MINUTES = 10
_MOST_AWAY = 2  # mails one after the other that meet no server: the rest is left for later
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_NO_SENDER = "gongyak@localhost"  # of what is only written


@dataclass(frozen=True)
class Mailed:
    """How many mails were sent, written as files, and could not be sent."""

    sent: int = 0
    written: int = 0
    unsent: int = 0


class Outcome(NamedTuple):
    """What became of a mail that was taken, as its row says it."""

    state: str
    problem: str | None = None
    is_away: bool = False


def owe_answers(connection: Connection, submission_ids: Sequence[int]) -> None:
    """Owe a mail for each answered file; it holds when `connection` commits."""
    if settings().mail_departments:
        run_file(connection, "mail/owe_answers.sql", submission_ids=list(submission_ids))


def owe_reminders(owed: Iterable[Owed]) -> dict[int, Owed]:
    """Owe each department that has sent nothing the reminder of its day; return them by number."""
    if not settings().mail_departments:
        return {}
    found = {}
    for one in owed:
        occasion = occasion_of(one.status.due_date, one.today)
        if occasion is None or one.status.department_code is None:
            continue
        (row,) = run_alone(
            "mail/owe_reminder.sql",
            government_id=one.government_id,
            quarter_id=one.quarter_id,
            department_code=one.status.department_code,
            occasion=occasion,
        )
        found[row.mail_id] = one
    return found


def send_owed(reminders: Mapping[int, Owed] | None = None) -> Mailed:
    """Send every mail of an answer that is owed, and these reminders; no failure breaks a run."""
    if not settings().mail_departments:
        return Mailed()
    if not (settings().mail_test or mail.is_configured()):
        _tell_unsendable()
        return Mailed()
    started, states, away = perf_counter(), Counter[str](), 0
    while away < _MOST_AWAY and (row := _taken(reminders or {})):
        outcome = _sent(row, reminders or {})
        states[outcome.state] += 1
        away = away + 1 if outcome.is_away else 0
    done = Mailed(states["sent"], states["written"], states["failed"] + states["unknown"])
    if states:
        say("메일", started, mailed=done.sent, written=done.written or None,
            unsent=done.unsent or None)  # fmt: skip
    return done


def _tell_unsendable() -> None:
    waiting = values_of("SELECT COUNT(*) FROM audit.mail WHERE state IN ('due', 'failed')")
    if waiting[0]:
        log.warning(
            "메일 | GONGYAK_SMTP_URL과 GONGYAK_MAIL_FROM이 없어 부서에 보낼 메일 %d통을 보내지"
            " 않았습니다.",
            waiting[0],
        )


def _taken(reminders: Mapping[int, Owed]) -> Row[Any] | None:
    rows = run_alone(
        "mail/take.sql",
        reminder_ids=list(reminders),
        most_tries=_MOST_TRIES,
        pause_minutes=_PAUSE_MINUTES,
    )
    return rows[0] if rows else None


def _sent(row: Row[Any], reminders: Mapping[int, Owed]) -> Outcome:
    """Send a mail that was taken, and note what became of it."""
    to = _addressee(row)
    try:
        outcome = Outcome(_send(row, _letter(row, to, reminders), to))
    except mail.Unsent as error:
        state = "unknown" if error.may_have_gone else "failed"
        outcome = Outcome(state, str(error), error.is_away)
    except Exception as error:  # ours, on one mail: it costs no other
        outcome = Outcome("failed", f"프로그램의 잘못({type(error).__name__})")
    if outcome.problem:
        log.warning("메일 | %s %s: %s", row.quarter_id, to.department_name, outcome.problem)
    noted = {"state": outcome.state, "problem": outcome.problem}
    run_alone("mail/note.sql", mail_id=row.mail_id, **noted)
    return outcome


def _addressee(row: Row[Any]) -> Addressee:
    place = {"government_id": row.government_id, "department_code": row.department_code}
    (found,) = run_alone("mail/addressee.sql", **place, day=seoul_now().date())
    government = mail.one_line(found.government_name or "")
    return Addressee(government, mail.one_line(found.department_name), found.mail)


def _letter(row: Row[Any], to: Addressee, reminders: Mapping[int, Owed]) -> Letter:
    if row.mail_kind == "reminder":
        return reminder(reminders[row.mail_id], to)
    submission_id = int(row.occasion)
    with transaction() as connection:
        told = run_file(connection, "answer/answer_summary.sql", submission_id=submission_id)
        (file,) = records(AnswerSummary, told)
        rows = run_file(connection, "answer/answers.sql", submission_id=submission_id)
    findings = [one for one in records(AnswerFinding, rows) if one.rule_id not in office_rules()]
    titles = {rule.id: rule.title for rule in rules()}
    place = f"{row.quarter_id}/{journal_of(row.government_id)}/{submission_id}"
    folder = f"outbox/answers/{place} 폴더"
    return answer_letter(file, findings, titles, to, folder, _page(row))


def _page(row: Row[Any]) -> str:
    """Return the page of the quarter; nothing where only this machine can open the pages."""
    pages = settings().pages
    if urlsplit(pages).hostname in _THIS_MACHINE:
        return ""
    return page_of(pages, row.government_id, row.quarter_id)


def _send(row: Row[Any], letter: Letter, to: Addressee) -> str:
    address = (to.mail or "").strip()
    if not address:
        raise mail.Unsent("공약대장에 부서의 메일 주소가 없습니다")
    parts = row.mail_kind, row.government_id, row.quarter_id, row.department_code, row.occasion
    key = "/".join(parts)
    whole = mail.Letter([address], letter.subject, letter.text, key)
    if settings().mail_test:
        _write(row, whole)
        return "written"
    mail.send(whole, seoul_now())
    return "sent"


def _write(row: Row[Any], letter: mail.Letter) -> None:
    """Write a mail into the outbox as it would have been sent."""
    folder = settings().outbox / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    made = mail.message(letter, settings().mail_from or _NO_SENDER, seoul_now())
    path = folder / f"{row.mail_kind}_{row.mail_id}.eml"
    path.write_bytes(made.as_bytes())
    hand_over(path, settings().outbox)
