"""Makes a seed from a text file, an HTML file or a web address: what `storywatch seed add` does, without its options.

Reads and fetches; writes nothing (extractors/seeds.py writes the file).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from extractors.articles import extract_article
from extractors.errors import BadUrl, SettingsError
from extractors.fingerprints import seed_fingerprint
from extractors.pages import page_of
from extractors.records import Article, Seed
from extractors.urls import canonical_url, host_of
from flows.extracting import NOWHERE, fetched_page
from flows.world import World

# Below this a fingerprint holds too few shingles to tell a copy from a shared quotation.
MIN_WORDS = 60
SLUG_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the person said about the seed; None: take it from the page."""

    slug: str | None = None
    title: str | None = None
    url: str | None = None
    outlet: str | None = None
    published: str | None = None
    language: str | None = None
    facts: Sequence[str] = ()


def seed_and_text_from(source: str, given: Given, world: World) -> tuple[Seed, str]:
    """A seed from `source`, a file's path or a web address, and its text, for who wants to keep it.

    Raises InputError, FetchError or PageError.
    """
    if re.match(r"https?://", source, re.IGNORECASE):
        article = fetched_article(source, world)
    else:
        article = read_article(Path(source), given, world.clock())
    if article.word_count < MIN_WORDS:
        raise SettingsError(
            "FILE|URL",
            source,
            f"has {article.word_count} words of text; a seed needs at least {MIN_WORDS}",
            "the command line",
        )
    published_at, precision = article.published_at, article.published_precision
    if given.published is not None:
        published_at, precision = time_of(given.published)
    title = given.title or article.title
    seed = Seed(
        slug=_slug(given.slug or title),
        title=title,
        url=given.url or article.final_url,
        outlet=given.outlet or host_of(given.url or article.final_url),
        language=given.language or article.language or _needed("--language"),
        published_at=published_at,
        published_precision=precision,
        facts=tuple(given.facts),
        fingerprint=seed_fingerprint(article.text),
    )
    return seed, article.text


def fetched_article(url: str, world: World) -> Article:
    """The article at an address, asked for now. Raises NetworkUnreachable, StorywatchError or PageError."""
    return extract_article(fetched_page(url, world))


def read_article(path: Path, given: Given, now: datetime) -> Article:
    """The article in a text or HTML file. Raises SettingsError or PageError."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise SettingsError("FILE", str(path), f"can't be read: {error.strerror}", "the command line") from None
    url = given.url or _needed("--url")
    try:
        canonical_url(url)
    except BadUrl as error:
        raise SettingsError("--url", url, error.detail, "the command line") from None
    if path.suffix.lower() in (".html", ".htm") or body.lstrip()[:1] == b"<":
        return extract_article(page_of(body, url, now))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SettingsError("FILE", str(path), f"is not UTF-8 text: {error}", "the command line") from None
    first_line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return Article(
        url=canonical_url(url),
        entry_url=url,
        final_url=url,
        outlet=host_of(url),
        title=given.title or first_line,
        text=text,
        word_count=len(text.split()),
        fetched_at=now,
        first_seen_at=now,
    )


def article_of_html(body: bytes) -> Article:
    """The main content of an HTML file, for who has no address for it. Raises PageError."""
    return extract_article(page_of(body, NOWHERE, datetime.now(UTC)))


def time_of(text: str) -> tuple[datetime, str]:
    """A time as people write it, with its precision. Raises SettingsError."""
    try:
        if len(text) == len("2025-10-16"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC), "day"
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        allowed = "an ISO 8601 date, or a time with its zone, such as 2025-10-16 or 2025-10-16T18:30Z"
        raise SettingsError("--published", text, allowed, "the command line")
    return moment.astimezone(UTC), "second"


def _slug(title: str) -> str:
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:SLUG_LENGTH].strip("-")
    return slug or _needed("--slug")


def _needed(option: str) -> str:
    raise SettingsError(option, None, "is needed here: it can't be told from the page", "the command line")
