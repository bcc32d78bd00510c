"""warehouse/read.py, why.py and the views: what the flows and the analyst are told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from extractors.candidates import Pool
from extractors.dedup import Compared
from extractors.errors import QueryError
from extractors.records import Asked, Candidate, Entry, Fingerprint, Outcome, Relevance, VerdictKind
from tests.records_factory import (
    RUN,
    T0,
    address,
    at,
    make_article,
    make_copy_verdict,
    make_decision,
    make_entry,
    make_feed,
    make_feed_state,
    make_fetch,
    make_fingerprint,
    make_judged,
    make_match,
    make_off_story,
    make_report,
    make_seed,
)
from warehouse import load, migrate, read
from warehouse.statements import statement


@pytest.fixture(scope="module")
def shared() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        migrate.migrate(connection, Path("memory"))
        yield connection


@pytest.fixture
def con(shared: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse inside a transaction that is rolled back."""
    shared.begin()
    yield shared
    shared.rollback()


# -- what to fetch -------------------------------------------------------------------------------------------------


def test_hosts_take_turns_and_within_a_host_the_oldest_comes_first(con: duckdb.DuckDBPyConnection) -> None:
    def entry(name: str, host: str, minute: int) -> Entry:
        canonical = address(name, host.removeprefix("www."))
        url = address(name, host)
        return make_entry(name, url=url, canonical_url=canonical, first_seen_at=at(minute), outlet="big.example")

    big = [entry(f"n{n}", "www.big.example", 9 - n) for n in range(3)]
    small = entry("s", "small.example:8080", 20)
    load.record_entries(con, [*big, small], RUN)
    assert read.pending(con, at(30), 10) == [big[2], small, big[1], big[0]]
    assert read.pending(con, at(30), 2) == [big[2], small]


def test_what_is_not_due_waits_and_what_is_decided_is_left(con: duckdb.DuckDBPyConnection) -> None:
    load.record_entries(con, [make_entry("later"), make_entry("now"), make_entry("done")], RUN)
    retry = make_decision("later", outcome=Outcome.PENDING, reason="retry", next_attempt_at=at(30), attempts=2)
    load.record_decisions(con, [retry, make_decision("done")], RUN)
    assert [entry.url for entry in read.pending(con, at(29), 10)] == [address("now")]
    due = {entry.url: entry.attempts for entry in read.pending(con, at(30), 10)}
    assert due == {address("now"): 0, address("later"): 2}


def test_a_wait_that_a_wrong_clock_has_set_is_over(con: duckdb.DuckDBPyConnection) -> None:
    names = {"soon": timedelta(days=2), "wrong": timedelta(days=2, seconds=1)}
    load.record_entries(con, [make_entry(name) for name in names], RUN)
    waits = [
        make_decision(name, outcome=Outcome.PENDING, reason="retry", next_attempt_at=at(0) + wait, attempts=1)
        for name, wait in names.items()
    ]
    load.record_decisions(con, waits, RUN)
    assert [entry.url for entry in read.pending(con, at(0), 10)] == [address("wrong")]
    assert sum(read.due_hosts(con, at(0)).values()) == 1
    assert con.execute(statement("read/waiting"), {"now": at(0)}).fetchall() == [(1, 1, at(0) + timedelta(days=2))]


# -- candidates ----------------------------------------------------------------------------------------------------


def asked(
    con: duckdb.DuckDBPyConnection, given: Fingerprint, *, minute: float = 0, window: timedelta | None = None
) -> list[Candidate]:
    new = Asked(url=address("new"), published_at=None, first_seen_at=at(minute), fingerprint=given)
    return read.candidates(con, [new], window=window).get(new.url, [])


def names(found: list[Candidate]) -> list[str]:
    return [one.url.rsplit("/", 1)[1] for one in found]


