"""A loopback archive: 60 days of some outlets, with a sitemap index and a sitemap per day, and pages on the story
planted among others. All of it is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tests.fakeweb import FakeWeb

FIRST_DAY = date(2025, 10, 14)
DAYS = 60
HOSTS = ("lantern.example", "quayside.example", "hilltop.example")
ON_STORY = (
    "Donald Trump and Vladimir Putin agreed on the telephone to meet in Budapest. The Kremlin said that the summit in "
    "the Hungarian capital would be prepared by both foreign ministers, and Viktor Orban offered to be its host."
)
OFF_STORY = (
    "The town council of {host} voted for a new tram line to the harbour. Work on the rails will begin in the spring, "
    "and the bridge over the canal stays open to bicycles meanwhile, as the mayor told the local paper."
)


@dataclass(frozen=True, slots=True)
class Planted:
    """A page of the archive."""

    url: str
    day: date
    title: str
    body: str
    on_story: bool


def days(count: int = DAYS) -> list[date]:
    """The days of the archive."""
    return [FIRST_DAY + timedelta(days=number) for number in range(count)]


def pages(count: int = DAYS) -> Iterator[Planted]:
    """Two pages on the story a day, each at another outlet in turn, and one beside it at every outlet."""
    for number, day in enumerate(days(count)):
        for extra in range(2):
            host = HOSTS[(number + extra) % len(HOSTS)]
            title = f"Trump and Putin plan Budapest summit, day {number} part {extra}"
            body = " ".join(f"{ON_STORY} Paragraph {part} of report {number}-{extra} at {host}." for part in range(3))
            yield Planted(
                f"http://{host}/{day:%Y/%m/%d}/summit-{number}-{extra}", day, title, unique(body, title), True
            )
        for host in HOSTS:
            title = f"A tram line for the harbour, number {number}"
            body = OFF_STORY.format(host=host)
            yield Planted(f"http://{host}/{day:%Y/%m/%d}/tram-{number}", day, title, body, False)


def unique(body: str, title: str) -> str:
    """Words that no other page has, so that pages are no copies of one another."""
    words = [f"{title.split()[-3]}x{title.split()[-1]}w{number * 7919 % 9973}" for number in range(120)]
    return body + " " + " ".join(words)


def documents(count: int = DAYS) -> dict[str, str]:
    """Address -> body of everything in the archive."""
    every = list(pages(count))
    found = {page.url: _html(page) for page in every}
    for host in HOSTS:
        named = [f"http://{host}/sitemaps/{day:%Y-%m-%d}.xml" for day in days(count)]
        index = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in named)
        found[f"http://{host}/sitemap.xml"] = f"<sitemapindex>{index}</sitemapindex>"
        for day, url in zip(days(count), named, strict=True):
            mine = [page for page in every if page.day == day and page.url.startswith(f"http://{host}/")]
            found[url] = f"<urlset>{''.join(map(_listed, mine))}</urlset>"
    return found


def _listed(page: Planted) -> str:
    news = f"<news><publication_date>{page.day}</publication_date><title>{page.title}</title></news>"
    return f"<url><loc>{page.url}</loc>{news}</url>"


def _html(page: Planted) -> str:
    paragraphs = "".join(f"<p>{sentence}.</p>" for sentence in page.body.split(". "))
    article = f"<article><h1>{page.title}</h1>{paragraphs}</article>"
    return f"<html><head><title>{page.title}</title></head><body>{article}</body></html>"


def content_type(url: str) -> dict[str, str]:
    """The header that goes with a document."""
    return {"Content-Type": "application/xml" if url.endswith(".xml") else "text/html; charset=utf-8"}


def serve(web: FakeWeb, count: int = DAYS) -> None:
    """Put the archive on the web."""
    for url, body in documents(count).items():
        web.serve(url, body, headers=content_type(url))


def write_feeds(folder: Path) -> Path:
    """A feeds.toml that names the sitemap indexes of the archive."""
    feeds = folder / "feeds.toml"
    named = (f'[[feed]]\nname = "{h}, archive"\nurl = "http://{h}/sitemap.xml"\nkind = "sitemap"\n' for h in HOSTS)
    feeds.write_text("".join(named))
    return feeds
