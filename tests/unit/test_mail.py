"""Mail: what a message holds, and what becomes of it with servers of every manner."""

import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from etl import mail
from etl.mail import Letter, Unsent, is_address, message, one_line, send, server_of
from etl.quarter import SEOUL
from etl.settings import settings
from tests.mail_server import MailServer, mail_server

AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
LETTER = Letter(["culture@garam.example"], "2021Q4 점검 결과", "첫째 줄\n.둘째 줄\n", "answer/40")
SECRET = "hunter2 /@:"  # noqa: S105
IN_URL = "hunter2%20%2F%40%3A"

Use = Callable[[str], None]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Use:
    """Return a function that sets the mail server's URL."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GONGYAK_HOME", str(tmp_path))
    monkeypatch.setenv("GONGYAK_MAIL_FROM", "가람구 총괄부서 <office@garam.example>")

    def set_url(url: str) -> None:
        monkeypatch.setenv("GONGYAK_SMTP_URL", url)
        settings.cache_clear()

    set_url("")
    return set_url


def unsent(letter: Letter = LETTER) -> Unsent:
    with pytest.raises(Unsent) as raised:
        send(letter, AT)
    assert SECRET not in str(raised.value)
    return raised.value


# --- the message ---------------------------------------------------------------------------------


def test_a_message_says_who_to_whom_and_when() -> None:
    made = message(LETTER, "가람구 총괄부서 <office@garam.example>", AT)
    assert str(made["From"]) == "가람구 총괄부서 <office@garam.example>"
    assert str(made["To"]) == "culture@garam.example"
    assert str(made["Date"]) == "Wed, 05 Jan 2022 10:00:00 +0900"
    assert made["Auto-Submitted"] == "auto-generated"
    assert made.get_content().splitlines() == ["첫째 줄", ".둘째 줄"]
    assert not made.is_multipart()
    # The same letter has the same number, another one another.
    again = message(LETTER, "office@garam.example", AT)
    assert again["Message-ID"] == made["Message-ID"]
    other = message(LETTER._replace(key="answer/41"), "office@garam.example", AT)
    assert other["Message-ID"] != made["Message-ID"]


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("문화과\r\nBcc: all@garam.example", "문화과 Bcc: all@garam.example"),
        ("문화과\n\n본문", "문화과 본문"),
        ("문화과\x00\x85\u2028끝", "문화과 끝"),
        ("과\ud800\u202e끝", "과 끝"),
    ],
)
def test_no_text_makes_a_header_of_its_own(hostile: str, shown: str) -> None:
    assert one_line(hostile) == shown
    made = message(LETTER._replace(subject=hostile), "office@garam.example", AT)
    assert made["Subject"] == shown
    assert made["Bcc"] is None
    raw = made.as_bytes().partition(b"\r\n\r\n")[0]
    assert [line for line in raw.split(b"\r\n") if line.lower().startswith(b"bcc")] == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("culture@garam.go.kr", True), ("a.b+c@x", True),
        ("", False), ("culture", False), ("culture@", False), ("@garam.go.kr", False),
        ("a@b.kr, c@d.kr", False), ("a@b.kr\nBcc: c@d.kr", False), ("문화@garam.kr", False),
        ("이름 <a@b.kr>", False), ("a@b..kr", False), ("a b@c.kr", False), ("a@b.kr>", False),
    ],
)  # fmt: skip
def test_an_address_is_plain(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one
    if not is_one:
        with pytest.raises(Unsent, match="메일 주소로 쓸 수 없습니다"):
            message(LETTER._replace(to=[text]), "office@garam.example", AT)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("smtp://mail.example", ("mail.example", 25, False, "", "")),
        (f"smtps://me%40x:{IN_URL}@mail.example:10465",
         ("mail.example", 10465, True, "me@x", SECRET)),
        ("smtps://mail.example", ("mail.example", 465, True, "", "")),
    ],
)  # fmt: skip
def test_a_server_is_read_from_its_url(url: str, told: tuple[Any, ...]) -> None:
    found = server_of(url)
    assert (found.host, found.port, found.is_encrypted, found.user, found.password) == told
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    "url", ["mail.example", "http://me:s3cret@x", "smtp://", "smtp://me:s3cret@x:eighty", ""]
)
def test_a_url_that_is_none_is_not_told(url: str) -> None:
    with pytest.raises(ValueError, match="GONGYAK_SMTP_URL") as raised:
        server_of(url)
    assert "s3cret" not in str(raised.value)


# --- sending -------------------------------------------------------------------------------------


def test_a_mail_arrives_as_it_was_written(use: Use) -> None:
    with mail_server() as server:
        use(f"smtp://{server.address}")
        send(LETTER, AT)
    (found,) = server.mails
    assert found["Subject"] == "2021Q4 점검 결과"
    assert found.get_content().splitlines() == ["첫째 줄", ".둘째 줄"]
    assert "mail FROM:<office@garam.example>" in server.heard
    assert "rcpt TO:<culture@garam.example>" in server.heard
    assert not [line for line in server.heard if line.startswith("AUTH")]


def test_a_password_is_given_to_the_server_and_to_no_log(
    use: Use, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), mail_server() as server:
        use(f"smtp://me:{IN_URL}@{server.address}")
        send(LETTER, AT)
        assert len(server.mails) == 1
        assert [line for line in server.heard if line.startswith("AUTH PLAIN")]
    assert SECRET not in caplog.text
    assert SECRET not in repr(settings())


def test_a_wrong_password_is_told_without_it(use: Use) -> None:
    refusal = f"535 no such login: {SECRET} AG1lAGh1bnRlcjIgL0A6"  # which a server may say back
    with mail_server(replies={"AUTH": refusal}) as server:
        use(f"smtp://me:{IN_URL}@{server.address}")
        found = unsent()
    assert not found.may_have_gone
    assert str(found) == f"{server.address} 535 no such login: … …"
    assert server.mails == []


def test_a_password_does_not_go_over_an_open_line(
    use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "_HERE", frozenset())  # as if the server were elsewhere
    with mail_server() as server:
        use(f"smtp://me:{IN_URL}@{server.address}")
        assert "암호화하지 않는 서버에는" in str(unsent())
    assert not [line for line in server.heard if line.startswith("AUTH")]


def test_where_encryption_is_offered_and_refused_nothing_is_sent(use: Use) -> None:
    offers = ("STARTTLS", "AUTH PLAIN")
    with mail_server(offers=offers, replies={"STARTTLS": "454 not now"}) as server:
        use(f"smtp://me:{IN_URL}@{server.address}")
        found = unsent()
    assert (str(found), found.may_have_gone) == (f"{server.address} 454 not now", False)
    assert server.mails == []
    assert not [line for line in server.heard if line.startswith("AUTH")]


@pytest.mark.parametrize(
    "replies", [{"MAIL": "550 no"}, {"RCPT": "550 no"}, {"DATA": "554 no"}, {"DONE": "552 no"}]
)
def test_what_a_server_refuses_has_not_gone(use: Use, replies: dict[str, str]) -> None:
    with mail_server(replies=replies) as server:
        use(f"smtp://{server.address}")
        found = unsent()
    assert not found.may_have_gone
    assert str(found).endswith(" no")
    assert server.mails == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "may_have_gone"),
    [("EHLO", False), ("MAIL", False), ("RCPT", False), ("DONE", True)],
)
@pytest.mark.parametrize("manner", ["closes_at", "silent_at"])
def test_a_server_that_goes_away_may_have_it_only_once_it_had_it(
    use: Use, monkeypatch: pytest.MonkeyPatch, manner: str, command: str, may_have_gone: bool
) -> None:
    monkeypatch.setattr(mail, "_SECONDS", 0.3)
    with mail_server(**{manner: command}) as server:
        use(f"smtp://{server.address}")
        assert unsent().may_have_gone is may_have_gone
    assert len(server.mails) == int(may_have_gone)


@pytest.mark.parametrize("manner", ["closes_at", "silent_at"])
def test_how_a_server_parts_is_of_no_matter(
    use: Use, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    monkeypatch.setattr(mail, "_SECONDS", 0.3)
    with mail_server(**{manner: "QUIT"}) as server:
        use(f"smtp://{server.address}")
        send(LETTER, AT)
    assert len(server.mails) == 1


def test_a_server_that_is_away(use: Use) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        use(f"smtp://me:{IN_URL}@127.0.0.1:{probe.getsockname()[1]}")
        found = unsent()
    assert not found.may_have_gone
    assert "ConnectionRefusedError" in str(found)


def test_nothing_is_sent_without_a_server_or_to_no_address(use: Use) -> None:
    assert not mail.is_configured()
    assert "GONGYAK_SMTP_URL이 없습니다" in str(unsent())
    with mail_server() as server:
        use(f"smtp://{server.address}")
        assert mail.is_configured()
        assert "'culture'" in str(unsent(LETTER._replace(to=["culture"])))
        use("ftp://me:hunter2@x")
        assert "hunter2" not in str(unsent())
    assert server.heard == []


def test_one_refused_address_costs_no_other(
    use: Use, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as server:
        use(f"smtp://{server.address}")
        taken = mail.smtplib.SMTP.rcpt
        monkeypatch.setattr(
            mail.smtplib.SMTP,
            "rcpt",
            lambda self, to: (550, b"gone") if to.startswith("old") else taken(self, to),
        )
        with caplog.at_level(logging.WARNING):
            send(LETTER._replace(to=["old@garam.example", "new@garam.example"]), AT)
    assert len(server.mails) == 1
    assert "old@garam.example(550)" in caplog.text


# --- encryption ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the office's own for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(SEOUL)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(params=["smtp", "smtps"])
def encrypting(
    request: pytest.FixtureRequest, certificate: Path
) -> Iterator[tuple[str, MailServer]]:
    """A server that encrypts, by STARTTLS or from the first word on, and its scheme."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    offers = ("STARTTLS", "AUTH PLAIN")
    with mail_server(tls=tls, offers=offers, is_encrypted=request.param == "smtps") as server:
        yield request.param, server


def test_a_password_goes_over_an_encrypted_line(
    use: Use,
    encrypting: tuple[str, MailServer],
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scheme, server = encrypting
    monkeypatch.setattr(mail, "_HERE", frozenset())  # as if the server were elsewhere
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    use(f"{scheme}://me:{IN_URL}@{server.address}")
    send(LETTER, AT)
    assert len(server.mails) == 1
    assert len([line for line in server.heard if line.startswith("AUTH PLAIN")]) == 1


def test_a_certificate_that_nobody_vouches_for_is_told_nothing(
    use: Use, encrypting: tuple[str, MailServer]
) -> None:
    scheme, server = encrypting
    use(f"{scheme}://me:{IN_URL}@{server.address}")
    found = unsent()
    assert "SSLCertVerificationError" in str(found)
    assert not found.may_have_gone
    assert server.mails == []
    assert not [line for line in server.heard if line.startswith("AUTH")]