def store(con: duckdb.DuckDBPyConnection, name: str, sketch: range, minute: float = 0, content: str = "") -> None:
    article = make_article(name, first_seen_at=at(minute))
    given = make_fingerprint(content or name, tuple(sketch))
    load.load_judged(con, [make_judged(name, article=article, fingerprint=given)], RUN)


def test_a_candidate_shares_a_tenth_of_the_smaller_sketch_and_two_hashes_or_of_tiny_ones_one(
    con: duckdb.DuckDBPyConnection,
) -> None:
    store(con, "tiny", range(39, 49))  # shares 1 of 10, and of so few 1 is enough
    store(con, "one", range(39, 59))  # shares 1 of 20
    store(con, "two", range(38, 58), 2)  # shares 2 of 20
    store(con, "few", range(37, 77), 1)  # shares 3 of 40
    store(con, "tenth", range(36, 76), 1)  # shares 4 of 40
    store(con, "none", range(500, 540))
    assert names(asked(con, make_fingerprint("new", tuple(range(40))))) == ["tiny", "tenth", "two"]


def test_the_store_and_the_pool_in_memory_hold_the_same_pairs_against_each_other(
    con: duckdb.DuckDBPyConnection,
) -> None:
    chance = random.Random(5)
    prints = [
        make_fingerprint(str(n), tuple(sorted(chance.sample(range(90), chance.randint(1, 45))))) for n in range(60)
    ]
    minutes = [chance.randint(0, 99) for _ in prints]
    window = timedelta(minutes=30)
    pool = Pool([Compared(address(str(n)), at(minutes[n]), None, prints[n]) for n in range(60)], window)
    load.load_judged(
        con,
        [
            make_judged(str(n), article=make_article(str(n), first_seen_at=at(minutes[n])), fingerprint=prints[n])
            for n in range(60)
        ],
        RUN,
    )
    for n in range(60):
        new = Compared(address("new"), at(minutes[n]), None, replace(prints[n], content_hash="f" * 32))
        in_memory = sorted(one.name for one in pool.like(new))
        assert sorted(one.url for one in asked(con, new.fingerprint, minute=minutes[n], window=window)) == in_memory


def test_the_same_words_are_found_in_the_whole_store_and_shared_hashes_within_the_window(
    con: duckdb.DuckDBPyConnection,
) -> None:
    store(con, "old", range(10), 0, content="same")
    store(con, "shares", range(10), 0)
    store(con, "edge", range(10), 30)
    store(con, "later", range(10), 90)
    store(con, "much-later", range(10), 91)
    given = make_fingerprint("same", tuple(range(10)))
    assert names(asked(con, given, minute=60, window=timedelta(minutes=30))) == ["old", "edge", "later"]
    assert names(asked(con, given, minute=60)) == ["old", "shares", "edge", "later", "much-later"]


def test_a_hash_that_more_than_a_thousand_carry_is_left_out(con: duckdb.DuckDBPyConnection) -> None:
    batch = [make_judged(str(n), fingerprint=make_fingerprint(str(n), (1, 2, 10 + n))) for n in range(1001)]
    load.load_judged(con, batch[:1000], RUN)
    assert len(asked(con, make_fingerprint("new", (1, 2)))) == 1000
    load.load_judged(con, batch[1000:], RUN)
    assert asked(con, make_fingerprint("new", (1, 2))) == []


def test_articles_off_the_story_and_the_article_itself_are_no_candidates(con: duckdb.DuckDBPyConnection) -> None:
    load.load_judged(con, [make_off_story("off", fingerprint=make_fingerprint("same"))], RUN)
    load.load_judged(con, [make_judged("new", fingerprint=make_fingerprint("same"))], RUN)
    assert asked(con, make_fingerprint("same")) == []


