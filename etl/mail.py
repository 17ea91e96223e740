"""Mail: messages are built apart from sending, and a failure says whether they may have gone.

It is the standard library and not Airflow's notifier for SMTP: the shell, the keeper of the
processes and the mail to departments need it where no Airflow runs, and the notifier wants its
password in a connection of Airflow's database and says nothing of a server that went away midway.
"""

import base64
import hashlib
import re
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from etl.logs import log, one_line as one_line
from etl.settings import settings

_SECONDS = 10.0  # that a mail server may be silent
_ACCEPTED = 250
_TAKEN = (250, 251)  # by this server, or on to another
_PORTS = {"smtp": 25, "smtps": 465}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_LONGEST_SUBJECT = 150
_LONGEST_REPLY = 200
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Unsent(Exception):  # noqa: N818 - what became of a mail, told to its sender
    """A mail that was not sent; `may_have_gone` where the server had it and said nothing of it.

    `is_away`: the server could not be talked to, which the next mail would meet too.
    """

    def __init__(self, said: str, *, may_have_gone: bool = False, is_away: bool = False) -> None:
        super().__init__(said)
        self.may_have_gone, self.is_away = may_have_gone, is_away


@dataclass(frozen=True)
class Server:
    """A mail server as its URL tells it; the password is shown nowhere."""

    host: str
    port: int
    is_encrypted: bool
    user: str = ""
    password: str = field(default="", repr=False)


class Letter(NamedTuple):
    """What a mail says and to whom; `key` names it, so that a second copy is known as one."""

    to: Sequence[str]
    subject: str
    text: str
    key: str


def is_address(text: str) -> bool:
    """Tell whether a text is one plain mail address and nothing beside it."""
    return _ADDRESS.fullmatch(text) is not None


def server_of(url: str) -> Server:
    """Read the URL of a mail server; raises ValueError, which never tells the URL."""
    try:
        told = urlsplit(url)
        host, port, scheme = told.hostname, told.port, told.scheme
    except ValueError:
        host = port = scheme = None
    if scheme not in _PORTS or not host:
        raise ValueError("GONGYAK_SMTP_URL을 읽을 수 없습니다(smtp://사용자:암호@서버:포트)")
    user, password = unquote(told.username or ""), unquote(told.password or "")
    return Server(host, port or _PORTS[scheme], scheme == "smtps", user, password)


def is_configured() -> bool:
    """Tell whether there is a server to send by and an address to send from."""
    return bool(settings().smtp_url and settings().mail_from)


def address_of(sender: str) -> str:
    """Return the address in `a@b` or `Name <a@b>`."""
    return parseaddr(sender)[1]


def message(letter: Letter, sender: str, at: datetime) -> EmailMessage:
    """Build a mail without attachments; raises Unsent where an address is none."""
    name, address = parseaddr(sender)
    wrong = [one for one in (address, *letter.to) if not is_address(one)]
    if wrong or not letter.to:
        told = ", ".join(repr(one_line(one)[:80]) for one in wrong) or "없음"
        raise Unsent(f"메일 주소로 쓸 수 없습니다: {told}")
    made = EmailMessage(policy=SMTP)
    user, _, domain = address.rpartition("@")
    made["From"] = Address(one_line(name), user, domain)
    made["To"] = ", ".join(letter.to)
    made["Subject"] = one_line(letter.subject)[:_LONGEST_SUBJECT]
    made["Date"] = format_datetime(at)
    digest = hashlib.sha256(letter.key.encode()).hexdigest()[:32]
    made["Message-ID"] = f"<gongyak.{digest}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.text.encode("utf-8", "replace").decode(), cte="base64")
    return made


def send(letter: Letter, at: datetime) -> None:
    """Send a mail by the configured server; raises Unsent, with what was said but no password."""
    url = settings().smtp_url
    if not url:
        raise Unsent("GONGYAK_SMTP_URL이 없습니다")
    try:
        server = server_of(url.get_secret_value())
        made = message(letter, settings().mail_from, at)
    except (ValueError, MessageError) as error:
        raise Unsent(str(error)) from None
    _send(server, made)


def _send(server: Server, made: EmailMessage) -> None:
    content, is_with_server = made.as_bytes(), False
    client: smtplib.SMTP | None = None
    try:
        client = _connected(server)
        _say_who(client, made)
        is_with_server = True
        code, reply = client.data(content)
        if code != _ACCEPTED:
            raise smtplib.SMTPDataError(code, reply)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        raise Unsent(_said(error, server)) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Unsent(_said(error, server), may_have_gone=is_with_server, is_away=True) from None
    finally:
        if client is not None:
            _part(client)


def _connected(server: Server) -> smtplib.SMTP:
    """Connect and log in; a password goes over an encrypted line, or to this machine."""
    context = ssl.create_default_context()
    if server.is_encrypted:
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=_SECONDS, context=context
        )
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
    try:
        client.ehlo_or_helo_if_needed()
        is_encrypted = server.is_encrypted
        if not is_encrypted and client.has_extn("starttls"):
            client.starttls(context=context)
            client.ehlo()
            is_encrypted = True
        if server.user:
            if not (is_encrypted or server.host in _HERE):
                raise smtplib.SMTPException("암호화하지 않는 서버에는 암호를 보내지 않습니다")
            client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    return client


def _say_who(client: smtplib.SMTP, made: EmailMessage) -> None:
    """Name the sender and those who get the mail; one who is refused costs no other."""
    _, sender = parseaddr(str(made["From"]))
    code, reply = client.mail(sender)
    if code != _ACCEPTED:
        raise smtplib.SMTPSenderRefused(code, reply, sender)
    addresses = str(made["To"]).split(", ")
    replies = {address: client.rcpt(address) for address in addresses}
    refused = {one: said for one, said in replies.items() if said[0] not in _TAKEN}
    if len(refused) == len(addresses):
        raise smtplib.SMTPRecipientsRefused(refused)
    for address, said in refused.items():
        log.warning("메일 | 받는 주소 하나를 서버가 거절했습니다: %s(%s)", address, said[0])


def _part(client: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):
        client.quit()
    client.close()


def _said(error: Exception, server: Server) -> str:
    """Return what ended a sending in one line: the kind of error, and the server's own words."""
    code: object = type(error).__name__
    reply: str | bytes = str(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, reply = error.smtp_code, error.smtp_error
    told = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    secret = server.password
    hidden = [secret, base64.b64encode(secret.encode()).decode(),
              base64.b64encode(f"\0{server.user}\0{secret}".encode()).decode()]  # fmt: skip
    for text in hidden if secret else ():
        told = told.replace(text, "…")
    return f"{server.host}:{server.port} {code} {one_line(told)[:_LONGEST_REPLY]}".rstrip()
