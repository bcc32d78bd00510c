"""The real feeds and pages of STORYWATCH_TESTDATA, served on 127.0.0.1 under their own addresses.

Each page answers at its address (over https with a throw-away CA), a sitemap lists them all, each feed has an address
of its own; whatever else a feed links to is 404. Nothing is copied: the files are read where they lie.
"""

from __future__ import annotations

import gzip
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from extractors.urls import canonical_url
from tests.fakeweb import FakeWeb

FEEDS_HOST = "feeds.example"
SITEMAP_URL = f"http://{FEEDS_HOST}/news-sitemap.xml"
TYPES = {".json": "application/feed+json", ".atom": "application/atom+xml"}
# A story that holds everything.
EVERYTHING = """
name = "Everything"
slug = "everything"

[window]
opens = 1980-01-01

[score]
half_points = 1.0
core = 0.0
related = 0.0
neighbour_share = 0.0

[group.nothing]
weight = 0.0
[group.nothing.stems]
en = ["nothing of the kind"]

[[combination]]
name = "everything"
all = ["*"]

[[gate]]
name = "everything"
all = ["*"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealWeb:
    """What is served: the addresses of the pages, one per distinct page, and of the feeds."""

    page_urls: tuple[str, ...]
    feed_urls: tuple[str, ...]

    def write_feeds(self, path: Path) -> Path:
        """A feeds.toml that names the sitemap and every feed."""
        urls = (SITEMAP_URL, *self.feed_urls)
        path.write_text("".join(f'[[feed]]\nname = "{url}"\nurl = "{url}"\n\n' for url in urls), "utf-8")
        return path


def serve_real(web: FakeWeb, testdata: Path) -> RealWeb:
    """Let `web` serve all of it. Ask it for a resolver afterwards: only then does it listen for https."""
    web.ca  # noqa: B018 (starts it)
    rows = [json.loads(line) for line in (testdata / "pages" / "truth.jsonl").read_text("utf-8").splitlines()]
    distinct = {canonical_url(row["url"]): row for row in reversed(rows)}
    for row in distinct.values():
        body = gzip.decompress((testdata / "pages" / row["file"]).read_bytes())
        web.serve(_plain(row["url"]), body, headers={"Content-Type": "text/html"})
    web.serve(SITEMAP_URL, _sitemap([row["url"] for row in distinct.values()]), etag='"sitemap"')
    feed_urls = []
    with tarfile.open(testdata / "feeds" / "real-feeds.tar.gz") as archive:
        for member in archive.getmembers():
            if member.isfile() and (opened := archive.extractfile(member)):
                name = Path(member.name).name
                url = f"http://{FEEDS_HOST}/{name}"
                web.serve(url, opened.read(), headers={"Content-Type": TYPES.get(Path(name).suffix, "text/xml")})
                feed_urls.append(url)
    return RealWeb(page_urls=tuple(row["url"] for row in distinct.values()), feed_urls=tuple(sorted(feed_urls)))


def _plain(url: str) -> str:
    """The address without what a client never sends."""
    return url.partition("#")[0]


def _sitemap(urls: list[str]) -> str:
    items = "".join(f"<url><loc>{escape(url)}</loc></url>\n" for url in urls)
    return f'<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{items}</urlset>\n'