def test_articles_of_another_format_are_told_and_found_again_when_they_have_a_sketch(
    con: duckdb.DuckDBPyConnection,
) -> None:
    store(con, "old", range(20), content="same")
    con.execute("UPDATE article SET fingerprint_version = 1")
    con.execute("DELETE FROM sketch")
    con.execute("DELETE FROM posting")
    (old,) = read.outdated_sketches(con, 2)
    assert old.url == address("old")
    new = make_fingerprint("other words", tuple(range(20)))
    again = Asked(url=old.url, published_at=None, first_seen_at=old.first_seen_at, fingerprint=new)
    load.renew_sketches(con, [again], RUN)
    assert read.outdated_sketches(con, 2) == []
    assert names(asked(con, make_fingerprint("new", tuple(range(20))))) == ["old"]
    assert con.execute("SELECT content_hash FROM article").fetchall() == [(new.content_hash,)]


def test_a_candidate_has_what_the_judge_needs(con: duckdb.DuckDBPyConnection) -> None:
    article = make_article("a", published_at=at(-60), published_precision="minute")
    load.load_judged(con, [make_judged("a", article=article, fingerprint=make_fingerprint("a"))], RUN)
    assert asked(con, make_fingerprint("a")) == [
        Candidate(url=article.url, text=article.text, published_at=at(-60), first_seen_at=T0)
    ]
    assert read.candidates(con, [], window=None) == {}


def test_known_articles_are_those_that_are_stored(con: duckdb.DuckDBPyConnection) -> None:
    load.load_judged(con, [make_judged("a"), make_off_story("b")], RUN)
    assert read.known_articles(con, [address(name) for name in "abc"]) == {address("a"), address("b")}
    assert read.known_articles(con, []) == set()


def test_known_addresses_are_those_that_the_ledger_has_under_any_url(con: duckdb.DuckDBPyConnection) -> None:
    load.record_entries(con, [make_entry("a?x", canonical_url=address("a")), make_entry("b")], RUN)
    assert read.known_canonical_urls(con, [address(name) for name in ("a", "a?x", "b", "c")]) == {
        address("a"),
        address("b"),
    }
    assert read.known_canonical_urls(con, []) == set()


# -- counts and status ---------------------------------------------------------------------------------------------


def test_outcomes_of_a_run_are_of_what_it_discovered_or_decided(con: duckdb.DuckDBPyConnection) -> None:
    load.record_entries(con, [make_entry("a"), make_entry("b")], RUN)
    load.record_entries(con, [make_entry("c")], "run-2")
    load.record_decisions(con, [make_decision("a")], "run-2")
    assert read.run_outcomes(con, RUN) == {"loaded": {"independent": 1}, "pending": {"queued": 1}}
    assert read.run_outcomes(con, "run-2") == {"loaded": {"independent": 1}, "pending": {"queued": 1}}
    assert read.run_outcomes(con, "run-3") == {}
    assert read.ledger_counts(con) == (3, {"loaded": 1, "pending": 2})
    rows = con.execute("SELECT outcome, reason, urls FROM ledger").fetchall()
    assert rows == [("loaded", "independent", 1), ("pending", "queued", 2)]


def test_an_empty_warehouse_has_a_status(con: duckdb.DuckDBPyConnection) -> None:
    status = read.status(con, T0)
    assert (status.last_run, status.newest_article, status.discovered, status.feeds_failing) == (None, None, 0, ())


