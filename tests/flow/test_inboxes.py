"""Inboxes side by side: a folder, a real OpenSSH server and a bucket; nothing is changed there."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from etl import inbox, pipeline, storage
from etl.doctor import examine
from etl.pipeline import receiving
from etl.problems import GongyakError, UsageError
from etl.quarter import SEOUL
from etl.settings import Settings, settings
from etl.storage import Away, address_of
from tests.conftest import fresh_home
from tests.factories import GOVERNMENT, return_workbook
from tests.flow.shell import run
from tests.servers import (
    S3_NAME,
    SECRET,
    SFTP_NAME,
    Buckets,
    SftpServer,
    bucket_server,
    sftp_server,
)

pytestmark = pytest.mark.slow

AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    # A folder that another user of the system could not enter is no matter of ours.
    with sftp_server(tmp_path_factory.mktemp("sshd") / "s") as server:
        yield server


@pytest.fixture(scope="module")
def moto() -> Iterator[Buckets]:
    with bucket_server() as server:
        yield server


@dataclass
class Places:
    """Three inboxes of one office."""

    home: Path
    sftp: SftpServer
    buckets: Buckets

    @property
    def local(self) -> Path:
        return self.home / "inbox"

    def content(self, department: str, pledge: str, rate: float) -> bytes:
        path = return_workbook(
            self.home / f"{department}_{rate}.xlsx", department=department,
            progress=[{"공약번호": pledge, "이행률(%)": rate}],
        )  # fmt: skip
        return path.read_bytes()

    def put_object(self, key: str, content: bytes) -> None:
        self.buckets.client.put_object(Bucket="incoming", Key=key, Body=content)


def connect(monkeypatch: pytest.MonkeyPatch, name: str, told: dict[str, Any]) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(told))


def use(monkeypatch: pytest.MonkeyPatch, *urls: str) -> None:
    monkeypatch.setenv("GONGYAK_INBOX_URL", "\n".join(urls))
    settings.cache_clear()


@pytest.fixture
def places(
    world: Path, sshd: SftpServer, moto: Buckets, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Places]:
    """The three, empty, and known by connections of the environment."""
    for path in sorted(sshd.files.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    for key in moto.state("incoming"):
        moto.client.delete_object(Bucket="incoming", Key=key)
    found = Places(world, sshd, moto)
    found.local.mkdir(exist_ok=True)
    connect(monkeypatch, SFTP_NAME, sshd.connection())
    connect(monkeypatch, S3_NAME, moto.connection())
    use(monkeypatch, str(found.local), sshd.url(), f"s3://{S3_NAME}@incoming/returns")
    monkeypatch.setattr(receiving, "_SETTLING", 0.2)
    yield found
    if sshd.process is None:
        sshd.start()
    for url in settings().inboxes:
        storage.forget(url)


def test_a_file_is_received_once_from_each_and_nothing_is_changed_there(places: Places) -> None:
    (places.local / "가온과.xlsx").write_bytes(places.content("D01", "1-1", 40))
    folder = places.sftp.files / "나래과"
    folder.mkdir()
    (folder / "보고.xlsx").write_bytes(places.content("D02", "2-1", 50))
    places.put_object("returns/", b"")  # as some programs mark a folder
    places.put_object("returns/2021Q4/다솜과.xlsx", places.content("D03", "2-2", 60))
    places.put_object("others/x.xlsx", b"not ours")
    before = places.sftp.state(), places.buckets.state("incoming")
    done = pipeline.collect(at=AT)
    assert (len(done.submission_ids), done.accepted, done.not_taken) == (3, 3, [])
    again = pipeline.collect(at=AT + DAY)
    assert (again.batch, again.not_taken) == (None, [])
    assert (places.sftp.state(), places.buckets.state("incoming")) == before
    assert pipeline.waiting() == []


def test_where_a_file_came_from_is_told_without_a_secret(places: Places) -> None:
    (places.sftp.files / "a.xlsx").write_bytes(b"a")
    places.put_object("returns/b.xlsx", b"b")
    found = {one.name: one.uri for one in pipeline.waiting()}
    assert found == {
        "a.xlsx": f"{places.sftp.url()}/a.xlsx",
        "b.xlsx": f"s3://{S3_NAME}@incoming/returns/b.xlsx",
    }
    # A caller that names them gets the same.
    named = inbox.named_arrivals(list(found.values()))
    assert [one.uri for one in named] == list(found.values())
    assert [inbox.content_of(one) for one in named] == [b"a", b"b"]


def test_an_upload_that_grows_is_left_and_then_taken_whole(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = places.content("D01", "1-1", 40)
    path = places.sftp.files / "큰 파일.xlsx"
    path.write_bytes(whole[:1000])
    monkeypatch.setattr(receiving, "sleep", lambda _: path.write_bytes(whole))
    first = pipeline.collect(at=AT)
    assert first.batch is None
    assert "받는 동안 바뀌었습니다" in first.not_taken[0]
    monkeypatch.setattr(receiving, "sleep", lambda _: None)
    second = pipeline.collect(at=AT + DAY)
    assert (second.accepted, second.not_taken) == (1, [])
    assert pipeline.collect(at=AT + 2 * DAY).batch is None


def test_an_object_that_is_written_anew_in_the_same_second_is_seen(places: Places) -> None:
    places.put_object("returns/a.xlsx", b"one")
    (first,) = pipeline.waiting()
    places.put_object("returns/a.xlsx", b"two")
    (second,) = pipeline.waiting()
    assert first.stamp != second.stamp
    assert inbox.content_of(second) == b"two"
    assert inbox.content_of(first) == inbox.NotTaken("a.xlsx", inbox.CHANGED)


def test_an_inbox_that_is_away_stops_no_other_and_is_taken_later_once(places: Places) -> None:
    (places.local / "가온과.xlsx").write_bytes(places.content("D01", "1-1", 40))
    (places.sftp.files / "나래과.xlsx").write_bytes(places.content("D02", "2-1", 50))
    assert len(pipeline.waiting()) == 2  # a session is open
    places.sftp.stop()
    done = pipeline.collect(at=AT)
    assert done.accepted == 1
    (line,) = done.not_taken
    assert line.startswith(f"접수함 {places.sftp.url()}: ")
    assert "접속을 받지 않습니다" in line
    assert "다음 실행이 받습니다" in line
    assert done.is_partial
    status, told, _ = run("collect", "--at", "2022-01-05T10:00")  # nothing new, and not all seen
    assert (status, "새 파일이 없습니다" in told) == (3, True)
    places.sftp.start()
    later = pipeline.collect(at=AT + DAY)
    assert (later.accepted, later.not_taken, later.is_partial) == (1, [], False)
    assert run("collect", "--at", "2022-01-07T10:00")[0] == 0
    assert pipeline.collect(at=AT + 2 * DAY).batch is None


def test_a_server_that_ends_while_files_are_read_is_told_once(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (places.sftp.files / f"{number}.xlsx").write_bytes(places.content("D02", "2-1", number))
    (places.local / "가온과.xlsx").write_bytes(places.content("D01", "1-1", 40))
    listed = pipeline.waiting()
    assert len(listed) == 4
    read = inbox.content_of

    def stopping(arrival: inbox.Arrival) -> bytes | inbox.NotTaken:
        if arrival.uri.endswith("1.xlsx"):
            places.sftp.stop()
        return read(arrival)

    monkeypatch.setattr(receiving, "content_of", stopping)
    done = pipeline.collect(at=AT)
    assert len(done.submission_ids) == 2
    (line,) = done.not_taken
    assert line.startswith("1.xlsx: 이것부터 열지 못했습니다. ")
    assert done.is_partial
    places.sftp.start()
    monkeypatch.setattr(receiving, "content_of", read)
    assert len(pipeline.collect(at=AT + DAY).submission_ids) == 2
    assert pipeline.collect(at=AT + 2 * DAY).batch is None


def test_where_every_inbox_is_away_the_command_could_not_run(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, places.sftp.url())
    places.sftp.stop()
    with pytest.raises(Away, match=r"접속을 받지 않습니다.*그대로입니다"):
        pipeline.collect(at=AT)
    status, _, said = run("collect", "--at", "2022-01-05T10:00")
    assert status == 2
    assert "접속을 받지 않습니다" in said


def wrong_keys(places: Places, tmp_path: Path) -> dict[str, tuple[str, dict[str, Any], list[str]]]:
    """What may be wrong with a connection: URL, connection, and what has to be said of it."""
    sftp, s3 = places.sftp, places.buckets
    other = tmp_path / "other"
    os.system(f"ssh-keygen -q -t ed25519 -N '' -f {other}")  # noqa: S605
    closed = tmp_path / "closed"
    os.system(f"ssh-keygen -q -t ed25519 -N 'p4ssphrase' -f {closed}")  # noqa: S605
    stranger = " ".join(Path(f"{other}.pub").read_text().split()[:2])
    bucket = f"s3://{S3_NAME}@incoming/returns"
    return {
        "key": (sftp.url(), sftp.connection(key_file=str(other)), ["로그인을 받아 주지 않았습니다", "key_file"]),
        "password": (sftp.url(), sftp.connection(key_file="") | {"password": SECRET}, ["로그인을 받아 주지 않았습니다"]),
        "passphrase": (sftp.url(), sftp.connection(key_file=str(closed)), ["암호가 걸려 있습니다", "private_key_passphrase"]),
        "no key file": (sftp.url(), sftp.connection(key_file="/no/such/key"), ["읽을 수 없습니다"]),
        "unknown host": (sftp.url(), sftp.connection(host_key="", no_host_key_check=True), ["호스트 키를 모르는 서버", "SHA256:", "known_hosts", sftp.host_key]),
        "other host": (sftp.url(), sftp.connection(host_key=stranger), ["호스트 키"]),
        "no host": (sftp.url(), sftp.connection() | {"host": "no-such-host.invalid"}, ["이름을 찾을 수 없습니다"]),
        "folder": (sftp.url("/없음"), sftp.connection(), ["그런 폴더가 없습니다"]),
        "bucket": (f"s3://{S3_NAME}@elsewhere/returns", s3.connection(), ["그런 버킷이 없습니다"]),
        "endpoint": (bucket, s3.connection(endpoint_url="http://127.0.0.1:9"), ["서버에 닿지 않습니다"]),
        "broken": (bucket, s3.connection() | {"extra": "{not json"}, ["읽을 수 없습니다"]),
    }  # fmt: skip


CASES = ("key", "password", "passphrase", "no key file", "unknown host", "other host", "no host",
         "folder", "bucket", "endpoint", "broken")  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_told_with_a_remedy_and_no_secret(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    url, connection, words = wrong_keys(places, tmp_path)[case]
    connect(monkeypatch, S3_NAME if url.startswith("s3") else SFTP_NAME, connection)
    use(monkeypatch, str(places.local), url)
    (places.local / "가온과.xlsx").write_bytes(places.content("D01", "1-1", 40))
    before = places.sftp.state(), places.buckets.state("incoming")
    done = pipeline.collect(at=AT)
    assert done.accepted == 1
    (line,) = done.not_taken
    assert all(word in line for word in words), line
    assert SECRET not in line
    assert "p4ssphrase" not in line
    records = [one for one in examine(seconds=60) if one.title == "접수함"]
    assert [(one.name, one.state) for one in records] == [("inbox", "good"), ("inbox:2", "broken")]
    assert all(word in records[1].said + records[1].remedy for word in words)
    assert (places.sftp.state(), places.buckets.state("incoming")) == before


def test_a_wrong_secret_of_a_bucket_is_told(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moto asks for no key; what a server says that does is put in its place."""
    from botocore.exceptions import ClientError
    from s3fs.errors import translate_boto_error

    from etl.storage.buckets import BucketFiles

    store = storage.opened(f"s3://{S3_NAME}@incoming/returns")
    files: BucketFiles = store.filesystem
    for code in ("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"):
        answer = {"Error": {"Code": code, "Message": "no"}}
        error = translate_boto_error(ClientError(answer, "ListObjectsV2"))
        assert "열쇠를 받아 주지 않았습니다" in str(files.told(error))
    denied = translate_boto_error(ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject"))
    assert files.told(denied) is denied  # of one file, not of all


def test_a_connection_that_nobody_knows_and_a_password_in_an_address(places: Places) -> None:
    with pytest.raises(UsageError, match=r"연결 nobody를 찾을 수 없습니다.*AIRFLOW_CONN_NOBODY"):
        storage.opened("sftp://nobody@/incoming")
    with pytest.raises(UsageError, match="비밀번호가 적혀 있습니다") as told:
        storage.opened("sftp://me:hunter2@host/incoming")
    assert "hunter2" not in str(told.value)
    with pytest.raises(UsageError, match="연결의 이름이 없습니다"):
        storage.opened("sftp://host/incoming")
    with pytest.raises(UsageError, match="쓸 수 없습니다"):
        storage.opened("gs://bucket/x")


def test_a_host_is_known_by_the_file_of_the_home(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(monkeypatch, SFTP_NAME, places.sftp.connection(host_key=""))
    storage.forget(places.sftp.url())
    with pytest.raises(GongyakError) as told:
        inbox.inbox_arrivals([places.sftp.url()])
    # The line that the message offers is the one that is wanted.
    line = told.value.next_step.rpartition("적으십시오: ")[2]
    (places.home / "known_hosts").write_text(f"{line}\n")
    assert inbox.inbox_arrivals([places.sftp.url()]) == ([], [])


def test_a_connection_may_be_a_uri(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    from urllib.parse import quote, urlencode

    known = places.sftp.connection()
    extra = urlencode(known["extra"])
    monkeypatch.setenv(
        f"AIRFLOW_CONN_{SFTP_NAME.upper()}",
        f"sftp://{quote(known['login'])}@127.0.0.1:{places.sftp.port}/?{extra}",
    )
    storage.forget(places.sftp.url())
    assert inbox.inbox_arrivals([places.sftp.url()]) == ([], [])


def test_names_of_windows_and_links_by_sftp(places: Places) -> None:
    raw = os.path.join(os.fsencode(places.sftp.files), "가온과_제출.xlsx".encode("cp949"))
    Path(os.fsdecode(raw)).write_bytes(places.content("D01", "1-1", 40))
    (places.sftp.files / "바로가기.xlsx").symlink_to("/etc/passwd")
    (places.sftp.files / "고리").symlink_to(places.sftp.files)
    done = pipeline.collect(at=AT)
    assert done.accepted == 1
    assert sorted(line.partition(":")[0] for line in done.not_taken) == ["고리", "바로가기.xlsx"]
    assert {one.file_name for one in pipeline.status("2021Q4", GOVERNMENT) if one.file_name} == {
        "가온과_제출.xlsx"
    }
    assert pipeline.collect(at=AT + DAY).batch is None


def test_a_file_that_is_too_large_is_not_read(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGYAK_FILE_LIMIT_MB", "1")
    settings.cache_clear()
    (places.sftp.files / "a.bin").write_bytes(bytes(1024 * 1024 + 1))
    places.put_object("returns/b.bin", bytes(1024 * 1024 + 1))
    monkeypatch.setattr(
        "etl.storage.sftp.SftpFiles._open", lambda *_a, **_k: pytest.fail("it was opened")
    )
    assert [line.partition(":")[2] for line in pipeline.collect(at=AT).not_taken] == [
        " 1MB로 한도 1MB를 넘어 읽지 않았습니다"
    ] * 2


def test_a_hundred_looks_are_one_login_and_no_thread_is_left(places: Places) -> None:
    inbox.inbox_arrivals()
    logins = len((places.sftp.folder / "log").read_text())
    sessions, threads = _sessions(places.sftp), _threads()
    for _ in range(100):
        inbox.inbox_arrivals()
    assert _threads() <= threads
    assert _sessions(places.sftp) == sessions
    assert len((places.sftp.folder / "log").read_text()) == logins
    places.sftp.stop()
    for _ in range(20):
        with suppress(GongyakError):
            inbox.inbox_arrivals([places.sftp.url()])
    assert _threads() <= threads


def _threads() -> int:
    """Count the threads of this process but those in which the buckets' server answers."""
    return sum("process_request" not in thread.name for thread in threading.enumerate())


def _sessions(server: SftpServer) -> int:
    import psutil

    assert server.process is not None
    return len(psutil.Process(server.process.pid).children())


@pytest.mark.parametrize("where", ["s3", "sftp"])
def test_a_backup_elsewhere_comes_back(
    places: Places, where: str, server: Path, tmp_path: Path
) -> None:
    (places.local / "가온과.xlsx").write_bytes(places.content("D01", "1-1", 40))
    assert pipeline.collect(at=AT).accepted == 1
    url = f"s3://{S3_NAME}@incoming/kept" if where == "s3" else places.sftp.url("/백업")
    first = pipeline.back_up(url, at=AT)
    assert (first.place, first.archived) == (url, first.copied)
    assert pipeline.back_up(url, at=AT + DAY).copied == 0
    kept = pipeline.status("2021Q4", GOVERNMENT)
    with fresh_home(server, tmp_path / "new"):
        pipeline.restore(url, None)
        assert pipeline.status("2021Q4", GOVERNMENT) == kept
    storage.forget(url)


def test_a_backup_that_cannot_be_reached_is_one_line(places: Places) -> None:
    places.sftp.stop()
    status, _, said = run("backup", places.sftp.url("/백업"))
    assert status == 2
    assert "접속을 받지 않습니다" in said
    status, _, said = run("backup", "s3://nobody@kept/backups")
    assert status == 2
    assert "연결 nobody를 찾을 수 없습니다" in said


PLACE = st.one_of(
    st.from_regex(r"/[a-z가-힣]{1,5}( [a-z가-힣]{1,5}){0,2}", fullmatch=True),
    st.from_regex(
        r"(sftp|s3|memory)://[a-z]{1,5}@[a-z]{0,5}(/[a-z가-힣]{1,5}){0,2}", fullmatch=True
    ),
)


@given(
    st.lists(PLACE, min_size=1, max_size=4, unique=True), st.sampled_from(["\n", "\n\n", " \n "])
)
@hypothesis_settings(deadline=None)
def test_inboxes_are_read_as_they_were_said(said: list[str], between: str) -> None:
    assert Settings(inbox_url=between.join(said)).inboxes == said
    if not any(" " in one for one in said):
        assert Settings(inbox_url=" ".join(said)).inboxes == said


@given(
    st.sampled_from(["sftp", "s3"]),
    st.from_regex(r"[a-z_0-9]{0,6}", fullmatch=True),
    st.from_regex(r"[a-z.]{0,8}", fullmatch=True),
    st.none() | st.integers(1, 65535),
    st.text("가나/a #?@%", max_size=8).map(lambda text: f"/{text}"),
)
@hypothesis_settings(deadline=None)
def test_an_address_is_what_was_put_together(
    scheme: str, connection: str, host: str, port: int | None, path: str
) -> None:
    at, number = f"{connection}@" if connection else "", f":{port}" if port else ""
    url = f"{scheme}://{at}{host}{number}{path}"
    if storage.without_password(url) != url:
        return  # it may hold a password, and is refused
    told = address_of(url)
    assert (told.scheme, told.connection, told.host) == (scheme, connection, host)
    assert (told.port, told.path) == (port, path)
