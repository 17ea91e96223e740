"""The site's data: `data/` holds the newest release's JSON, and which releases there are."""

import json
from collections.abc import Mapping
from typing import Any

from etl.site.releases import FROZEN, Government, Release

FOLDER = "data"


def data_files(government: Government, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of `data/`: a copy of each file of the newest release, and the index.

    An address that the newest release does not fill is not there; where none holds, none is.
    """
    newest = government.newest
    folder = f"{newest.folder}/{FROZEN}" if newest else None
    copied = {
        f"{FOLDER}/{path.removeprefix(folder)}": content
        for path, content in sorted(files.items())
        if folder and path.startswith(folder)
    }
    index = json.dumps(_index(government), ensure_ascii=False, indent=1) + "\n"
    return {**copied, f"{FOLDER}/index.json": index.encode()}


def _index(government: Government) -> dict[str, Any]:
    return {
        "government_id": government.id,
        "government_name": government.name,
        "newest": government.newest and _named(government.newest),
        "releases": [_listed(release) for release in reversed(government.releases)],
    }


def _named(release: Release) -> dict[str, Any]:
    return {"quarter_id": release.quarter_id, "revision": release.revision}


def _listed(release: Release) -> dict[str, Any]:
    """Return one release: `state` is current, replaced or retracted; addresses from `data/`."""
    retraction = release.retraction
    state = "current" if release.holds else "retracted" if retraction else "replaced"
    return {
        **_named(release),
        "state": state,
        "as_of_date": release.day or None,
        "decided_on": release.decided_on or None,
        "retracted_on": retraction.day if retraction else None,
        "retraction_reason": retraction.reason if retraction else None,
        "files": {
            name.removeprefix(FROZEN).removesuffix(".json"): f"../{release.folder}/{name}"
            for name in release.files
            if name.startswith(FROZEN)
        },
    }
