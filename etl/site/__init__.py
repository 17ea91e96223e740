"""The static site of one government: a pure function of what its releases froze.

`site` takes the bytes of their files and gives the bytes of every page and data file. It knows no
database and no clock, so whoever publishes next writes the whole of it, byte for byte alike.
"""

from collections.abc import Iterable, Mapping

from etl.site.data import data_files
from etl.site.feed import feed
from etl.site.pages import pages
from etl.site.releases import is_read, read_government

FOLDERS = ("pledges", "fields", "departments", "quarters", "changes", "data")
"""The folders of a government that are the site's own."""
INDEX = "index.html"
FILES = (INDEX, "quarters.html", "method.html", "data.html", "en.html", "feed.xml")
"""Its files that lie beside them; whatever else lies there is somebody else's."""


def site(government_id: str, files: Mapping[str, bytes], names: Iterable[str]) -> dict[str, bytes]:
    """Return every file of the site by its path, the start page last.

    `files` are those of the releases that `is_read` names, `names` the paths of all that lie there,
    both below the government's folder. Raises SystemFault for a file that cannot be read.
    """
    government = read_government(government_id, files, [*names])
    made = {**data_files(government, files), "feed.xml": feed(government), **pages(government)}
    return {path: made[path] for path in (*(p for p in made if p != INDEX), INDEX)}


def is_own(path: str) -> bool:
    """Tell whether a file below the government's folder is one of the site's."""
    return path in FILES or path.partition("/")[0] in FOLDERS


__all__ = ("is_own", "is_read", "site")
