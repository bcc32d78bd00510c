"""The bundled replay: is its content what it says, and does its server serve it so? No pipeline here."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import itertools
import json
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import urlsplit

import aiohttp
import feedparser
import pytest
import trafilatura

from extractors.records import REASONS, FeedKind, Outcome, Relevance
from flows.replay import render
from flows.replay.server import ADDRESS, ReplayServer
from flows.replay.site import MOMENTS, OUTLETS_FOLDER, Outlet, ReplayArticle, expected, feeds, load_site, moment_of

SITE = load_site()
PAGES = [article for article in SITE.articles if article.serves == "page"]
LAST = MOMENTS[-1]
INDEPENDENT_CONTAINMENT = 0.15  # share of word 3-grams; independent reports of one event stay below
COPY_CONTAINMENT = 0.45  # and copies lie above


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def containment(part: ReplayArticle, whole: ReplayArticle) -> float:
    return len(shingles(part.text) & shingles(whole.text)) / len(shingles(part.text))


class PageText(HTMLParser):
    """What a page shows (chrome and all), and its JSON-LD."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.json_ld: list[str] = []
        self._unseen = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._unseen = dict(attrs).get("type") or tag

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._unseen = ""

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.shown.append(data)
        elif self._unseen == "application/ld+json":
            self.json_ld.append(data)


def read_page(article: ReplayArticle) -> PageText:
    parser = PageText()
    parser.feed(render.page(SITE, article, LAST).decode(SITE.outlet(article.outlet).charset))
    parser.close()
    return parser


def at(path: str) -> ReplayArticle:
    return SITE.article(path)


def original_of(article: ReplayArticle) -> ReplayArticle:
    """The article that a copy is made from, for copies of a seed the seed's own."""
    assert article.expected is not None
    of = article.expected.of
    assert of is not None
    if of.startswith("seed:"):
        return next(a for a in SITE.articles if a.seed is not None and a.seed.slug == of.removeprefix("seed:"))
    return at(of)


def wanting(outcome: str, reason: str) -> list[ReplayArticle]:
    return [a for a in SITE.articles if a.expected and (a.expected.outcome, a.expected.reason) == (outcome, reason)]


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    with ReplayServer(SITE, moment=LAST) as running:
        yield running
    assert running.faults == []