def test_status_tells_what_waits_what_fails_and_what_is_new(con: duckdb.DuckDBPyConnection) -> None:
    load.start_run(con, RUN, T0, command="run")
    load.finish_run(con, make_report())
    load.start_run(con, "run-2", at(60), command="demo")
    load.record_feeds(con, [make_feed("good"), make_feed("bad"), make_feed("off", enabled=False)], RUN)
    states = [
        make_feed_state("good"),
        make_feed_state("bad", failures=3, failure_reason="dns_error"),
        make_feed_state("off", failures=9),
    ]
    load.save_feed_states(con, states, RUN)
    load.record_entries(con, [make_entry("a"), make_entry("b"), make_entry("c")], RUN)
    retry = make_decision("b", outcome=Outcome.PENDING, reason="retry", next_attempt_at=at(99))
    load.record_decisions(con, [make_decision("a"), retry], RUN)
    load.load_judged(con, [make_judged("a"), make_off_story("z")], RUN)
    status = read.status(con, at(61))
    assert status.last_run is not None
    assert (status.last_run.run_id, status.last_run.status, status.last_run.balanced) == ("run-2", "running", None)
    assert (status.discovered, dict(status.outcomes)) == (3, {"loaded": 1, "pending": 2})
    assert (status.due, status.later, status.next_attempt_at) == (1, 1, at(99))
    assert (status.feeds, status.articles, status.on_story, status.independent) == (2, 2, 1, 1)
    assert [(feed.name, feed.failures, feed.reason) for feed in status.feeds_failing] == [("The bad", 3, "dns_error")]
    assert status.newest_article is not None
    assert status.newest_article.url == address("a")


# -- why -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def walked(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """a went all the way; its other spelling and its copy are known too."""
    load.record_feeds(con, [make_feed("daily")], RUN)
    load.record_entries(con, [make_entry("a?x", canonical_url=address("a")), make_entry("copy")], RUN)
    load.record_entries(con, [make_entry("a?y", canonical_url=address("a"), first_seen_at=at(1))], RUN)
    load.record_fetches(con, [make_fetch("a?x", status=503, reason="server_error"), make_fetch("a?x", at=at(30))], RUN)
    retry = make_decision("a?x", outcome=Outcome.PENDING, reason="retry", next_attempt_at=at(25))
    loaded = make_decision("a?x", at=at(31), attempts=2, article_url=address("a"))
    load.record_decisions(con, [retry, loaded], RUN)
    article = make_article("a", entry_url=address("a?x"), fetched_at=at(30), authors=("A", "B"))
    copy = make_judged("copy", verdict=make_copy_verdict("copy", address("a")))
    load.load_judged(con, [make_judged("a", article=article), copy], RUN)
    load.record_decisions(con, [make_decision("copy", reason="near", article_url=address("copy"))], RUN)
    return con


def test_why_tells_the_whole_way(walked: duckdb.DuckDBPyConnection) -> None:
    report = read.why(walked, address("a?x"))
    assert report is not None
    assert report.entry == make_entry("a?x", canonical_url=address("a"), attempts=2)
    assert (report.feed_name, report.outcome, report.reason) == ("The daily", Outcome.LOADED, "independent")
    assert [one.reason for one in report.decisions] == ["queued", "retry", "independent"]
    assert [one.reason for one in report.fetches] == ["server_error", "ok"]
    assert report.article == make_article("a", entry_url=address("a?x"), fetched_at=at(30), authors=("A", "B"))
    assert report.match == make_match()
    assert report.verdict == make_judged("a").verdict
    assert (report.spellings, report.copies) == ((address("a?y"),), 1)


def test_why_finds_a_url_by_its_canonical_form_too(walked: duckdb.DuckDBPyConnection) -> None:
    report = read.why(walked, address("a"))
    assert report is not None
    assert report.entry.url == address("a?x")
    assert read.why(walked, address("never-seen")) is None


def test_why_of_another_spelling_leads_to_the_article(walked: duckdb.DuckDBPyConnection) -> None:
    report = read.why(walked, address("a?y"))
    assert report is not None
    assert (report.outcome, report.reason) == (Outcome.DUPLICATE_URL, "same_canonical")
    assert report.article is not None
    assert report.article.url == address("a")


def test_why_of_a_copy_names_the_original(walked: duckdb.DuckDBPyConnection) -> None:
    report = read.why(walked, address("copy"))
    assert report is not None
    assert report.verdict == make_copy_verdict("copy", address("a"))
    assert report.verdict_of_title == "Headline a"


