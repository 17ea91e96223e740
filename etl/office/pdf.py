"""An HTML page printed to PDF by the browser that this machine has, cut off from any network."""

import os
import re
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from etl.problems import OutageError, UsageError
from etl.settings import settings

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PRINT_SECONDS = 60.0
# Pages are our own and reach nothing, and a container has no room for the browser's own sandbox.
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Every address, this machine's own too, is asked of a proxy that is not there.
_NO_NETWORK = ("--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>")
# When and by which version it was printed: all that differs between two prints of one page.
_PRINTED = re.compile(
    rb"/(?:CreationDate|ModDate) \(D:\d{14}[+-]\d\d'\d\d'\)|/Creator \((?:\\.|[^\\()])*\)"
)


def browser_path() -> str:
    """Return the program that prints: the setting's, else the first that is on PATH.

    Raises UsageError where there is none; whoever prints may then go on without the PDF.
    """
    named = settings().browser
    found = next(filter(None, map(which, [named] if named else BROWSERS)), None)
    if found is None:
        raise UsageError(
            f"PDF로 인쇄할 브라우저({named or 'Chromium'})가 없습니다.",
            "PDF는 만들지 않았습니다.",
            "Chromium을 설치하거나 `GONGYAK_BROWSER`에 그 경로를 적으십시오.",
        )
    return found


def print_pdf(html: Path, pdf: Path, *, seconds: float = PRINT_SECONDS) -> None:
    """Print one page to `pdf`, tagged and with its letters; the same page gives the same bytes.

    Paper and margins are those of the page's own `@page` style. Raises UsageError without a
    browser; OutageError when it fails or takes more than `seconds`. Nothing is written then.
    """
    program = browser_path()
    with TemporaryDirectory(prefix="gongyak", ignore_cleanup_errors=True) as folder:
        printed = Path(folder) / "printed.pdf"
        command = [
            *(program, "--headless", *BROWSER_FLAGS, *_NO_NETWORK),
            *(f"--user-data-dir={folder}/profile", "--no-pdf-header-footer"),
            *(f"--print-to-pdf={printed}", html.resolve().as_uri()),
        ]
        if not _run(command, folder, seconds):
            raise _failed(html, f"{seconds:g}초 안에 끝나지 않았습니다")
        if not printed.exists():  # its exit status is 0 all the same
            raise _failed(html, "브라우저가 PDF를 내지 않았습니다")
        content = printed.read_bytes()
    pdf.write_bytes(_PRINTED.sub(lambda found: b" " * len(found[0]), content))


def _run(command: list[str], home: str, seconds: float) -> bool:
    """Run the browser to its end, or end it with all its children; return whether it ended."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": home}
    with subprocess.Popen(  # noqa: S603 - our own flags, no shell
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        finally:
            _end(process.pid)
    return True


def _end(group: int) -> None:
    with suppress(ProcessLookupError):  # nobody is left
        os.killpg(group, signal.SIGKILL)


def _failed(html: Path, why: str) -> OutageError:
    return OutageError(
        f"{html.name}을(를) PDF로 인쇄하지 못했습니다({why}).",
        "PDF는 쓰지 않았습니다.",
        "잠시 뒤 다시 하십시오.",
    )
