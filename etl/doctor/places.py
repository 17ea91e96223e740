"""Checks of what lies around the database: settings, home, folders, archive, inbox, backups."""

import os
import shutil
import stat
import sys
from datetime import date
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr

from etl import __version__, archive
from etl.backups import MANIFEST, Place
from etl.doctor.record import Finding, broken, good, remark
from etl.home import BEGUN_RESTORE
from etl.office.pdf import browser_path
from etl.pipeline.backups import missing_of
from etl.pipeline.restore_checks import last_restore_check
from etl.problems import UsageError
from etl.quarter import SEOUL, seoul_now
from etl.settings import SECRETS, Settings, SettingsError, settings
from etl.storage import opened, without_password

_PREFIX = "GONGYAK_"
_GIGABYTE = 1024**3
_LITTLE, _TOO_LITTLE = 2 * _GIGABYTE, _GIGABYTE // 4  # free bytes of a disk
_OLD_BACKUP_DAYS = 2


def versions() -> Finding:
    """Which programs these are."""
    python = ".".join(map(str, sys.version_info[:3]))
    return good(f"gongyak {__version__}, Python {python}, Airflow {version('apache-airflow')}")


def settings_in_effect() -> Finding:
    """What differs from the defaults and where it was said, and names that nobody reads."""
    given = _given()
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(given.keys() - known)
    values = settings()
    told = [
        f"{name}={_shown(getattr(values, name.removeprefix(_PREFIX).lower()))}({given[name]})"
        for name in sorted(given.keys() & known)
    ]
    said = ", ".join(told) or "모두 기본값"
    if not unknown:
        return good(said)
    likely = {name: get_close_matches(name, known, 1) for name in unknown}
    named = ", ".join(
        f"{name}" + (f"({found[0]}의 잘못으로 보임)" if found else "")
        for name, found in likely.items()
    )
    return remark(f"모르는 설정 {named}; 적용된 것: {said}", "이름을 고치거나 지우십시오.")


def _given() -> dict[str, str]:
    """Return where each GONGYAK_ name that has a value was given; the environment comes first."""
    from_secrets = {path.name.upper(): path.name for path in SECRETS.glob("gongyak_*")}
    from_file = {str(name).upper(): value for name, value in dotenv_values(".env").items()}
    from_outside = {name.upper(): value for name, value in os.environ.items()}
    sources = ((from_secrets, "비밀 파일"), (from_file, ".env"), (from_outside, "환경변수"))
    return {
        name: source
        for values, source in sources
        for name, value in values.items()
        if name.startswith(_PREFIX) and value
    }


def _shown(value: object) -> str:
    return "(감춤)" if isinstance(value, SecretStr) else without_password(str(value))


def home() -> Finding:
    """Whose the home is, who may enter it, and the room on its disk."""
    place = settings().home.resolve()
    if not place.exists():
        return remark(f"{place}이(가) 아직 없습니다", "처음 쓰는 명령이 만듭니다.")
    found = place.stat()
    if found.st_uid != os.geteuid():
        return broken(
            f"{place}은(는) 다른 사용자(번호 {found.st_uid})의 것입니다",
            "그 사용자로 실행하거나 GONGYAK_HOME을 다른 곳으로 정하십시오.",
        )
    if (place / BEGUN_RESTORE).exists():
        return broken(
            f"{place}은(는) 백업을 되살리다 만 곳입니다",
            "같은 gongyak restore 명령을 다시 실행하여 끝내십시오.",
        )
    free = shutil.disk_usage(place).free
    mode = stat.S_IMODE(found.st_mode)
    said = f"{place}, 권한 {mode:o}, 남은 디스크 {free / _GIGABYTE:,.1f}GB"
    if free < _TOO_LITTLE or not os.access(place, os.W_OK):
        return broken(said, "쓸 수 있게 하고 디스크에 자리를 만드십시오.")
    if free < _LITTLE:
        return remark(said, "디스크에 자리를 만드십시오.")
    if mode != stat.S_IRWXU:
        return remark(said, "다음 명령이 소유자만 보게(700) 고칩니다.")
    return good(said)


