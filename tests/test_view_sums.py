"""The summing views against sums made in Python, from what their comments say, over a store made by chance."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from extractors.records import REASONS, Article, Judged, Outcome, Relevance, StoryStep, TermHit, VerdictKind
from tests.records_factory import (
    RUN,
    make_article,
    make_decision,
    make_entry,
    make_feed,
    make_feed_state,
    make_judged,
    make_match,
    make_verdict,
)
from warehouse import connect, load
from warehouse.connect import Connection, DataDir

FIRST_DAY = datetime(2025, 10, 24, tzinfo=UTC)  # two days before Budapest's clocks change
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
KINDS = (VerdictKind.INDEPENDENT, VerdictKind.EXACT, VerdictKind.NEAR, VerdictKind.REWRITE)
UNREAD = (Outcome.NOT_ARTICLE, Outcome.GONE, Outcome.REFUSED, Outcome.FAILED, Outcome.LEAD)
STEPS = [
    StoryStep(slug=slug, position=place, happened_at=FIRST_DAY + place * DAY, what=slug, state=None)
    for place, slug in enumerate(("call", "plan", "clocks", "never"), start=1)
]
Rows = list[tuple[Any, ...]]


def chosen_article(chance: random.Random, number: int) -> Article:
    outlet = f"outlet{chance.randrange(6)}.example"
    precision = chance.choice(("day", "minute", "second", None))
    published = FIRST_DAY + timedelta(seconds=chance.randrange(5 * 86_400)) if precision else None
    if published and precision == "day":
        published = published.replace(hour=0, minute=0, second=0)
    url = f"https://{outlet}/{number}"
    return make_article(
        url=url,
        entry_url=url,
        final_url=url,
        outlet=outlet,
        language=chance.choice(("en", "hu", None)),
        published_at=published,
        published_precision=precision,
        published_source="page" if precision else None,
        published_from="meta" if precision else None,
        first_seen_at=(published or FIRST_DAY) + timedelta(seconds=chance.randrange(-4_000, 200_000)),
        text="word " * chance.randrange(1, 50),
    )


def chosen(chance: random.Random, number: int, before: list[str]) -> Judged:
    article = chosen_article(chance, number)
    relevance = chance.choice((Relevance.CORE, Relevance.CORE, Relevance.RELATED, Relevance.OFF))
    found = [(group, field) for group in ("trump", "putin") for field in ("title", "text") if chance.random() < 0.5]
    hits = tuple(TermHit(group=g, field=f, count=chance.randrange(1, 9), places=((0, 3),)) for g, f in found)
    steps = tuple(slug for slug in ("call", "plan") if relevance is Relevance.CORE and chance.random() < 0.3)
    kind = chance.choice(KINDS)
    of = None if kind is VerdictKind.INDEPENDENT else chance.choice([*before, "seed:first-report"])
    measures: dict[str, Any] = {"containment": 0.9, "resemblance": 0.8} if of else {}
    return make_judged(
        article.url,
        article=article,
        match=make_match(relevance, hits=hits, steps=steps),
        verdict=None
        if relevance is Relevance.OFF
        else make_verdict(article_url=article.url, kind=kind, of=of, **measures),
    )


def at_the_change_of_clocks() -> Iterator[Judged]:
    for outlet, published, precision in (("a", 34, "minute"), ("b", 48, "day")):
        url = f"https://{outlet}.example/clocks"
        article = make_article(
            url=url,
            entry_url=url,
            outlet=f"{outlet}.example",
            published_at=FIRST_DAY + timedelta(hours=published),
            published_precision=precision,
            published_source="page",
            published_from="meta",
        )
        match = make_match(steps=("clocks",), hits=())
        yield make_judged(url, article=article, match=match, verdict=make_verdict(article_url=url))


class Store:
    """What was loaded."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self.judged: list[Judged] = []
        for number in range(150):
            stories = [one.article.url for one in self.judged if one.verdict]
            self.judged.append(chosen(chance, number, stories))
        self.judged += at_the_change_of_clocks()
        self.story = [one for one in self.judged if one.verdict]
        articles = [one.article for one in self.judged]
        self.entries = [make_entry(url=a.url, canonical_url=a.url, outlet=a.outlet) for a in articles]
        self.outcome: dict[str, Outcome] = {}
        for number in range(40):
            url = f"https://outlet{chance.randrange(8)}.example/none{number}"
            self.entries.append(make_entry(url=url, canonical_url=url, outlet=url.split("/")[2]))
            if chance.random() < 0.8:
                self.outcome[url] = chance.choice((*UNREAD, Outcome.OFF_STORY))

    def load(self, connection: Connection) -> None:
        load.record_steps(connection, STEPS, RUN)
        load.record_entries(connection, self.entries, RUN)
        reasons = {outcome: reason for reason, outcome in REASONS.items()}
        decisions = [make_decision(url=u, outcome=o, reason=reasons[o]) for u, o in self.outcome.items()]
        load.record_decisions(connection, decisions, RUN)
        load.load_judged(connection, self.judged, RUN)


