"""Alerts: what needs a person reaches one, by mail and by a webhook, and none of it breaks a run.

What was told lies in `alerts.json` of the home. The same alert is not sent again for its kind's
quiet time: it is counted, and the next one tells how often. An alert is noted as owed before it is
sent and as sent after it, so a process that is killed between the two costs a second copy and never
the alert. What could not be sent is tried again by whoever calls `tell_again`.
"""

import fcntl
import json
import os
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import datetime
from functools import wraps
from http.client import HTTPException
from pathlib import Path
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from etl import mail
from etl.alerts.words import (
    KINDS as KINDS,
    Alert as Alert,
    Channel,
    Told as Told,
    ended_process as ended_process,
    facts_of,
    payload_of,
    red_run as red_run,
    subject_of as subject_of,
    text_of,
)
from etl.logs import log
from etl.quarter import seoul_now
from etl.settings import settings
from etl.whole import whole

_SECONDS = 10.0  # that a webhook may be silent

# --- what is noted -------------------------------------------------------------------------------


def _path() -> Path:
    return settings().home.resolve() / "alerts.json"


@contextmanager
def _noted() -> Iterator[dict[str, Told]]:
    """Give what is noted, for this process alone; what is changed inside the block is kept."""
    path = _path()
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        known = _read(path)
        yield known
        told = {key: asdict(one) for key, one in known.items()}
        with whole(path, 0o600) as part, part.open("w") as file:
            json.dump(told, file, ensure_ascii=False, indent=1, default=datetime.isoformat)
    finally:
        os.close(descriptor)


def _read(path: Path) -> dict[str, Told]:
    """Read what is noted; a file that cannot be read is as none: an alert too many is told."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        known = json.loads(path.read_text(encoding="utf-8"))
        return {key: Told.read(told) for key, told in known.items()}
    return {}


def noted() -> dict[str, Told]:
    """Return the alerts that are not over, by their keys; changes nothing."""
    return {key: told for key, told in _read(_path()).items() if not told.is_well}


def after(before: Told | None, alert: Alert, now: datetime, channels: Sequence[Channel]) -> Told:
    """Return what is noted of an alert that is raised now; where `sent` is now, it is to be sent.

    What is not sent is counted, or was told before.
    """
    if before is None or before.is_well:
        return Told(alert, now, now, tuple(channels))
    if before.alert.occurrence == alert.occurrence:
        return before
    is_quiet = now - before.sent < KINDS[alert.kind].quiet and not before.owed
    if is_quiet or before.is_being_sent(now):
        return replace(before, alert=alert, repeated=before.repeated + 1)
    # What nobody was told of is counted too; this one is what the message says.
    repeated = before.repeated + bool(before.owed)
    return replace(before, alert=alert, sent=now, owed=tuple(channels), repeated=repeated)


# --- telling -------------------------------------------------------------------------------------


Parameters = ParamSpec("Parameters")


def _never_breaks(function: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Return a function whose errors are a line in the log: an alert breaks nothing."""

    @wraps(function)
    def guarded(*arguments: Parameters.args, **named: Parameters.kwargs) -> None:
        try:
            function(*arguments, **named)
        except Exception as error:
            log.warning("알림 | 보내지 못했습니다(%s)", type(error).__name__)

    return guarded


@_never_breaks
def tell(alert: Alert) -> None:
    """Send an alert, or count it where the same one was sent not long ago; never raises."""
    now = seoul_now()
    with _noted() as known:
        before = known.get(alert.key)
        told = known[alert.key] = after(before, alert, now, channels())
    if told is before:
        return
    if told.sent != now:
        log.warning(
            "알림 | 되풀이됨(%d번째), 아직 보내지 않음: %s", told.repeated, subject_of(told)
        )
        return
    _send(told)


@_never_breaks
def well_again(kind: str, about: str, said: str) -> None:
    """Say once that what was told is over; nothing where nothing was told."""
    key, now = Alert(kind, about, "", "").key, seoul_now()
    with _noted() as known:
        before = known.get(key)
        if before is None or before.is_well:
            return
        alert = replace(before.alert, said=said, occurrence="", remedy="")
        # Whom the alert did not reach is told nothing of its end.
        owed = tuple(one for one in channels() if one not in before.owed)
        told = replace(before, alert=alert, sent=now, owed=owed, is_well=True)
        known[key] = told
    _send(told)


@_never_breaks
def tell_again() -> None:
    """Try what could not be sent once more."""
    now = seoul_now()
    with _noted() as known:
        owed = [one for one in known.values() if one.owed and not one.is_being_sent(now)]
        again = [replace(one, sent=now) for one in owed]
        known |= {one.alert.key: one for one in again}
    for told in again:
        _send(told)


def channels() -> list[Channel]:
    """Return the ways by which alerts go out, as the settings say it."""
    found: list[Channel] = ["mail"] if mail.is_configured() and addresses() else []
    return [*found, "webhook"] if settings().alert_webhook_url else found


def addresses() -> list[str]:
    """Return who gets alerts by mail, as it was written."""
    return [one.strip() for one in settings().alert_mail.split(",") if one.strip()]


def _send(told: Told) -> None:
    """Send what is owed, and note what is not owed any more."""
    if not told.owed:
        log.warning(
            "알림 | 받을 곳이 정해지지 않아 보내지 않음: %s | %s",
            subject_of(told), " | ".join(f"{n}: {said}" for n, said in facts_of(told).items()),
        )  # fmt: skip
    failed = [channel for channel in told.owed if not _is_sent(channel, told)]
    with _noted() as known:
        key, now_known = told.alert.key, known.get(told.alert.key)
        if now_known is None or now_known.sent != told.sent:
            return  # another has told of it since
        if told.is_well and not failed:
            del known[key]
            return
        since = max(now_known.repeated - told.repeated, 0)
        repeated = since if len(failed) < len(told.owed) or not told.owed else now_known.repeated
        known[key] = replace(now_known, owed=tuple(failed), repeated=repeated)


def _is_sent(channel: Channel, told: Told) -> bool:
    try:
        if channel == "mail":
            _mail(told)
        else:
            _post(told)
    except (mail.Unsent, OSError, HTTPException, ValueError) as error:
        said = error if isinstance(error, mail.Unsent) else _without_address(error)
        log.warning("알림 | %s로 보내지 못했습니다: %s | %s", channel, said, subject_of(told))
        return False
    log.info("알림 | %s로 보냄: %s", channel, subject_of(told))
    return True


def _mail(told: Told) -> None:
    key = f"{told.alert.key} {told.sent.isoformat()}"
    letter = mail.Letter(addresses(), subject_of(told), text_of(told), key)
    mail.send(letter, told.sent)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Another address is not where the office wanted alerts, and would be asked without one."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none: the answer stays the error it is."""


def _post(told: Told) -> None:
    url = settings().alert_webhook_url
    address = url.get_secret_value() if url else ""
    if urlsplit(address).scheme not in ("http", "https"):
        raise ValueError("GONGYAK_ALERT_WEBHOOK_URL은 http나 https여야 합니다")
    body = json.dumps(payload_of(told), ensure_ascii=False).encode("utf-8", "replace")
    kind = {"Content-Type": "application/json; charset=utf-8"}
    request = urllib.request.Request(address, body, kind, method="POST")  # noqa: S310
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=_SECONDS):
        return


def _without_address(error: Exception) -> str:
    """Return what ended a post; its address may hold a secret and is not told."""
    reason = getattr(error, "reason", None) or error.__class__.__name__
    code = getattr(error, "code", "")
    return mail.one_line(f"{type(error).__name__} {code} {reason}")[:200]
