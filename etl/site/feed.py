"""The Atom feed of a government: an entry per release, and that it was taken back."""

import re
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from etl.site.addresses import link, quarter_page
from etl.site.releases import Government, Release

_MOST = 40
# What XML cannot hold, however it is written.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BEFORE_ALL = "2000-01-01T00:00:00+09:00"


def feed(government: Government) -> bytes:
    """Return the feed as XML, the newest release first; the same releases, the same bytes."""
    told = [one for one in reversed(government.releases) if one.facts][:_MOST]
    updated = max(map(_updated, told), default=_BEFORE_ALL)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ko">',
        f"<id>{_id(government.id)}</id>",
        f"<title>{_safe(government.name)} 공약</title>",
        f"<updated>{updated}</updated>",
        f"<author><name>{_safe(government.name)}</name></author>",
        '<link rel="self" href="feed.xml"/>',
        '<link rel="alternate" type="text/html" href="index.html"/>',
        *(_entry(government, release) for release in told),
        "</feed>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _entry(government: Government, release: Release) -> str:
    title = f"{release.name} {release.revision}차 발표"
    summary = f"{release.day} 현재의 공약 이행을 발표했습니다."
    if release.retraction:
        title = f"[철회] {title}"
        summary = f"이 발표는 철회되었습니다. 까닭: {release.retraction.reason}"
    page = link("feed.xml", quarter_page(release.quarter_id))
    return (
        f"<entry><id>{_id(government.id, release.quarter_id, str(release.revision))}</id>"
        f"<title>{_safe(title)}</title><updated>{_updated(release)}</updated>"
        f'<link rel="alternate" type="text/html" href={quoteattr(page)}/>'
        f"<summary>{_safe(summary)}</summary></entry>"
    )


def _id(*parts: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, '/'.join(('gongyak', *parts)))}"


def _updated(release: Release) -> str:
    if release.retraction and release.retraction.day:
        return f"{release.retraction.day}T23:59:59+09:00"
    return str(release.facts.decided_at)


def _safe(text: str) -> str:
    return escape(_NO_XML.sub("", text))
