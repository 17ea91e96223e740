"""A mail server and a web server on loopback, for real and with the manners that a test asks for."""

import json
import socketserver
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class Manners:
    """How a mail server behaves: what it answers to a command in place of its usual reply.

    `offers` are its extensions, `tls` its certificate, `is_encrypted` from the first word on. It parts at the command `closes_at`, and is silent at
    `silent_at`; `DONE` is the end of a message.
    """

    offers: tuple[str, ...] = ("AUTH PLAIN LOGIN",)
    replies: Mapping[str, str] = field(default_factory=dict)
    closes_at: str = ""
    silent_at: str = ""
    tls: ssl.SSLContext | None = None
    is_encrypted: bool = False


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it was sent, and every line that it heard before a message."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, manners: Manners) -> None:
        self.manners = manners
        self.mails: list[EmailMessage] = []
        self.heard: list[str] = []
        self.ended = Event()
        super().__init__(("127.0.0.1", 0), _Session)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        if self.server.manners.is_encrypted and not self.encrypted():
            return
        self.say("220 test")
        while line := self.rfile.readline():
            told = line.decode("utf-8", "replace").strip()
            self.server.heard.append(told)
            word = told.split(" ")[0].upper()
            if not self.answer(word, told):
                return
            if word == "QUIT":
                return

    def encrypted(self) -> bool:
        """Encrypt the line; False where the other end does not trust the certificate."""
        assert self.server.manners.tls is not None
        try:
            self.request = self.server.manners.tls.wrap_socket(self.request, server_side=True)
        except OSError:
            return False
        self.setup()
        return True

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def answer(self, word: str, told: str) -> bool:
        """Answer one command; False where the line is cut."""
        manners = self.server.manners
        if manners.closes_at == word:
            return False
        if manners.silent_at == word:
            self.server.ended.wait(30)
            return False
        if word in manners.replies:
            self.say(manners.replies[word])
        elif word == "STARTTLS":
            self.say("220 go")
            return self.encrypted()
        elif word == "EHLO":
            for name in ("test", *manners.offers):
                self.say(f"250-{name}")
            self.say("250 8BITMIME")
        elif word == "DATA":
            return self.take()
        else:
            self.say({"AUTH": "235 in", "QUIT": "221 bye"}.get(word, "250 ok"))
        return True

    def take(self) -> bool:
        self.say("354 go")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if "DONE" not in self.server.manners.replies:
            made = message_from_bytes(b"".join(lines), policy=default)
            self.server.mails.append(made)  # type: ignore[arg-type]
        return self.answer("DONE", "")


@contextmanager
def mail_server(**manners: Any) -> Iterator[MailServer]:
    """A mail server with these manners, for as long as the block lasts."""
    with MailServer(Manners(**manners)) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()


class WebServer(ThreadingHTTPServer):
    """Keeps what is posted; answers with `code`, or not at all where that is 0."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, code: int) -> None:
        self.code = code
        self.posts: list[dict[str, Any]] = []
        self.gets: list[str] = []
        self.leads_to = ""
        super().__init__(("127.0.0.1", 0), _Post)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook/s3cret"


class _Post(BaseHTTPRequestHandler):
    server: WebServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append(json.loads(body))
        if self.server.code:
            self.send_response(self.server.code)
            self.send_header("Content-Length", "0")
            if self.server.leads_to:
                self.send_header("Location", self.server.leads_to)
            self.end_headers()
        else:
            self.close_connection = True

    def do_GET(self) -> None:
        self.server.gets.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def web_server(code: int = 200) -> Iterator[WebServer]:
    """A web server that answers each post with a code, for as long as the block lasts."""
    with WebServer(code) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
