"""Servers on loopback that keep files, for real: OpenSSH's SFTP, and a bucket that moto holds."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

KEY_ID, SECRET = "office-key", "s3cret-of-the-office"
SFTP_NAME, S3_NAME = "office", "bucketeer"

_CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile {folder}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
ForceCommand internal-sftp
LogLevel ERROR
"""


def sshd() -> str:
    """OpenSSH's server. Where there is none the test is skipped; in CI it fails."""
    found = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None:
        missing = "OpenSSH의 서버(sshd)가 없습니다: apt-get install openssh-server"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


@dataclass
class SftpServer:
    """An SFTP server of its own: whose files lie in `files`, and which may be stopped."""

    folder: Path
    port: int = field(default_factory=_free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def files(self) -> Path:
        return self.folder / "incoming"

    @property
    def key_file(self) -> Path:
        return self.folder / "mine"

    @property
    def host_key(self) -> str:
        return " ".join((self.folder / "host.pub").read_text().split()[:2])

    def url(self, folder: str = "") -> str:
        return f"sftp://{SFTP_NAME}@{self.files}{folder}"

    def connection(self, **extra: Any) -> dict[str, Any]:
        """What an administrator would enter, as Airflow keeps it."""
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout
        told = {"key_file": str(self.key_file), "host_key": self.host_key} | extra
        return {"conn_type": "generic", "host": "127.0.0.1", "port": self.port,
                "login": user.strip(), "extra": told}  # fmt: skip

    def start(self) -> None:
        config = self.folder / "config"
        config.write_text(_CONFIG.format(port=self.port, folder=self.folder))
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [sshd(), "-f", config, "-D", "-e"], stderr=(self.folder / "log").open("ab"),
            start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        """End the server and every session of it: each session is a process of its own."""
        if self.process is not None:
            for child in _below(self.process.pid):
                with_suppressed_kill(child)
            self.process.terminate()
            self.process.wait()
            self.process = None

    def state(self) -> dict[str, tuple[bytes | None, int]]:
        """All that lies there: bytes and moment of every file."""
        found = {}
        for path in sorted(self.files.rglob("*")):
            content = path.read_bytes() if path.is_file() else None
            found[os.fsencode(path).hex()] = (content, path.lstat().st_mtime_ns)
        return found


def _below(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def with_suppressed_kill(pid: int) -> None:
    """Kill a process that may have ended meanwhile."""
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return


@contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    sshd()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    _key(folder / "host")
    shutil.copy(f"{_key(folder / 'mine')}.pub", folder / "authorized")
    server = SftpServer(folder)
    server.files.mkdir()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Buckets:
    """A server that speaks S3."""

    server: ThreadedMotoServer
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.endpoint, aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET, region_name="us-east-1",
        )  # fmt: skip

    def connection(self, **extra: Any) -> dict[str, Any]:
        told = {"endpoint_url": self.endpoint, "region_name": "us-east-1"} | extra
        return {"conn_type": "aws", "login": KEY_ID, "password": SECRET, "extra": told}

    def state(self, bucket: str) -> dict[str, tuple[bytes, str]]:
        found = self.client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {
            one["Key"]: (
                self.client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read(),
                one["LastModified"].isoformat(),
            )
            for one in found
        }


@contextmanager
def bucket_server() -> Iterator[Buckets]:
    port = _free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        buckets = Buckets(server, port)
        buckets.client.create_bucket(Bucket="incoming")
        yield buckets
    finally:
        server.stop()
