"""Checks of what goes out: whether alerts and mail can reach anybody as the settings say it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from etl import alerts, mail
from etl.doctor.record import Finding, broken, good, remark
from etl.settings import settings


def outgoing() -> Finding:
    """Whom alerts reach, which settings of theirs cannot work, and what could not be sent."""
    if wrong := list(_wrong()):
        return broken(", ".join(wrong), "환경변수나 .env에서 고치십시오.")
    owed = [told for told in alerts.noted().values() if told.owed]
    if owed:
        named = ", ".join(alerts.subject_of(told) for told in owed[:3])
        return remark(
            f"보내지 못한 알림 {len(owed)}건: {named}", "메일 서버와 웹훅의 주소를 확인하십시오."
        )
    channels = alerts.channels()
    if not channels:
        return good("알림을 받을 곳이 정해지지 않았습니다")
    people = f"메일 {len(alerts.addresses())}곳" if "mail" in channels else ""
    hook = "웹훅" if "webhook" in channels else ""
    return good(f"알림을 받는 곳: {', '.join(filter(None, (people, hook)))}")


def _wrong() -> Iterator[str]:
    """Yield what cannot work; no secret is told."""
    config = settings()
    if config.smtp_url:
        try:
            mail.server_of(config.smtp_url.get_secret_value())
        except ValueError as error:
            yield str(error)
    if config.mail_from and not mail.is_address(mail.address_of(config.mail_from)):
        yield "GONGYAK_MAIL_FROM이 메일 주소가 아닙니다"
    for address in alerts.addresses():
        if not mail.is_address(address):
            yield f"GONGYAK_ALERT_MAIL의 {address!r}: 메일 주소가 아닙니다"
    needs_mail = alerts.addresses() or (config.mail_departments and not config.mail_test)
    if needs_mail and not mail.is_configured():
        yield "메일을 보내려면 GONGYAK_SMTP_URL과 GONGYAK_MAIL_FROM이 있어야 합니다"
    hook = config.alert_webhook_url
    if hook and urlsplit(hook.get_secret_value()).scheme not in ("http", "https"):
        yield "GONGYAK_ALERT_WEBHOOK_URL은 http나 https여야 합니다"