def day_of(one: Judged) -> datetime:
    shown = one.article.published_at or one.article.first_seen_at
    return shown.replace(hour=0, minute=0, second=0, microsecond=0)


def known_by(one: Judged) -> datetime:
    published = one.article.published_at or NEVER
    return published + DAY if one.article.published_precision == "day" else published


def by_kind(group: list[Judged]) -> list[int]:
    return [sum(one.verdict is not None and one.verdict.kind is kind for one in group) for kind in KINDS]


def languages(group: list[Judged]) -> list[str]:
    return sorted({one.article.language for one in group if one.article.language})


def outlets(group: list[Judged]) -> int:
    return len({one.article.outlet for one in group})


def span(group: list[Judged]) -> list[datetime | None]:
    times = [one.article.published_at for one in group if one.article.published_at]
    return [min(times, default=None), max(times, default=None)]


def grouped(store: Store, key: Callable[[Judged], Any]) -> dict[Any, list[Judged]]:
    groups: dict[Any, list[Judged]] = defaultdict(list)
    for one in store.story:
        groups[key(one)].append(one)
    return groups


def coverage_by_day(store: Store) -> Rows:
    def row(day: datetime, group: list[Judged]) -> tuple[Any, ...]:
        relevance = [sum(one.match.relevance is kind for one in group) for kind in (Relevance.CORE, Relevance.RELATED)]
        undated = sum(one.article.published_at is None for one in group)
        return (day, len(group), *by_kind(group), *relevance, undated, outlets(group), len(languages(group)))

    return sorted(row(day, group) for day, group in grouped(store, day_of).items())


def outlet_summary(store: Store) -> Rows:
    def row(outlet: str, group: list[Judged]) -> tuple[Any, ...]:
        urls = {one.article.url for one in group}
        copied = sum(one.verdict is not None and one.verdict.of in urls for one in store.story)
        waits = [
            (one.article.first_seen_at - one.article.published_at).total_seconds()
            for one in group
            if one.article.published_at and one.article.published_precision != "day"
        ]
        mine = [entry.url for entry in store.entries if entry.outlet == outlet]
        unread = sum(store.outcome.get(url) in UNREAD for url in mine)
        counts = (len(group), *by_kind(group), by_kind(group)[0] / len(group), copied, languages(group), *span(group))
        return (outlet, *counts, median(waits) if waits else None, len(mine), unread)

    found = [row(outlet, group) for outlet, group in grouped(store, lambda one: one.article.outlet).items()]
    return sorted(found, key=lambda row: (-row[2], -row[1], row[0]))


def language_summary(store: Store) -> Rows:
    def row(language: str | None, group: list[Judged]) -> tuple[Any, ...]:
        first = min((a.published_at or NEVER, a.first_seen_at, a.url, a.outlet) for a in (one.article for one in group))
        words = median(one.article.word_count for one in group)
        return (language, len(group), *by_kind(group), outlets(group), words, *span(group), first[3], first[2])

    found = [row(language, group) for language, group in grouped(store, lambda one: one.article.language).items()]
    return sorted(found, key=lambda row: (-row[1], row[0] or "~"))


