"""extractors/feeds.py and what it stands on: feeds of every dialect, and what is none."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import tarfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.dates import Moment, moment
from extractors.errors import NotAFeed, SeedFileError
from extractors.feed_items import FeedChild
from extractors.feeds import FeedDocument, load_feeds, parse_feed
from extractors.plaintext import clean_text, plain_text, shortened
from extractors.records import Entry, Feed, FeedKind, Response
from extractors.sitemaps import sitemap

NOW = datetime(2025, 10, 20, 12, 0, tzinfo=UTC)
FEED = Feed(url="https://lantern.example/rss", name="Lantern")
HEAD = '<?xml version="1.0"?><rss version="2.0"><channel><title>The Lantern</title>'
TAIL = "</channel></rss>"


def response(body: bytes | str, content_type: str = "application/rss+xml", url: str = FEED.url) -> Response:
    written = body.encode() if isinstance(body, str) else body
    return Response(
        url=url,
        final_url=url,
        status=200,
        headers={"content-type": content_type},
        body=written,
        fetched_at=NOW,
        elapsed_seconds=0.1,
        wire_bytes=len(written),
    )


def parsed(body: bytes | str, content_type: str = "application/rss+xml", feed: Feed = FEED) -> FeedDocument:
    return parse_feed(response(body, content_type), feed, now=NOW)


def rss(items: str) -> str:
    return HEAD + items + TAIL


def item(inner: str = "", link: str = "https://lantern.example/a") -> str:
    return f"<item><title>Talks</title><link>{link}</link>{inner}</item>"


def only_entry(body: bytes | str, content_type: str = "application/rss+xml", feed: Feed = FEED) -> Entry:
    (entry,) = parsed(body, content_type, feed).entries
    return entry


# -- dialects -------------------------------------------------------------------------------------------------------


def test_an_rss_item_becomes_an_entry() -> None:
    body = rss(
        "<language>en-gb</language>"
        "<item><title>Ferry &amp;amp; bridge &lt;b&gt;closed&lt;/b&gt;</title><link>/a?utm_source=rss&amp;id=7</link>"
        "<description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</description><guid>g-1</guid>"
        "<pubDate>Thu, 16 Oct 2025 21:05:09 +0200</pubDate></item>"
    )
    document = parsed(body)
    assert (document.kind, document.title, document.skipped) == (FeedKind.RSS, "The Lantern", 0)
    assert document.entries == (
        Entry(
            url="https://lantern.example/a?utm_source=rss&id=7",
            canonical_url="https://lantern.example/a?id=7",
            feed_url=FEED.url,
            outlet="lantern.example",
            first_seen_at=NOW,
            title="Ferry & bridge closed",
            summary="One. Two.",
            guid="g-1",
            language="en-gb",
            published_at=datetime(2025, 10, 16, 19, 5, 9, tzinfo=UTC),
            published_precision="second",
            published_raw="Thu, 16 Oct 2025 21:05:09 +0200",
        ),
    )


def test_an_atom_entry_is_read_against_its_xml_base_and_its_plain_title_is_left_as_it_is() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://beacon.example/news/"><title>Beacon</title>'
        '<entry><title type="text">5 &lt; 7 &lt;b&gt;</title><link href="one"/><id>tag:beacon.example,2025:1</id>'
        "<published>2025-10-16T10:00:00Z</published><content type='html'>&lt;i&gt;Body&lt;/i&gt;</content>"
        "</entry></feed>"
    )
    document = parsed(body)
    (entry,) = document.entries
    assert document.kind is FeedKind.ATOM
    assert (entry.url, entry.title, entry.summary) == ("https://beacon.example/news/one", "5 < 7 <b>", "Body")


def test_rdf_is_read() -> None:
    body = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Tide</title></channel>'
        "<item><title>Ebb</title><link>https://tide.example/1</link><dc:date>2025-10-16</dc:date></item></rdf:RDF>"
    )
    entry = only_entry(body)
    assert (entry.title, entry.published_precision) == ("Ebb", "day")


def test_a_json_feed_is_read() -> None:
    body = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Quay", "language": "hu", "items": ['
        '{"id": "1", "url": "/egy", "title": "Elmarad", "content_html": "<p>A &eacute;s B</p>",'
        ' "date_published": "2025-10-16T10:00:00+02:00"}, {"id": "2"}, 7]}'
    )
    document = parsed(body, "application/feed+json")
    (entry,) = document.entries
    assert (document.kind, document.skipped) == (FeedKind.JSON, 2)
    assert (entry.url, entry.title, entry.summary, entry.language) == (
        "https://lantern.example/egy",
        "Elmarad",
        "A és B",
        "hu",
    )


SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">'
    "<url><loc>https://lantern.example/a</loc><lastmod>2025-10-17</lastmod><n:news>"
    "<n:publication><n:name>Lantern</n:name>"
    "<n:language>de</n:language></n:publication><n:publication_date>2025-10-16T09:00+02:00</n:publication_date>"
    "<n:title>Gipfel &amp;amp; Absage</n:title></n:news></url>"
    "<url><loc>https://lantern.example/b</loc><lastmod>2025-10-17</lastmod></url></urlset>"
)


def test_a_news_sitemap_is_read_and_a_page_s_last_change_is_no_date_of_publication() -> None:
    document = parsed(SITEMAP, "text/xml")
    first, second = document.entries
    assert document.kind is FeedKind.SITEMAP
    assert (first.title, first.language, first.published_precision) == ("Gipfel & Absage", "de", "minute")
    assert first.published_at == datetime(2025, 10, 16, 7, 0, tzinfo=UTC)
    assert (second.title, second.published_at) == ("", None)


def test_an_index_says_when_its_sitemaps_changed_and_each_counts_once() -> None:
    body = (
        "<sitemapindex><sitemap><loc>/2025-10.xml</loc><lastmod>2025-10-17T08:00:00+02:00</lastmod></sitemap>"
        "<sitemap><loc>/2025-09.xml</loc><lastmod>soon</lastmod></sitemap>"
        "<sitemap><loc>/2025-10.xml</loc><lastmod>2020-01-01</lastmod></sitemap></sitemapindex>"
    )
    assert parsed(body).children == (
        FeedChild(url="https://lantern.example/2025-10.xml", modified_at=datetime(2025, 10, 17, 6, tzinfo=UTC)),
        FeedChild(url="https://lantern.example/2025-09.xml"),
    )


def test_a_sitemaps_lastmod_is_kept_and_is_no_date_of_publication() -> None:
    body = b"<urlset><url><loc>https://lantern.example/a</loc><lastmod>2025-10-17</lastmod></url></urlset>"
    [item], _ = sitemap(body, FEED.url, NOW)
    assert (item.modified, item.published) == (Moment(datetime(2025, 10, 17, tzinfo=UTC), "day"), None)
    [entry] = parsed(body).entries
    assert (entry.published_at, entry.published_raw) == (None, None)


def test_an_item_of_google_news_is_its_outlets_without_its_name_behind_the_headline() -> None:
    def item(title: str, source: str = '<source url="https://www.lamp.example">The Lamp</source>') -> Entry:
        link = "https://news.google.com/rss/articles/CBMiWmh0dHBz?oc=5"
        description = "&lt;a href='x'&gt;Fire on the ferry&lt;/a&gt; &lt;font&gt;The Lamp&lt;/font&gt;"
        written = (
            f"<item><title>{title}</title><link>{link}</link><description>{description}</description>{source}</item>"
        )
        [entry] = parsed(HEAD + written + TAIL).entries
        return entry

    entry = item("Fire on the ferry - off Port Vey - The Lamp")
    assert (entry.title, entry.summary, entry.outlet) == ("Fire on the ferry - off Port Vey", "", "lamp.example")
    assert entry.url.startswith("https://news.google.com/")
    assert item("Fire - The Lantern").title == "Fire - The Lantern"
    assert item("Fire - The Lamp", source="").outlet == "news.google.com"
    assert item("Fire", source='<source url="nowhere">The Lamp</source>').title == "Fire"


def test_the_source_of_any_other_feeds_item_does_not_hide_its_link() -> None:
    written = (
        "<item><title>Fire - The Lamp</title><link>https://lantern.example/a</link><description>Why</description>"
        '<source url="https://feeds.lamp.example/rss">The Lamp</source></item>'
    )
    [entry] = parsed(HEAD + written + TAIL).entries
    assert (entry.title, entry.summary, entry.outlet) == ("Fire - The Lamp", "Why", "lantern.example")


def test_a_packed_sitemap_is_opened() -> None:
    assert len(parsed(gzip.compress(SITEMAP.encode()), "application/gzip").entries) == 2


def test_a_sitemap_index_names_its_children() -> None:
    body = (
        "<sitemapindex><sitemap><loc>/news-1.xml</loc></sitemap><sitemap><loc>ftp://x/</loc></sitemap></sitemapindex>"
    )
    document = parsed(body)
    assert document.children == (FeedChild(url="https://lantern.example/news-1.xml"),)
    assert document.entries == ()


def test_an_empty_feed_is_a_feed() -> None:
    assert parsed(rss("")).entries == ()


# -- links ----------------------------------------------------------------------------------------------------------


def test_the_address_behind_feedburner_comes_first() -> None:
    origin = '<f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">https://lantern.example/own</f:origLink>'
    assert only_entry(rss(item(origin, "https://burner.example/~r/1"))).url == "https://lantern.example/own"


def test_a_guid_that_is_no_address_never_becomes_one() -> None:
    document = parsed(rss("<item><title>x</title><guid>g-1</guid></item>"))
    assert (document.entries, document.skipped) == ((), 1)


def test_a_permanent_guid_stands_in_for_a_missing_link() -> None:
    assert only_entry(rss("<item><guid>https://lantern.example/g</guid></item>")).url == "https://lantern.example/g"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:desk@lantern.example", "", "https://"])
def test_an_item_without_a_web_address_is_skipped_and_counted(link: str) -> None:
    document = parsed(rss(item(link=link) + item()))
    assert [entry.url for entry in document.entries] == ["https://lantern.example/a"]
    assert document.skipped == 1


def test_a_feed_in_which_no_item_has_an_address_is_a_document_without_entries() -> None:
    document = parsed(rss("<item><title>one</title></item><item><title>two</title></item>"))
    assert (document.entries, document.skipped) == ((), 2)


def test_an_address_that_comes_twice_is_one_entry() -> None:
    assert len(parsed(rss(item() + item())).entries) == 1


def test_the_feed_s_own_outlet_and_language_go_before_the_document_s() -> None:
    feed = Feed(url=FEED.url, name="Lantern", outlet="lantern.test", language="uk")
    entry = only_entry(rss("<language>en</language>" + item()), feed=feed)
    assert (entry.outlet, entry.language) == ("lantern.test", "uk")


# -- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        "-0001-10-16T00:00:00Z",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "Thu, 16 Oct 2025 12:00:00 +9999",
        "2025-10-16T12:00:00+99:99",
        "Thu, 16 Oct 2099 12:00:00 GMT",
        "1970-01-01T00:00:00Z",
        "2025-02-31",
        "2025",
        "yesterday",
    ],
)
def test_an_absurd_date_is_no_date_and_its_words_are_kept(raw: str) -> None:
    entry = only_entry(rss(item(f"<pubDate>{raw}</pubDate>")))
    assert (entry.published_at, entry.published_precision, entry.published_raw) == (None, None, raw)


def test_an_absent_date_stays_absent() -> None:
    entry = only_entry(rss(item()))
    assert (entry.published_at, entry.published_raw) == (None, None)


@pytest.mark.parametrize(
    ("raw", "instant", "precision"),
    [
        ("Thu, 16 Oct 2025 12:00:00 MSK", "2025-10-16T09:00:00+00:00", "second"),
        ("Thu, 16 Oct 2025 12:00 EST", "2025-10-16T17:00:00+00:00", "minute"),
        ("16 Oct 2025", "2025-10-16T00:00:00+00:00", "day"),
        ("2025. 10. 16. 12:30", "2025-10-16T12:30:00+00:00", "minute"),
        ("20251016T120000Z", "2025-10-16T12:00:00+00:00", "second"),
        ("Thu,16 Oct 2025 4:35:5 GMT+9", "2025-10-15T19:35:05+00:00", "second"),
    ],
)
def test_a_date_keeps_its_zone_and_its_precision(raw: str, instant: str, precision: str) -> None:
    found = moment(raw, NOW)
    assert found is not None
    assert (found.at.isoformat(), found.precision) == (instant, precision)


FIRST, LAST = datetime(1991, 1, 1), datetime(2025, 10, 1)  # noqa: DTZ001 (hypothesis adds the zone)
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(FIRST, LAST, timezones=OFFSETS))
def test_an_instant_in_iso_8601_comes_back_as_written(instant: datetime) -> None:
    written = instant.replace(microsecond=0)
    found = moment(written.isoformat(), NOW)
    assert found is not None
    assert found.at == written


# -- encodings and characters ---------------------------------------------------------------------------------------

CYRILLIC = "Встречу в Будапеште отменили, сообщает издание «Фонарь»"


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", "text/xml"),
        ("utf-8", "text/xml; charset=iso-8859-1"),
        ("cp1251", "text/xml; charset=windows-1251"),
        ("utf-16", "text/xml"),
        ("utf-16-le", "text/xml"),
        ("cp1251", "text/xml"),
        ("cp1251", "text/xml; charset=iso-8859-1"),
    ],
)
def test_the_text_is_right_whatever_is_declared(encoding: str, content_type: str) -> None:
    body = rss(f"<item><title>{CYRILLIC}</title><link>https://lantern.example/a</link></item>" * 2)
    assert only_entry(body.encode(encoding), content_type).title == CYRILLIC


def test_the_encoding_of_the_xml_declaration_is_used() -> None:
    body = f'<?xml version="1.0" encoding="koi8-r"?><rss><channel><item><title>{CYRILLIC}</title><link>/a</link></item>'
    assert only_entry(body.encode("koi8-r", "replace")).title.startswith("Встречу в Будапеште")


def test_one_bad_byte_spoils_one_character() -> None:
    body = rss(f"<item><title>{CYRILLIC}@</title><link>/a</link></item>").encode().replace(b"@", b"\xff")
    assert only_entry(body).title == f"{CYRILLIC}\ufffd"


@pytest.mark.parametrize("reference", ["&#xD800;", "&#x110000;", "&#0;", "&#99999999999999999999;", "&amp;#xD800;"])
def test_a_reference_to_no_character_spoils_neither_its_entry_nor_the_others(reference: str) -> None:
    document = parsed(rss(item(f"<description>x{reference}y</description>") + item(link="https://lantern.example/b")))
    assert len(document.entries) == 2
    assert re.fullmatch("x\ufffd?y", document.entries[0].summary)


@given(st.text())
def test_clean_text_is_storable_and_clean(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert "\x00" not in cleaned.encode().decode()


@given(st.text(alphabet="ab<>/&;#xp \"'=!-\n", max_size=60))
def test_plain_text_of_any_markup_is_one_line(markup: str) -> None:
    assert "\n" not in plain_text(markup)


def test_a_long_summary_is_cut_between_words() -> None:
    assert shortened("one two three four", 12) == "one two…"
    assert len(only_entry(rss(item(f"<description>{'word ' * 3000}</description>"))).summary) <= 2000


# -- hostile bodies -------------------------------------------------------------------------------------------------

HOSTILE = {
    "attributes": rss("<x " + " ".join(f'a{n}="1"' for n in range(45_000)) + "/>" + item()),
    "broken attributes": rss("<x " + 'a="1" ' * 85_000 + item()),
    "comments": rss("<!--" * 125_000 + item()),
    "tags that begin": rss("<a" * 250_000 + item()),
    "nesting": rss("<a>" * 165_000 + item()),
    "namespaces": rss(
        "".join(f'<n{n}:x xmlns:n{n}="http://n.test/{n}">' for n in range(9_500))
        + "".join(f"</n{n}:x>" for n in reversed(range(9_500)))
        + item()
    ),
    "declarations": "<!DOCTYPE a [" * 40_000 + rss(item()),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_half_a_megabyte_that_parsers_are_slow_on_ends_within_ten_seconds(name: str) -> None:
    started = time.process_time()
    with contextlib.suppress(NotAFeed):
        parsed(HOSTILE[name])
    assert time.process_time() - started < 10


def test_more_namespaces_at_one_place_than_any_feed_has_are_refused_and_many_apart_are_not() -> None:
    def with_namespaces(count: int, end: str) -> str:
        tags = (f'<n{n}:x xmlns:n{n}="http://n.test/{n}"{end}' for n in range(count))
        return rss("".join(tags) + (item() if end == "/>" else ""))

    assert len(parsed(with_namespaces(201, "/>")).entries) == 1
    with pytest.raises(NotAFeed, match="201 namespaces at one place"):
        parsed(with_namespaces(201, ">"))


@pytest.mark.slow
def test_an_over_long_feed_is_cut_and_what_is_left_out_is_counted() -> None:
    document = parsed(rss("".join(item(link=f"https://lantern.example/{n}") for n in range(10_000))))
    assert 3_000 < len(document.entries) < 10_000
    assert len(document.entries) + document.skipped == 10_000


def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read", encoding="utf-8")
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY s SYSTEM '
        f'"{secret.as_uri()}">]><rss><channel>{item("<description>&b;&s;</description>")}</channel></rss>'
    )
    summary = only_entry(body).summary
    assert "aaaa" not in summary
    assert "do not read" not in summary


@pytest.mark.parametrize("path", ["/etc/hostname", "file:///etc/hostname", "http://127.0.0.1:9/feed"])
def test_a_body_that_is_a_path_opens_nothing(path: str) -> None:
    with pytest.raises(NotAFeed, match="text that begins"):
        parsed(path)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty body"),
        (b" \n", "an empty body"),
        (b"<!DOCTYPE html><html><title>Sign in &amp; read</title></html>", 'an HTML page titled "Sign in & read"'),
        (b"<html><body>x</body></html>", "an HTML page"),
        (b'{"error": 1}', "JSON, but no JSON Feed"),
        (b'{"error": ', "broken JSON"),
        (b'"text"', "JSON"),
        (b"[" * 100_000, "JSON, nested too deeply"),
        (b"%PDF-1.7 x", "a PDF"),
        (gzip.compress(b"<rss/>", mtime=0), "a gzip file"),
        (b"\x1f\x8bxxxxxxxxxxx", "a broken gzip file"),
        (b"\x89PNG\r\n", "an image"),
        (b"<opml version='2.0'/>", "an XML document with the root <opml>"),
        (b"503 Service Unavailable", 'text that begins "503 Service'),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_named(body: bytes, what: str) -> None:
    with pytest.raises(NotAFeed) as caught:
        parsed(body)
    assert caught.value.detail.startswith(what)
    assert caught.value.reason == "not_a_feed"


def test_a_script_s_warning_before_the_feed_does_not_hide_it() -> None:
    assert only_entry("<br />\n<b>Warning</b>: x\n" + rss(item())).title == "Talks"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_are_named(body: bytes) -> None:
    try:
        parsed(body)
    except NotAFeed as error:
        str(error).encode()


# -- the list of feeds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('[[feed]]\nname = "a"\nurl = "ftp://a.example/"\n', 3, "no web address"),
        ('[[feed]]\nname = "a"\nurl = "https://a.example/"\ncolour = "red"\n', 4, "unknown key"),
        ('[[feed]]\nurl = "https://a.example/"\n', 1, "is missing"),
        (
            '[[feed]]\nname = "a"\nurl = "https://a.example/"\nkind = "xml"\n',
            4,
            "allowed: auto, rss, atom, json, sitemap",
        ),
        ('[[feed]]\nname = "a"\nurl = "https://a.example/"\nenabled = 1\n', 4, "must be true or false"),
        ('[[feed]]\nname = "a"\nurl = "https://a.example/"\nlanguage = "english!"\n', 4, "no language tag"),
        ('[[feed]]\nname = "a"\nurl = "https://a.example/"\noutlet = "a.example/x"\n', 4, "a host name alone"),
        (
            '[[feed]]\nname = "a"\nurl = "http://www.a.example/f"\n'
            '[[feed]]\nname = "b"\nurl = "https://a.example/f/"\n',
            6,
            "already there, in line 3",
        ),
        ('[[feeds]]\nname = "a"\n', 1, "unknown key"),
        ("", None, "no feed in it"),
    ],
)
def test_a_mistake_in_the_list_of_feeds_is_named_with_its_line(
    tmp_path: Path, text: str, line: int | None, problem: str
) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SeedFileError) as caught:
        load_feeds(path)
    assert caught.value.line == line
    assert problem in caught.value.problem


def test_the_list_that_ships_is_valid() -> None:
    feeds = load_feeds(Path(__file__).parent.parent / "seeds" / "feeds.toml")
    assert len(feeds) >= 75
    assert {feed.language for feed in feeds} == {"en", "hu", "ru", "uk", "de", "fr"}


# -- real ones ------------------------------------------------------------------------------------------------------


def _archived(name: str) -> Iterator[tuple[str, bytes]]:
    root = os.environ.get("STORYWATCH_TESTDATA")
    if not root:
        pytest.skip("STORYWATCH_TESTDATA is not set")
    with tarfile.open(fileobj=io.BytesIO((Path(root) / "data/feeds" / name).read_bytes())) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                yield member.name, content.read()


def _read_all(name: str) -> dict[str, FeedDocument | NotAFeed]:
    found: dict[str, FeedDocument | NotAFeed] = {}
    for path, body in _archived(name):
        header = re.search(rb"(?i)Header:\s+Content-type:\s*([^\r\n]*)", body)
        try:
            document = parsed(body, header[1].decode("latin-1") if header else "")
        except NotAFeed as error:
            found[path] = error
            continue
        for entry in document.entries:
            text = "".join((entry.url, entry.title, entry.summary, entry.guid or "", entry.published_raw or ""))
            assert "\x00" not in text.encode().decode()
        found[path] = document
    return found


@pytest.mark.real
def test_every_real_feed_is_read() -> None:
    found = _read_all("real-feeds.tar.gz")
    refused = {Path(path).name for path, document in found.items() if isinstance(document, NotAFeed)}
    assert len(found) == 78
    assert all(re.search("FirstEntry|empty", name) for name in refused)  # fragments of pages, and nothing at all
    entries = [entry for document in found.values() if isinstance(document, FeedDocument) for entry in document.entries]
    assert len(entries) >= 800
    assert sum(1 for entry in entries if entry.published_raw and not entry.published_at) == 0


@pytest.mark.parametrize("link", ["https://www.-x.com/a-b", "http://a.example[x/2025/10/16/a", "https://[::1"])
def test_an_item_with_a_hopeless_address_is_skipped_and_the_rest_is_read(link: str) -> None:
    document = parsed(rss(item(link=link) + item()))
    assert [entry.url for entry in document.entries] == ["https://lantern.example/a"]
    assert document.skipped == 1


@pytest.mark.real
def test_every_case_of_feedparser_is_read_or_named() -> None:
    found = _read_all("feedparser-cases.tar.gz")
    assert len(found) >= 2_100
    assert sum(isinstance(document, NotAFeed) for document in found.values()) <= 5


@pytest.mark.real
def test_no_xml_bomb_goes_off() -> None:
    root = os.environ.get("STORYWATCH_TESTDATA")
    if not root:
        pytest.skip("STORYWATCH_TESTDATA is not set")
    paths = sorted((Path(root) / "data/feeds/xml-bombs").iterdir())
    assert len(paths) >= 10
    for path in paths:
        body = path.read_bytes()
        for wrapped in (body, re.sub(rb"<(/?)\w+>", rb"<\1rss>", body), re.sub(rb"<(/?)\w+>", rb"<\1urlset>", body)):
            started = time.process_time()
            with contextlib.suppress(NotAFeed):
                assert parsed(wrapped).entries == ()
            assert time.process_time() - started < 1