def get(
    server: ReplayServer, url: str, headers: dict[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, bytes]:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(ADDRESS, server.port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": parts.netloc, **(headers or {})})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def feed_links(outlet: Outlet, body: bytes) -> list[str]:
    """Every link of a feed, absolute, in order, read by an independent parser."""
    form = outlet.feeds[0]
    if form.format == "json":
        return [item["url"] for item in json.loads(body)["items"]]
    if form.format == "sitemap":
        tree = ElementTree.fromstring(body)
        return [str(loc.text) for loc in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    document = feedparser.parse(
        BytesIO(body.decode(errors="replace").encode()),
        response_headers={
            "content-type": f"{render.FEED_TYPES[form.format].partition(';')[0]}; charset=utf-8",
            "content-location": outlet.url(form.path),
        },
    )
    assert not document.bozo, document.get("bozo_exception")
    return [entry.link for entry in document.entries]


# -- the content ---------------------------------------------------------------------------------------------------


def test_ten_outlets_have_hosts_and_designs_of_their_own() -> None:
    hosts = [outlet.host for outlet in SITE.outlets]
    templates = {(OUTLETS_FOLDER / outlet.slug / "page.html.jinja").read_text("utf-8") for outlet in SITE.outlets}
    assert len(hosts) == len(set(hosts)) == len(templates) == 10
    assert all(host.endswith(".example") for host in hosts)
    assert {outlet.language for outlet in SITE.outlets} == {"en", "hu", "ru", "de", "fr", "uk"}


def test_every_feed_format_is_there_and_feeds_are_unique() -> None:
    formats = Counter(form.format for outlet in SITE.outlets for form in outlet.feeds if form.status == 200)
    assert set(formats) == {"rss", "atom", "json", "sitemap"}
    assert formats["rss"] > 3
    assert len({feed.url for feed in feeds()}) == len(feeds()) == sum(formats.values()) + 1
    assert {FeedKind.AUTO, FeedKind.JSON, FeedKind.SITEMAP} <= {feed.kind for feed in feeds()}


def test_each_listed_url_expects_one_outcome_that_its_reason_belongs_to() -> None:
    rows = expected()
    assert len(rows) == len({row.url for row in rows}) == sum(article.listed for article in SITE.articles)
    for row in rows:
        assert REASONS[row.reason] is row.outcome
        assert row.outcome is not Outcome.PENDING
        assert row.moment in MOMENTS
    assert all((article.expected is None) != article.listed for article in SITE.articles)


def test_relevance_is_expected_exactly_of_what_is_scored() -> None:
    for row in expected():
        if row.outcome is Outcome.LOADED:
            assert row.relevance in (Relevance.CORE, Relevance.RELATED), row.url
        elif row.reason == "score":
            assert row.relevance is Relevance.OFF
        else:
            assert row.relevance is None, row.url


def test_every_kind_of_fate_is_in_the_replay() -> None:
    fates = {(row.outcome.value, row.reason) for row in expected()}
    assert fates == {
        *(("loaded", verdict) for verdict in ("exact", "near", "independent")),
        *(("duplicate_url", reason) for reason in ("same_canonical", "redirect")),
        *(("off_story", reason) for reason in ("gate", "score")),
        ("not_article", "unsupported_type"),
        ("gone", "http_gone"),
        ("refused", "robots"),
    }


def test_enough_independent_reports_for_the_coverage_view() -> None:
    reports = wanting("loaded", "independent")
    assert len(reports) >= 18
    assert {SITE.outlet(article.outlet).language for article in reports} == {"en", "hu", "ru", "de", "fr", "uk"}


def test_something_of_the_story_appears_at_each_moment() -> None:
    assert {row.moment for row in expected() if row.outcome is Outcome.LOADED} == set(MOMENTS)
    assert all(article.published <= LAST for article in SITE.articles)


def test_two_articles_are_marked_as_seeds_with_facts_in_other_words() -> None:
    seeds = [article for article in SITE.articles if article.seed is not None]
    assert len(seeds) == 2
    for article in seeds:
        assert article.seed is not None
        assert article.expected is not None
        assert article.expected.of == f"seed:{article.seed.slug}"
        assert article.expected.reason == "exact"
        assert 4 <= len(article.seed.facts) <= 6
        told = set().union(*(shingles(fact) for fact in article.seed.facts))
        assert len(told & shingles(article.text)) < INDEPENDENT_CONTAINMENT * len(told)


def test_copies_name_an_original_that_came_before_them() -> None:
    for article in SITE.articles:
        if article.expected is not None and article.expected.of is not None:
            original = original_of(article)
            assert original.serves == "page"
            assert original.published <= article.published
            assert article.seed is not None or original.key != article.key


def test_an_exact_copy_has_the_text_of_its_original_at_another_outlet() -> None:
    copies = [article for article in wanting("loaded", "exact") if article.seed is None]
    assert len(copies) == 1
    for copy in copies:
        assert copy.text == original_of(copy).text
        assert copy.outlet != original_of(copy).outlet


def test_near_copies_share_most_of_the_smaller_text_but_are_not_equal() -> None:
    copies = wanting("loaded", "near")
    assert len(copies) == 3
    for copy in copies:
        original = original_of(copy)
        assert copy.text != original.text
        assert copy.outlet != original.outlet
        assert max(containment(copy, original), containment(original, copy)) > COPY_CONTAINMENT
        assert len(shingles(copy.text) & shingles(original.text)) >= 20


def test_the_truncated_copy_is_the_beginning_of_its_original() -> None:
    copy = at("tiszapart/orban-putyin-telefon")
    original = original_of(copy)
    assert original.text.startswith(copy.text)
    assert len(copy.paragraphs) < len(original.paragraphs)
    assert len(copy.text.split()) >= 60


def test_the_syndicated_copy_has_a_headline_of_its_own() -> None:
    copy = at("morning-relay/long-way-round")
    assert original_of(copy).text in copy.text
    assert not shingles(copy.headline) & shingles(original_of(copy).headline)


def test_independent_texts_share_nearly_nothing() -> None:
    copies = {article.key for article in wanting("loaded", "near") + wanting("loaded", "exact") if article.seed is None}
    independent = [article for article in PAGES if article.key not in copies]
    for one, other in itertools.permutations(independent, 2):
        assert containment(one, other) < INDEPENDENT_CONTAINMENT, (one.key, other.key)


def test_articles_read_like_news_not_like_stubs() -> None:
    short = {"tiszapart/orban-putyin-telefon", "harbour-wire/subscribers-note"}  # the truncated copy; never fetched
    for article in PAGES:
        if article.key not in short:
            assert 5 <= len(article.paragraphs) <= 12, article.key
            assert 140 <= len(re.findall(r"\w+", article.text)) <= 350, article.key


def test_the_cancellation_stands_at_the_outlet_that_announced() -> None:
    announced, cancelled = (
        at("danube-courier/hungary-told-to-expect-guests"),
        at("danube-courier/guests-are-not-coming"),
    )
    assert (moment_of(announced), moment_of(cancelled)) == (MOMENTS[0], MOMENTS[2])


# -- pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("article", PAGES, ids=lambda article: article.key)
def test_a_page_parses_and_holds_its_body_among_other_things(article: ReplayArticle) -> None:
    words = " ".join(" ".join(read_page(article).shown).split())
    for paragraph in article.paragraphs:
        assert paragraph in words
    assert article.headline in words
    assert len(words) > len(article.text) + 250  # navigation, boxes, footer


@pytest.mark.parametrize("article", PAGES, ids=lambda article: article.key)
def test_an_extractor_can_tell_the_body_from_the_rest(article: ReplayArticle) -> None:
    text: str = trafilatura.extract(render.page(SITE, article, LAST), include_comments=False) or ""
    wanted, found = Counter(re.findall(r"\w+", article.text)), Counter(re.findall(r"\w+", text))
    assert (wanted & found).total() >= 0.9 * wanted.total()
    assert (found - wanted).total() <= 40  # a headline and a standfirst at most
    assert not set(text.splitlines()) & {other.headline for other in PAGES if other.key != article.key}


def test_metadata_differs_between_designs() -> None:
    carries: dict[str, set[str]] = {}
    for outlet in SITE.outlets:
        template = (OUTLETS_FOLDER / outlet.slug / "page.html.jinja").read_text("utf-8")
        for sign in ("ld+json", "og:title", "<time", 'rel="canonical"'):
            if sign in template:
                carries.setdefault(sign, set()).add(outlet.slug)
    assert all(1 <= len(outlets) < len(SITE.outlets) for outlets in carries.values())
    assert len(carries) == 4
    assert {outlet.slug for outlet in SITE.outlets} - set().union(*carries.values()) == {"nevskaya-hronika"}


def test_json_ld_is_valid_json_that_tells_headline_and_date() -> None:
    seen = 0
    for article in PAGES:
        for script in read_page(article).json_ld:
            document = json.loads(script)
            news = next(node for node in document.get("@graph", [document]) if "NewsArticle" in node["@type"])
            assert news["headline"] == article.headline
            assert datetime.fromisoformat(news["datePublished"]) == article.published
            seen += 1
    assert seen > 10


def test_rendering_is_pure() -> None:
    for outlet in SITE.outlets:
        assert render.feed(SITE, outlet, outlet.feeds[0], LAST) == render.feed(SITE, outlet, outlet.feeds[0], LAST)
    assert render.page(SITE, PAGES[0], LAST) == render.page(SITE, PAGES[0], LAST)


def test_the_pdf_has_cross_references_that_point_at_its_objects() -> None:
    document = render.pdf(at("danube-courier/briefing-paper"))
    start = int(document.rsplit(b"startxref", 1)[1].split()[0])
    assert document[start:].startswith(b"xref")
    offsets = [int(line.split()[0]) for line in document[start:].splitlines() if line.endswith(b" n ")]
    assert [document[offset:].split()[0] for offset in offsets] == [b"1", b"2", b"3", b"4", b"5"]


# -- served --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outlet", SITE.outlets, ids=lambda outlet: outlet.slug)
def test_a_feed_shows_what_is_expected_of_it_at_each_moment(server: ReplayServer, outlet: Outlet) -> None:
    for moment in MOMENTS:
        server.moment = moment
        status, _, body = get(server, outlet.url(outlet.feeds[0].path))
        links = feed_links(outlet, body)
        assert status == 200
        assert len(links) == len(set(links)) > 0
        assert set(links) == {
            row.url for row in expected() if row.moment <= moment and urlsplit(row.url).netloc == outlet.host
        }


def test_what_a_page_is_expected_to_be_is_how_the_server_answers(server: ReplayServer) -> None:
    for row in expected():
        status, headers, body = get(server, row.url)
        if row.reason == "http_gone":
            assert status == 404
        elif row.reason == "unsupported_type":
            assert (status, headers["Content-Type"], body[:5]) == (200, "application/pdf", b"%PDF-")
        elif row.reason == "redirect":
            assert (status, headers["Location"]) == (301, row.of)
        else:
            assert status in (200, 301)


def test_a_redirect_may_lead_to_an_article_that_no_feed_lists(server: ReplayServer) -> None:
    link, target = at("lequai/vol-de-nuit-lien"), at("lequai/vol-de-nuit")
    status, headers, _ = get(server, SITE.url(link))
    assert (status, headers["Location"]) == (301, target.path)
    assert not target.listed
    assert target.paragraphs[0].encode() in get(server, SITE.url(target))[2].replace(b"&#39;", b"'")


def test_an_alias_is_the_same_page_under_tracking_parameters(server: ReplayServer) -> None:
    alias, original = (
        at("atlantic-ledger/zelensky-leaves-tracked"),
        at("atlantic-ledger/zelensky-leaves-without-missiles"),
    )
    assert urlsplit(alias.path).path == original.path
    assert urlsplit(alias.path).query.startswith("utm_")
    assert get(server, SITE.url(alias))[2] == get(server, SITE.url(original))[2]
    links = feed_links(
        SITE.outlet("atlantic-ledger"), get(server, "http://atlantic-ledger.example/feeds/world.atom")[2]
    )
    assert links.index(SITE.url(original)) < links.index(SITE.url(alias))


def test_what_is_published_later_does_not_exist_yet(server: ReplayServer) -> None:
    article = at("danube-courier/guests-are-not-coming")
    server.moment = article.published - timedelta(seconds=1)
    assert get(server, SITE.url(article))[0] == 404
    assert article.headline.encode() not in get(server, "http://www.danube-courier.example/rss.xml")[2]
    server.moment = article.published
    assert get(server, SITE.url(article))[0] == 200
    assert article.headline.encode() in get(server, "http://www.danube-courier.example/rss.xml")[2]


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        ReplayServer(SITE, moment=datetime(2025, 10, 16))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("slug", "validator", "condition"),
    [
        ("danube-courier", "ETag", "If-None-Match"),
        ("rheinblick", "ETag", "If-None-Match"),
        ("morning-relay", "ETag", "If-None-Match"),
        ("lequai", "Last-Modified", "If-Modified-Since"),
    ],
)
def test_a_validator_brings_304_until_the_feed_changes(
    server: ReplayServer, slug: str, validator: str, condition: str
) -> None:
    url = SITE.outlet(slug).url(SITE.outlet(slug).feeds[0].path)
    server.moment = MOMENTS[0]
    first = get(server, url)[1][validator]
    status, headers, body = get(server, url, {condition: first})
    assert (status, body, headers[validator]) == (304, b"", first)
    server.moment = LAST
    assert get(server, url, {condition: first})[0] == 200
    assert [asked.conditional for asked in server.log] == [False, True, True]


def test_the_demo_meets_304_with_both_validators_between_its_moments(server: ReplayServer) -> None:
    for slug, validator, before, after in (("rheinblick", "ETag", 0, 1), ("lequai", "Last-Modified", 1, 2)):
        url = SITE.outlet(slug).url(SITE.outlet(slug).feeds[0].path)
        server.moment = MOMENTS[before]
        value = get(server, url)[1][validator]
        server.moment = MOMENTS[after]
        assert get(server, url, {"If-None-Match" if validator == "ETag" else "If-Modified-Since": value})[0] == 304


def test_a_date_that_cannot_be_read_is_no_condition(server: ReplayServer) -> None:
    assert get(server, "http://www.lequai.example/une.atom", {"If-Modified-Since": "yesterday"})[0] == 200


def test_last_modified_is_the_time_of_the_newest_entry(server: ReplayServer) -> None:
    stamp = get(server, "http://www.lequai.example/une.atom")[1]["Last-Modified"]
    newest = max(a.published for a in SITE.articles if a.outlet == "lequai" and a.listed)
    assert stamp.endswith("GMT")
    assert parsedate_to_datetime(stamp) == newest


def test_one_feed_is_dead(server: ReplayServer) -> None:
    answers = {feed.url: get(server, feed.url)[0] for feed in feeds()}
    assert Counter(answers.values()) == {200: 10, 404: 1}


def test_one_byte_of_one_feed_is_no_utf8(server: ReplayServer) -> None:
    broken = []
    for outlet in SITE.outlets:
        body = get(server, outlet.url(outlet.feeds[0].path))[2]
        try:
            body.decode()
        except UnicodeDecodeError as error:
            broken.append((outlet.slug, body[error.start : error.end]))
            assert body.decode(errors="replace").count("�") == 1
    assert broken == [("lequai", b"\xe9")]


def test_dates_are_missing_and_absurd_in_the_feed_but_not_in_the_files(server: ReplayServer) -> None:
    nevskaya = get(server, "http://nevskaya-hronika.example/export/rss.xml")[2]
    rheinblick = get(server, "http://www.rheinblick.example/index.rss")[2]
    visnyk = get(server, "http://dnipro-visnyk.example/rss")[2]
    assert b"<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>" in nevskaya
    assert b"+9999</pubDate>" in rheinblick
    assert visnyk.count(b"<item>") == visnyk.count(b"<pubDate>") + 1
    assert all(article.published > datetime(2025, 10, 14, tzinfo=UTC) for article in SITE.articles)


def test_feed_links_may_be_relative(server: ReplayServer) -> None:
    body = get(server, "http://www.lequai.example/une.atom")[2]
    assert b'href="/monde/rendez-vous-hongrois"' in body


def test_robots_forbids_the_one_page_that_is_expected_refused(server: ReplayServer) -> None:
    (refused,) = wanting("refused", "robots")
    assert refused.path.startswith("/subscribers/")
    status, headers, body = get(server, SITE.outlet(refused.outlet).url("/robots.txt"))
    assert (status, headers.get_content_type()) == (200, "text/plain")
    assert b"Disallow: /subscribers/" in body.splitlines()
    assert get(server, "http://dnipro-visnyk.example/robots.txt")[0] == 404
    assert all("Crawl-delay" not in (outlet.robots or "") for outlet in SITE.outlets)  # the demo has seconds


def test_charsets_are_named_in_the_header_by_some_only(server: ReplayServer) -> None:
    charsets = {}
    for article in PAGES:
        _, headers, body = get(server, SITE.url(article))
        charsets[article.outlet] = headers.get_content_charset()
        body.decode(SITE.outlet(article.outlet).charset)
    assert charsets["nevskaya-hronika"] == "windows-1251"
    assert charsets["atlantic-ledger"] is None
    assert charsets["danube-courier"] == "utf-8"


def test_gzip_is_used_where_the_outlet_has_it_and_the_client_takes_it(server: ReplayServer) -> None:
    compressed = set()
    for outlet in SITE.outlets:
        url = outlet.url(outlet.feeds[0].path)
        plain = get(server, url)
        _, headers, body = get(server, url, {"Accept-Encoding": "gzip, deflate"})
        assert "Content-Encoding" not in plain[1]
        assert int(headers["Content-Length"]) == len(body)
        if headers["Content-Encoding"] == "gzip":
            compressed.add(outlet.slug)
            assert gzip.decompress(body) == plain[2]
    assert compressed == {"atlantic-ledger", "rheinblick"}


def test_a_connection_is_kept_and_a_foreign_host_is_refused(server: ReplayServer) -> None:
    connection = http.client.HTTPConnection(ADDRESS, server.port, timeout=10)
    statuses = []
    for host in ("morning-relay.example", "www.lequai.example:80", "elsewhere.example"):
        connection.request("GET", "/robots.txt", headers={"Host": host})
        response = connection.getresponse()
        response.read()
        statuses.append((response.version, response.status))
    connection.close()
    assert statuses == [(11, 200), (11, 200), (11, 421)]
    assert [asked.host for asked in server.log] == ["morning-relay.example", "www.lequai.example", "elsewhere.example"]


def test_it_is_quiet_and_closes_at_once_with_clients_still_connected(capfd: pytest.CaptureFixture[str]) -> None:
    with ReplayServer(SITE) as running:
        clients = [http.client.HTTPConnection(ADDRESS, running.port, timeout=10) for _ in range(5)]
        for client in clients:
            client.request("GET", "/rss", headers={"Host": "dnipro-visnyk.example"})
            client.getresponse().read()
        began = time.monotonic()
    assert time.monotonic() - began < 1.0
    for client in clients:
        client.close()
    with pytest.raises(RuntimeError, match="not running"):
        _ = running.port
    assert capfd.readouterr() == ("", "")


# -- the way there -------------------------------------------------------------------------------------------------


def test_the_resolver_leads_a_real_client_to_the_replay_and_nowhere_else(server: ReplayServer) -> None:
    async def fetch() -> tuple[int, str, str]:
        resolver = server.resolver()
        assert resolver.allowed == frozenset({(ADDRESS, server.port)})
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=resolver)) as session:
            async with session.get("http://atlantic-ledger.example/feeds/world.atom") as response:
                status, text = response.status, await response.text()
            with pytest.raises(aiohttp.ClientConnectorDNSError) as caught:
                await session.get("http://www.example.org/")
            return status, text, str(caught.value)

    status, text, refusal = asyncio.run(fetch())
    assert status == 200
    assert "The Atlantic Ledger" in text
    assert "no host of the replay" in refusal
    assert [(asked.host, asked.status) for asked in server.log] == [("atlantic-ledger.example", 200)]


def test_the_replay_imports_neither_prefect_nor_duckdb_nor_the_pipe() -> None:
    code = (
        "import sys, flows.replay.server\n"
        "names = ('prefect', 'duckdb', 'trafilatura', 'feedparser', 'warehouse')\n"
        "print([name for name in names if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout.strip() == "[]"