def no_folder(url: str) -> Finding | None:
    """Return what is wrong where a folder should be and a file is."""
    store = opened(url)
    if store.filesystem.isfile(store.root):
        return broken(
            f"{without_password(url)}은(는) 폴더가 아니라 파일입니다",
            "그 파일을 옮기거나 설정의 주소를 고치십시오.",
        )
    return None


def archive_files() -> Finding:
    """Whether the archive can be read, and how much it holds."""
    if wrong := no_folder(settings().archive):
        return wrong
    sizes = archive.places()
    files = [size for place, size in sizes.items() if place.startswith("files/")]
    erased = len(archive.erased())
    megabytes = sum(files) / 1024**2
    return good(
        f"{without_password(settings().archive)}, 파일 {len(files)}개({megabytes:,.1f}MB),"
        f" 일지 {len(sizes) - len(files)}건" + (f", 지운 원본 {erased}개" if erased else "")
    )


def folders() -> Finding:
    """Whether answers and published files can be written, and taken to where all read them."""
    common = settings().common_url
    if common and (wrong := no_folder(common)):
        return wrong
    places = (("outbox", settings().outbox), ("published", settings().published))
    told = [f"{name} {path}" + ("" if path.exists() else "(아직 없음)") for name, path in places]
    closed = [str(path) for _, path in places if _is_closed(path)]
    if closed:
        return broken(
            f"{', '.join(closed)}에 쓸 수 없습니다", "폴더의 소유자와 권한을 확인하십시오."
        )
    return good(", ".join(told) + (f", 함께 두는 곳 {without_password(common)}" if common else ""))


def _is_closed(path: Path) -> bool:
    """Tell whether nothing can be written there: in the folder, or in what it will be made in."""
    place = next((one for one in (path, *path.parents) if one.exists()), path)
    return not (place.is_dir() and os.access(place, os.W_OK | os.X_OK))


def browser() -> Finding:
    """Which browser prints the PDF."""
    try:
        return good(browser_path())
    except SettingsError:  # its own check tells
        raise
    except UsageError as error:
        return remark(error.happened, error.next_step)


def backups() -> Finding:
    """How old the newest backup is, and whether all its parts are there in their size."""
    if wrong := no_folder(settings().backup):
        return wrong
    place = Place(settings().backup)
    days = place.days()
    if not days:
        return remark(f"{place.name}에 백업이 없습니다", "gongyak backup을 실행하십시오.")
    newest = days[-1]
    try:
        manifest = place.manifest(newest)
    except (ValueError, TypeError, KeyError) as error:
        return broken(
            f"{newest} 백업의 목록({MANIFEST})이 온전하지 않습니다: {error}", _BACK_UP_AGAIN
        )
    missing = missing_of(manifest, place.sizes())
    if missing or manifest.lacking:
        return broken(
            f"{newest} 백업에서 {len(missing) + len(manifest.lacking)}개가 없거나 상했습니다:"
            f" {', '.join([*missing, *manifest.lacking][:3])}",
            _BACK_UP_AGAIN,
        )
    age = (seoul_now().astimezone(SEOUL).date() - date.fromisoformat(newest)).days
    said = f"{place.name}, 마지막 {newest}({age}일 전), 온전한 백업의 부분 {len(manifest.parts)}개"
    if checked := last_restore_check():
        said += f", {checked.moment:%Y-%m-%d}에 되살려 봄({checked.day} 백업)"
    if age > _OLD_BACKUP_DAYS:
        return remark(said, "Airflow의 keep_house를 살피거나 gongyak backup을 실행하십시오.")
    inside = Path(place.name).is_relative_to(settings().home.resolve())
    return good(said, "다른 디스크를 GONGYAK_BACKUP_URL로 정하면 더 안전합니다." if inside else "")


_BACK_UP_AGAIN = "gongyak backup을 다시 실행하십시오."