def mention(store: Store) -> Rows:
    groups: dict[tuple[str, datetime], list[tuple[Judged, TermHit]]] = defaultdict(list)
    for one in store.story:
        for hit in one.match.hits:
            groups[hit.group, day_of(one)].append((one, hit))

    def row(name: str, day: datetime, found: list[tuple[Judged, TermHit]]) -> tuple[Any, ...]:
        articles = list({one.article.url: one for one, _ in found}.values())
        headlines = {one.article.url for one, hit in found if hit.field == "title"}
        mentions = sum(hit.count for _, hit in found)
        return (name, day, mentions, len(articles), by_kind(articles)[0], len(headlines), outlets(articles))

    found = [row(name, day, hits) for (name, day), hits in groups.items()]
    return sorted(found, key=lambda row: (row[1], -row[2], row[0]))


def story_step(store: Store) -> Rows:
    def row(step: StoryStep) -> tuple[Any, ...]:
        group = sorted(
            (one for one in store.story if step.slug in one.match.steps),
            key=lambda one: (known_by(one), one.article.url),
        )
        firsts: dict[str, datetime] = {}
        for one in group:
            firsts.setdefault(one.article.outlet, known_by(one))
        times = list(firsts.values())
        places = (1, (len(times) + 1) // 2 - 1, len(times) - 1) if times else ()
        waits = [times[n] - times[0] if n < len(times) and times[n] < NEVER else None for n in places] or [None] * 3
        first = group[0].article if group else None
        who = (first.outlet, first.url, first.title, first.published_at) if first else (None,) * 4
        counts = (len(group), len(firsts), len(languages(group)))
        seconds = [None if wait is None else int(wait.total_seconds()) for wait in waits]
        return (step.slug, step.happened_at, step.state, step.what, *counts, *who, *seconds)

    return [row(step) for step in STEPS]


VIEWS = (coverage_by_day, outlet_summary, language_summary, mention, story_step)


@pytest.fixture(scope="module", params=[1, 2])
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, DataDir]:
    store, place = Store(request.param), DataDir(tmp_path_factory.mktemp("sums") / "data")
    with connect.writer(place, wait_seconds=5) as connection:
        store.load(connection)
    return store, place


@pytest.mark.parametrize("zone", ["UTC", "Europe/Budapest", "Asia/Kolkata"])
def test_the_views_sum_what_their_comments_say_in_whatever_zone(zone: str, stored: tuple[Store, DataDir]) -> None:
    store, place = stored
    with connect.reader(place, wait_seconds=5) as connection:
        connection.execute(f"SET TimeZone = '{zone}'")
        for view in VIEWS:
            found = connection.table(view.__name__).fetchall()
            utc = [tuple(v.astimezone(UTC) if isinstance(v, datetime) else v for v in row) for row in found]
            assert utc == view(store), view.__name__


def test_how_a_feed_does_is_the_same_in_whatever_zone(tmp_path: Path) -> None:
    asked = datetime(2025, 11, 1, 12, tzinfo=UTC)  # seven days of 24 hours after an entry, of Budapest's a little less
    with connect.writer(DataDir(tmp_path), wait_seconds=5) as connection:
        load.start_run(connection, RUN, asked, command="run")
        load.record_feeds(connection, [make_feed()], RUN)
        newest = asked - timedelta(hours=14 * 24 + 0.5)
        load.save_feed_states(
            connection, [make_feed_state(checked_at=asked, newest_published_at=newest, entry_count=1)], RUN
        )
        load.record_entries(connection, [make_entry(first_seen_at=asked - timedelta(hours=7 * 24 + 0.5))], RUN)
        for zone in ("UTC", "Europe/Budapest"):
            connection.execute(f"SET TimeZone = '{zone}'")
            found = connection.table("feed_health").project("state, entries_in_7_days").fetchall()
            assert found == [("stale", 0)], zone
