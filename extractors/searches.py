"""The story's queries -> addresses that news searches answer with a feed. Pure; asks nobody.

    story.toml [[query]] + feeds.toml [search] engines --this--> Feed --polling--> Response --feeds.py--> Entries

What is asked for live is the last days of coverage; with `since` and `until` any time (backfill), where the engine
takes dates. Which languages an engine knows is search_editions.py; what the answers look like is feeds.py and gdelt.py.

Parameters, with where they are written down:
- Google News (RSS; not documented by Google): q with `when:2d`, `after:` and `before:` by the day; hl, gl and ceid
  must fit one another, or the answer is a consent page.
  https://newscatcherapi.com/blog/google-news-rss-search-parameters-the-missing-documentaiton
- Bing News (RSS): format=rss, setlang, setmkt, cc. No dates: `qft` knows "last hour" to "last month" alone.
  https://learn.microsoft.com/en-us/bing/search-apis/bing-news-search/reference/query-parameters
- GDELT DOC 2.0: https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/ ; at most 250 articles, times in UTC to the
  second, one request in 5 seconds. It searches the English translation that it makes of 65 languages; searching in
  other languages was ended (https://blog.gdeltproject.org/updates-doc-2-0-api/). So one English query finds all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import quote, urlencode

from extractors.records import Feed, FeedKind
from extractors.search_editions import BING_MARKETS, GDELT_LANGUAGES, GOOGLE_EDITIONS

# Seconds between two polls of a search. Each language is an address of its own at the same few hosts, hence slower
# than feeds of outlets.
SEARCH_INTERVAL_SECONDS = 1800.0
# What a live search looks back: enough for a machine that was off for a day. Google shows some 100 articles at most,
# the best first, so that a longer window would hide what is new.
GOOGLE_LIVE = "2d"
GDELT_LIVE = "1d"
GDELT_HOST = "api.gdeltproject.org"
GDELT_MAX_RECORDS = 250


class Engine(StrEnum):
    """A news search that answers with a feed."""

    GOOGLE_NEWS = "google-news"
    BING_NEWS = "bing-news"
    GDELT = "gdelt"


NAMES = {Engine.GOOGLE_NEWS: "Google News", Engine.BING_NEWS: "Bing News", Engine.GDELT: "GDELT"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to ask a news search for: a row of story.toml."""

    language: str  # BCP 47
    text: str  # words that all must occur
    country: str | None = None  # ISO 3166, two letters: whose edition; None: the language's first one


def search_url(engine: Engine, query: Query, *, since: datetime | None = None, until: datetime | None = None) -> str:
    """The address at which `engine` answers `query`: for the last days, or for [since, until) in aware UTC.

    Google takes whole days: `since` is brought down to its day, `until` up to the end of its day. Raises ValueError if
    the engine has no edition for the query's language or country (see `asked_of`), if it takes no dates (Bing), for
    `until` without `since`, or for a query that is no text.
    """
    if any("\ud800" <= char <= "\udfff" for char in query.text):
        raise ValueError(f"the query {query.text!r} holds half a character (a lone surrogate)")
    if until is not None and (since is None or until <= since):
        raise ValueError(f"until {until} needs a since before it, not {since}")
    if engine is Engine.GOOGLE_NEWS:
        return _google(query, since, until)
    if engine is Engine.BING_NEWS:
        if since is not None:
            raise ValueError("Bing News takes no dates")
        return _bing(query)
    return _gdelt(query, since, until)


def asked_of(engine: Engine, queries: Sequence[Query]) -> tuple[Query, ...]:
    """Those of the queries that the engine can be asked: it has an edition for them, or, GDELT, they are in English."""
    if engine is Engine.GDELT:
        return tuple(query for query in queries if _primary(query) == "en")
    editions = _google_country if engine is Engine.GOOGLE_NEWS else _bing_country
    return tuple(query for query in queries if editions(query) is not None)