def test_the_view_why_has_one_row_per_event_in_time_order(walked: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT event, outcome, reason FROM why WHERE url = $url"
    assert walked.execute(sql, {"url": address("a?x")}).fetchall() == [
        ("discovered", None, None),
        ("decided", "pending", "queued"),
        ("fetched", None, "server_error"),
        ("decided", "pending", "retry"),
        ("fetched", None, "ok"),
        ("extracted", None, None),
        ("scored", None, "core"),
        ("judged", None, "independent"),
        ("decided", "loaded", "independent"),
    ]


def test_why_answers_for_every_url_of_the_ledger(walked: duckdb.DuckDBPyConnection) -> None:
    urls = [url for (url,) in walked.execute("SELECT url FROM entry").fetchall()]
    assert {url for (url,) in walked.execute("SELECT DISTINCT url FROM why").fetchall()} == set(urls)
    assert all(read.why(walked, url) is not None for url in urls)


# -- the analyst's views -------------------------------------------------------------------------------------------


def test_coverage_has_independent_articles_on_the_story_newest_first(con: duckdb.DuckDBPyConnection) -> None:
    load.record_seeds(con, [make_seed("first")], RUN)
    old = make_judged("z-old", article=make_article("z-old", published_at=at(-99), published_precision="minute"))
    related = make_judged("related", match=make_match(Relevance.RELATED))
    off = make_judged("off", match=make_match(Relevance.OFF))
    copies = [
        make_judged("near", verdict=make_copy_verdict("near", address("z-old"))),
        make_judged("exact", verdict=make_copy_verdict("exact", address("z-old"), VerdictKind.EXACT)),
        make_judged("of-seed", verdict=make_copy_verdict("of-seed", "seed:first")),
    ]
    load.load_judged(con, [old, related, off, make_off_story("unjudged"), *copies], RUN)
    rows = con.execute("SELECT url, copies, lead FROM coverage").fetchall()
    assert rows == [
        (address("related"), 0, "First paragraph of related."),
        (address("z-old"), 2, "First paragraph of z-old."),
    ]
    titles = "SELECT verdict_of_title FROM article_all WHERE verdict_of IS NOT NULL ORDER BY url"
    assert con.execute(titles).fetchall() == [("Headline z-old",), ("Headline z-old",), ("Seed first",)]
    assert con.execute("SELECT count(*) FROM article_all").fetchall() == [(7,)]


def test_coverage_names_the_feed_that_showed_it(con: duckdb.DuckDBPyConnection) -> None:
    load.record_feeds(con, [make_feed("daily")], RUN)
    load.record_entries(con, [make_entry("a")], RUN)
    load.load_judged(con, [make_judged("a")], RUN)
    rows = con.execute("SELECT feed_name, feed_url FROM coverage").fetchall()
    assert rows == [("The daily", make_feed("daily").url)]


# -- SQL of a person -----------------------------------------------------------------------------------------------


def test_a_query_gives_columns_and_rows_with_times_in_utc(con: duckdb.DuckDBPyConnection) -> None:
    load.record_entries(con, [make_entry("a")], RUN)
    columns, rows = read.query(con, "SELECT outcome, first_seen_at AS seen_at FROM entry")
    assert (columns, rows) == (["outcome", "seen_at"], [("pending", T0)])
    assert rows[0][1].tzinfo is T0.tzinfo


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            "SELECT * FROM coverages",
            r"(?s)coverages.*The views are: article_all, .*coverage, .*story_step, why",
        ),
        ("SELECT headline FROM coverage", "headline"),
        ("SELEC 1", "syntax error"),
        ("SELECT 1; SELECT 2", "2 statements; give one"),
        ("-- nothing", "0 statements; give one"),
        ("SELECT 'x'::INTEGER", "Could not convert"),
    ],
)
def test_a_wrong_query_is_told_what_is_wrong(sql: str, said: str) -> None:
    with duckdb.connect(":memory:") as connection:
        if "coverage" in sql:
            migrate.migrate(connection, Path("memory"))
        with pytest.raises(QueryError, match=f"(?s){said}"):
            read.query(connection, sql)