def search_feeds(
    queries: Sequence[Query], engines: Sequence[Engine], interval_seconds: float = SEARCH_INTERVAL_SECONDS
) -> tuple[Feed, ...]:
    """A feed for each engine and each query that it can be asked, the engines in their order."""
    feeds: dict[str, Feed] = {}
    named: Counter[str] = Counter()
    for engine in engines:
        for query in asked_of(engine, queries):
            url = search_url(engine, query)
            if url in feeds:
                continue
            name = _name(engine, query)
            named[name] += 1
            feeds[url] = Feed(
                url=url,
                name=name if named[name] == 1 else f"{name} ({named[name]})",
                language=None if engine is Engine.GDELT else query.language,
                kind=FeedKind.GDELT if engine is Engine.GDELT else FeedKind.RSS,
                interval_seconds=interval_seconds,
                is_search=True,
            )
    return tuple(feeds.values())


def _name(engine: Engine, query: Query) -> str:
    if engine is Engine.GDELT:
        return f"{NAMES[engine]}, all languages"
    return f"{NAMES[engine]}, {query.language}" + (f" in {query.country}" if query.country else "")


def _primary(query: Query) -> str:
    return query.language.partition("-")[0]


def _google_country(query: Query) -> str | None:
    """The country of the edition to ask; None if Google has none for the query."""
    countries = [country for language, country in GOOGLE_EDITIONS if language == _primary(query)]
    return _chosen(query, countries)


def _bing_country(query: Query) -> str | None:
    return _chosen(query, BING_MARKETS.get(_primary(query), ()))


def _chosen(query: Query, countries: Sequence[str]) -> str | None:
    region = query.country or query.language.partition("-")[2]
    if query.country is None and region not in countries:
        region = countries[0] if countries else ""
    return region if region in countries else None


def _google(query: Query, since: datetime | None, until: datetime | None) -> str:
    country = _google_country(query)
    if country is None:
        raise ValueError(f"Google News has no edition in {query.language} for {query.country or 'any country'}")
    words = [query.text]
    if since is None:
        words.append(f"when:{GOOGLE_LIVE}")
    else:
        words.append(f"after:{since.astimezone(UTC):%Y-%m-%d}")
    if until is not None:
        words.append(f"before:{_day_after(until.astimezone(UTC)):%Y-%m-%d}")
    hl, ceid = GOOGLE_EDITIONS[_primary(query), country]
    return "https://news.google.com/rss/search?" + _encoded(q=" ".join(words), hl=hl, gl=country, ceid=ceid)


def _bing(query: Query) -> str:
    country = _bing_country(query)
    if country is None:
        raise ValueError(f"Bing News has no market in {query.language} for {query.country or 'any country'}")
    language = _primary(query)
    return "https://www.bing.com/news/search?" + _encoded(
        q=query.text, format="rss", setlang=language, setmkt=f"{language}-{country}", cc=country
    )


def _gdelt(query: Query, since: datetime | None, until: datetime | None) -> str:
    words = query.text
    if _primary(query) != "en":
        if _primary(query) not in GDELT_LANGUAGES:
            raise ValueError(f"GDELT has no language {query.language}")
        words += f" sourcelang:{GDELT_LANGUAGES[_primary(query)][0]}"
    window = {"timespan": GDELT_LIVE} if since is None else gdelt_window(since, until)
    return f"https://{GDELT_HOST}/api/v2/doc/doc?" + _encoded(
        query=words,
        mode="artlist",
        format="json",
        maxrecords=str(GDELT_MAX_RECORDS),
        sort="datedesc",
        **window,
    )


def gdelt_window(since: datetime, until: datetime | None) -> dict[str, str]:
    """The parameters of GDELT for a window of time in aware UTC; `until` None: up to now."""
    window = {"startdatetime": f"{since.astimezone(UTC):%Y%m%d%H%M%S}"}
    if until is not None:
        window["enddatetime"] = f"{until.astimezone(UTC):%Y%m%d%H%M%S}"
    return window


def _day_after(until: datetime) -> datetime:
    """The first midnight not before `until`: `before:` leaves out the day that it names."""
    midnight = datetime.combine(until.date(), time(), tzinfo=UTC)
    return midnight if until == midnight else midnight + timedelta(days=1)


def _encoded(**parameters: str) -> str:
    return urlencode(parameters, quote_via=quote, safe=":")
