"""warehouse/load.py and batches.py: records -> tables; the same batch twice, or in another order, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.records import Decision, Entry, Outcome, Slice, SliceState, StoryStep
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
    make_revision,
    make_seed,
)
from warehouse import load, migrate, read, rescored
from warehouse.rows import utc

# Each example starts from the same state: it is rolled back.
QUICK = settings(max_examples=12, deadline=None)


@pytest.fixture(scope="module")
def shared() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        migrate.migrate(connection, Path("memory"))
        yield connection


@contextmanager
def undone(connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse inside a transaction that is rolled back, whatever comes."""
    connection.begin()
    try:
        yield connection
    finally:
        connection.rollback()


@pytest.fixture
def con(shared: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    with undone(shared):
        yield shared


def table(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[Any, ...]]:
    return sorted(
        (tuple(utc(value) for value in row) for row in connection.execute(f'FROM "{name}"').fetchall()), key=repr
    )


LEDGER = ("entry", "decision")
STORE = ("article", "article_text", "story_match", "verdict", "sketch", "posting")
ALL = (*LEDGER, *STORE, "feed", "feed_state", "fetch", "seed", "run")


def tables(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> dict[str, list[tuple[Any, ...]]]:
    return {name: table(connection, name) for name in names}


def standing(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """Name of each URL -> outcome, reason."""
    rows = connection.execute("SELECT url, outcome, reason FROM entry").fetchall()
    return {url.rsplit("/", 1)[1]: (outcome, reason) for url, outcome, reason in rows}


def spelling(name: str, of: str, **changes: Any) -> Entry:
    """An entry whose canonical URL is that of another."""
    return make_entry(name, canonical_url=address(of), **changes)


# -- the ledger ----------------------------------------------------------------------------------------------------


def test_new_urls_are_pending_and_come_back_in_the_order_seen(con: duckdb.DuckDBPyConnection) -> None:
    batch = [make_entry("late", first_seen_at=at(1)), make_entry("b"), make_entry("a")]
    assert load.record_entries(con, batch, RUN) == [batch[1], batch[2], batch[0]]
    assert set(standing(con).values()) == {("pending", "queued")}
    assert [(row[2], row[3]) for row in table(con, "decision")] == [("pending", "queued")] * 3


def test_nothing_to_record_is_nothing_recorded(con: duckdb.DuckDBPyConnection) -> None:
    assert load.record_entries(con, [], RUN) == []
    load.record_decisions(con, [], RUN)
    load.load_judged(con, [], RUN)
    load.record_feeds(con, [], RUN)
    load.record_fetches(con, [], RUN)
    assert all(rows == [] for rows in tables(con, ALL).values())


def test_of_a_known_url_only_last_seen_at_moves_and_never_back(con: duckdb.DuckDBPyConnection) -> None:
    load.record_entries(con, [make_entry("a", first_seen_at=at(10))], RUN)
    before = table(con, "entry")[0]
    again = make_entry("a", first_seen_at=at(20), title="Another headline", canonical_url=address("else"))
    assert load.record_entries(con, [again], "run-2") == []
    after = table(con, "entry")[0]
    assert [old for old, new in zip(before, after, strict=True) if old != new] == [at(10)]
    assert after[5] == at(20)
    assert load.record_entries(con, [make_entry("a", first_seen_at=at(5))], "run-3") == []
    assert table(con, "entry")[0] == after
    assert len(table(con, "decision")) == 1


def test_of_one_address_in_a_batch_the_first_seen_is_pending_then_the_first_in_place(
    con: duckdb.DuckDBPyConnection,
) -> None:
    batch = [spelling("a?1", "a", first_seen_at=at(1)), spelling("a?2", "a"), spelling("a?3", "a")]
    assert load.record_entries(con, batch, RUN) == [batch[1]]
    duplicate = ("duplicate_url", "same_canonical")
    assert standing(con) == {"a?1": duplicate, "a?2": ("pending", "queued"), "a?3": duplicate}
    detail = con.execute("SELECT DISTINCT detail FROM entry WHERE outcome = 'duplicate_url'").fetchall()
    assert detail == [(f"the same address as {address('a?2')}",)]


def test_an_address_that_the_ledger_has_is_a_duplicate_of_its_article(con: duckdb.DuckDBPyConnection) -> None:
    load.record_entries(con, [spelling("a?1", "a")], RUN)
    load.record_entries(con, [spelling("a?2", "a", first_seen_at=at(-1))], RUN)  # seen earlier, told later
    load.record_decisions(con, [make_decision("a?1", article_url=address("a"))], RUN)
    assert load.record_entries(con, [spelling("a?0", "a", first_seen_at=at(2))], "run-2") == []
    row = con.execute("SELECT outcome, reason, detail, article_url FROM entry WHERE run_id = 'run-2'").fetchall()
    assert row == [("duplicate_url", "same_canonical", f"the same address as {address('a?1')}", address("a"))]
    assert con.execute("SELECT reason, article_url FROM decision WHERE run_id = 'run-2'").fetchall() == [
        ("same_canonical", address("a"))
    ]


def test_the_same_url_twice_in_a_batch_is_one_entry(con: duckdb.DuckDBPyConnection) -> None:
    first = make_entry("a", title="First")
    assert load.record_entries(con, [make_entry("a", first_seen_at=at(3), title="Later"), first], RUN) == [first]
    assert con.execute("SELECT title, first_seen_at, last_seen_at FROM entry").fetchall() == [("First", T0, at(3))]


def test_a_decision_moves_the_ledger_and_joins_its_history(con: duckdb.DuckDBPyConnection) -> None:
    load.record_entries(con, [make_entry("a")], RUN)
    retry = make_decision("a", outcome=Outcome.PENDING, reason="retry", detail="timeout", next_attempt_at=at(60))
    load.record_decisions(con, [retry], RUN)
    kept = (
        "SELECT outcome, reason, detail, attempts, next_attempt_at, decided_at, article_url, decided_run_id FROM entry"
    )
    assert con.execute(kept).fetchall() == [("pending", "retry", "timeout", 1, at(60), at(2), None, RUN)]
    load.record_decisions(con, [make_decision("a", at=at(61), attempts=None, article_url=address("x"))], "run-2")
    assert con.execute(kept).fetchall() == [("loaded", "independent", "", 1, None, at(61), address("x"), "run-2")]
    history = con.execute("SELECT reason, attempts, run_id FROM decision ORDER BY decided_at").fetchall()
    assert history == [("queued", 0, RUN), ("retry", 1, RUN), ("independent", 1, "run-2")]


def test_a_decision_on_a_url_that_the_ledger_lacks_is_a_bug(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match=address("ghost")):
        load.record_decisions(con, [make_decision("ghost")], RUN)


NAMES = st.sampled_from("abcde")
MINUTES = st.integers(0, 3)
ENTRIES = st.lists(
    st.builds(lambda url, canonical, seen: spelling(url, canonical, first_seen_at=at(seen)), NAMES, NAMES, MINUTES),
    max_size=8,
)


@QUICK
@given(batch=ENTRIES, data=st.data())
def test_entries_again_in_any_order_change_nothing_and_none_is_lost(
    shared: duckdb.DuckDBPyConnection, batch: list[Entry], data: st.DataObject
) -> None:
    with undone(shared):
        pending = load.record_entries(shared, batch, RUN)
        once = tables(shared, LEDGER)
        assert load.record_entries(shared, data.draw(st.permutations(batch)), "run-2") == []
        assert tables(shared, LEDGER) == once
        assert {row[0] for row in once["entry"]} == {entry.url for entry in batch}
        # each address has exactly one URL that is fetched for it
        owners = [entry.canonical_url for entry in pending]
        assert len(owners) == len(set(owners))
        total, outcomes = read.ledger_counts(shared)
        assert total == sum(outcomes.values()) == len({entry.url for entry in batch})


DECISIONS = st.lists(
    st.builds(
        lambda name, minute, reason: make_decision(
            name, at=at(minute), outcome=Outcome.PENDING if reason == "retry" else Outcome.LOADED, reason=reason
        ),
        NAMES,
        MINUTES,
        st.sampled_from(["retry", "independent"]),
    ),
    max_size=8,
)


@QUICK
@given(batch=DECISIONS, data=st.data())
def test_decisions_again_in_any_order_change_nothing(
    shared: duckdb.DuckDBPyConnection, batch: list[Decision], data: st.DataObject
) -> None:
    with undone(shared):
        load.record_entries(shared, [make_entry(name) for name in "abcde"], RUN)
        load.record_decisions(shared, batch, RUN)
        once = tables(shared, LEDGER)
        load.record_decisions(shared, data.draw(st.permutations(batch)), RUN)
        assert tables(shared, LEDGER) == once


# -- articles ------------------------------------------------------------------------------------------------------


def test_an_article_is_stored_with_all_that_was_decided_about_it(con: duckdb.DuckDBPyConnection) -> None:
    big = make_fingerprint("a", (1, 2**64 - 1))
    load.load_judged(con, [make_judged("a", fingerprint=big)], RUN)
    counts = {name: len(rows) for name, rows in tables(con, ALL).items() if rows}
    assert counts == {"article": 1, "article_text": 1, "story_match": 1, "verdict": 1, "sketch": 1, "posting": 2}
    assert con.execute("SELECT hash FROM posting ORDER BY hash").fetchall() == [(1,), (2**32 - 1,)]
    hits = con.execute("SELECT hits FROM story_match").fetchall()[0][0]
    places = [{"start": 0, "end": 5}, {"start": 9, "end": 12}]
    assert hits == [{"group": "leaders", "field": "title", "count": 2, "places": places}]


def test_an_article_off_the_story_keeps_its_text_but_is_no_candidate(con: duckdb.DuckDBPyConnection) -> None:
    load.load_judged(con, [make_off_story("a")], RUN)
    assert len(table(con, "article_text")) == 1
    assert table(con, "verdict") == table(con, "sketch") == table(con, "posting") == []


def test_a_superseded_verdict_is_kept_in_the_history_with_both_runs(con: duckdb.DuckDBPyConnection) -> None:
    load.load_judged(con, [make_judged("a"), make_judged("b")], RUN)
    load.supersede_verdicts(con, [make_copy_verdict("a", address("b"))], "run-2", at=at(5))
    load.supersede_verdicts(con, [make_copy_verdict("a", address("c"))], "run-3", at=at(6))
    load.supersede_verdicts(con, [], "run-4", at=at(7))
    held = con.execute('SELECT article_url, kind, "of", run_id FROM verdict ORDER BY 1').fetchall()
    assert held == [(address("a"), "near", address("c"), "run-3"), (address("b"), "independent", None, RUN)]
    history = con.execute(
        'SELECT revision, kind, "of", superseded_at, superseded_run_id, run_id FROM verdict_history ORDER BY revision'
    ).fetchall()
    assert [(*row[:3], utc(row[3]), *row[4:]) for row in history] == [
        (1, "independent", None, at(5), "run-2", RUN),
        (2, "near", address("b"), at(6), "run-3", "run-2"),
    ]


def test_an_article_that_is_stored_stays_as_it_is(con: duckdb.DuckDBPyConnection) -> None:
    load.load_judged(con, [make_off_story("a")], RUN)
    before = tables(con, STORE)
    changed = make_judged("a", article=make_article("a", text="Other words."), fingerprint=make_fingerprint("new"))
    load.load_judged(con, [changed], "run-2")
    assert tables(con, STORE) == before


JUDGED = st.lists(
    st.builds(
        lambda name, version, minute, on_story: (make_judged if on_story else make_off_story)(
            name,
            article=make_article(name, text=f"Version {version}.", first_seen_at=at(minute)),
            fingerprint=make_fingerprint(f"{name}{version}", tuple(range(version, version + 3))),
        ),
        NAMES,
        st.integers(0, 2),
        MINUTES,
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda one: (one.article.url, one.article.first_seen_at),
)


@QUICK
@given(batch=JUDGED, data=st.data())
def test_articles_again_or_in_another_order_change_nothing(
    shared: duckdb.DuckDBPyConnection, batch: list[Any], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(batch))
    with undone(shared):
        load.load_judged(shared, batch, RUN)
        once = tables(shared, STORE)
        load.load_judged(shared, shuffled, RUN)
        assert tables(shared, STORE) == once
    with undone(shared):
        load.load_judged(shared, shuffled, RUN)
        assert tables(shared, STORE) == once


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"text": "a\0b"}, "text = .*NUL"),
        ({"title": "a\ud800b"}, "title = .*surrogate"),
        ({"authors": ("A", "B\udfff")}, "authors = .*surrogate"),
        ({"fetched_at": T0.replace(tzinfo=None)}, "fetched_at = .*without a zone"),
    ],
)
def test_text_that_is_not_clean_is_named_and_nothing_of_its_batch_is_stored(
    con: duckdb.DuckDBPyConnection, changes: dict[str, Any], problem: str
) -> None:
    bad = make_judged("b", article=replace(make_article("b"), **changes))
    before = len(table(con, "article"))
    with pytest.raises(ValueError, match=problem):
        load.load_judged(con, [make_judged("a"), bad], RUN)
    if "text" not in changes:  # texts follow the articles: there the writer's rollback takes them back
        assert len(table(con, "article")) == before


def test_a_score_out_of_range_is_refused(shared: duckdb.DuckDBPyConnection) -> None:
    with undone(shared), pytest.raises(duckdb.ConstraintException):
        load.load_judged(shared, [make_judged("a", match=make_match(score=1.5))], RUN)


def test_a_copy_without_its_original_is_refused(shared: duckdb.DuckDBPyConnection) -> None:
    with undone(shared), pytest.raises(duckdb.ConstraintException):
        load.load_judged(shared, [make_judged("a", verdict=replace(make_copy_verdict("a", "x"), of=None))], RUN)


# -- feeds, fetches, seeds, runs -----------------------------------------------------------------------------------


def test_a_feed_that_says_the_same_again_keeps_the_run_that_changed_it(con: duckdb.DuckDBPyConnection) -> None:
    load.record_feeds(con, [make_feed("one"), make_feed("two")], RUN)
    load.record_feeds(con, [make_feed("one"), make_feed("two", enabled=False)], "run-2")
    assert con.execute("SELECT name, enabled, run_id FROM feed ORDER BY name").fetchall() == [
        ("The one", True, RUN),
        ("The two", False, "run-2"),
    ]


def test_feed_states_come_back_as_they_were_saved_and_the_newest_poll_counts(con: duckdb.DuckDBPyConnection) -> None:
    newer = make_feed_state("one", etag=None, failures=2, checked_at=at(5), next_poll_at=at(30))
    other = make_feed_state("two", last_modified="yesterday", body_hash="00ff", changed_at=T0)
    load.save_feed_states(con, [make_feed_state("one"), other], RUN)
    load.save_feed_states(con, [newer], "run-2")
    load.save_feed_states(con, [make_feed_state("one")], "run-3")
    assert read.feed_states(con) == {newer.feed_url: newer, other.feed_url: other}


def test_an_exchange_is_noted_once(con: duckdb.DuckDBPyConnection) -> None:
    batch = [make_fetch("a"), make_fetch("a", at=at(2), status=None, reason="timeout"), make_fetch("a")]
    load.record_fetches(con, batch, RUN)
    load.record_fetches(con, batch[::-1], "run-2")
    assert [(row[3], row[4], row[-1]) for row in table(con, "fetch")] == [(200, "ok", RUN), (None, "timeout", RUN)]


def test_a_seed_follows_its_file(con: duckdb.DuckDBPyConnection) -> None:
    load.record_seeds(con, [make_seed("one")], RUN)
    load.record_seeds(con, [make_seed("one")], "run-2")
    assert con.execute("SELECT run_id, facts FROM seed").fetchall() == [(RUN, list(make_seed().facts))]
    load.record_seeds(con, [make_seed("one", facts=("One.", "Two."))], "run-3")
    assert con.execute("SELECT run_id, facts FROM seed").fetchall() == [("run-3", ["One.", "Two."])]


def test_a_run_is_running_until_its_report_comes(con: duckdb.DuckDBPyConnection) -> None:
    load.start_run(con, RUN, T0, command="run")
    load.start_run(con, RUN, at(1), command="run")
    health = "SELECT status, elapsed_seconds, discovered, loaded, gone, pending, balanced FROM run_health"
    assert con.execute(health).fetchall() == [("running", None, None, None, None, None, None)]
    load.finish_run(con, make_report())
    load.finish_run(con, make_report(published_snapshot=7))
    assert con.execute(health).fetchall() == [("completed", 300.0, 3, 2, 0, 0, True)]
    assert con.execute("SELECT published_snapshot, stage_seconds['fetch'] FROM run").fetchall() == [(7, 1.5)]
    load.finish_run(con, make_report(ledger_outcomes={"loaded": 2}))
    assert con.execute("SELECT balanced, ledger_decided FROM run_health").fetchall() == [(False, 2)]


def test_a_report_of_a_run_that_never_began_is_a_bug(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="never started"):
        load.finish_run(con, make_report("ghost"))


# -- every table ---------------------------------------------------------------------------------------------------


def make_slice(name: str, turn: int, **changes: Any) -> Slice:
    given: dict[str, Any] = {"source": "Daily", "slice": name, "feed_url": address("feed"), "entries": turn}
    return Slice(**given | {"state": SliceState.FOUND, "attempts": 1, "asked_at": at(turn)} | changes)


def ask_slices(con: duckdb.DuckDBPyConnection, batch: list[Any]) -> None:
    planned = [
        replace(one, state=SliceState.PENDING, entries=0, new_entries=0, attempts=0, asked_at=None) for one in batch
    ]
    load.plan_slices(con, sorted(planned, key=lambda one: one.slice), RUN)
    load.record_slices(con, batch, RUN)


def store(con: duckdb.DuckDBPyConnection) -> None:
    load.load_judged(con, [make_judged(name) for name in "abcde"], RUN)


def supersede(con: duckdb.DuckDBPyConnection, batch: list[Any]) -> None:
    store(con)
    load.supersede_verdicts(con, batch, RUN, at=at(5))


def match_again(con: duckdb.DuckDBPyConnection, batch: list[Any]) -> None:
    store(con)
    rescored.replace_matches(con, batch, at=at(5), run_id=RUN)


def replace_stored(con: duckdb.DuckDBPyConnection, batch: list[Any]) -> None:
    store(con)
    load.replace_articles(con, batch, RUN)


def respell(con: duckdb.DuckDBPyConnection, batch: list[Any]) -> None:
    load.record_entries(con, [make_entry(name) for name in "abcde"], RUN)
    load.retitle_entries(con, dict(batch))
    load.respell(con, dict(batch), digest="rules", at=T0, run_id=RUN)


def run(con: duckdb.DuckDBPyConnection, batch: list[Any]) -> None:
    for report in batch:
        load.start_run(con, report.run_id, T0, command="run")
        load.finish_run(con, report)


def keep_seed_texts(con: duckdb.DuckDBPyConnection, batch: list[Any]) -> None:
    for slug, text in batch:
        load.keep_seed_text(con, slug, text, RUN)


def rematched(name: str, turn: int) -> Any:
    steps = ("call", "summit")[:turn]
    return make_judged(name, match=make_match(score=0.8 - turn / 10, steps=steps))


def reworded(name: str, turn: int) -> Any:
    return make_judged(name, article=make_article(name, text=f"Version {turn} of {name}."))


# Tables -> (what loads a batch, what makes a record from a name and a turn, whether a name may come twice in a batch).
LOADERS: dict[tuple[str, ...], tuple[Callable[..., object], Callable[[str, int], object], bool]] = {
    ("feed",): (
        lambda con, batch: load.record_feeds(con, batch, RUN),
        lambda name, turn: make_feed(name, language=("en", "fr", "hu")[turn]),
        False,
    ),
    ("feed_state",): (
        lambda con, batch: load.save_feed_states(con, batch, RUN),
        lambda name, turn: make_feed_state(name, failures=turn, checked_at=at(turn)),
        True,
    ),
    ("fetch",): (
        lambda con, batch: load.record_fetches(con, batch, RUN),
        lambda name, turn: make_fetch(name, at=at(turn)),
        True,
    ),
    ("seed",): (
        lambda con, batch: load.record_seeds(con, batch, RUN),
        lambda name, turn: make_seed(name, facts=(f"Fact {turn}.",)),
        False,
    ),
    ("seed_text",): (keep_seed_texts, lambda name, turn: (name, f"Text {turn}."), False),
    ("step",): (
        lambda con, batch: load.record_steps(con, batch, RUN),
        lambda name, turn: StoryStep(slug=name, position=turn + 1, happened_at=T0, what="It happens.", state=None),
        False,
    ),
    ("backfill_slice",): (ask_slices, make_slice, False),
    ("revision",): (
        lambda con, batch: load.record_revisions(con, batch, RUN),
        lambda name, turn: make_revision(name, fetched_at=at(turn)),
        True,
    ),
    ("verdict", "verdict_history"): (
        supersede,
        lambda name, turn: make_copy_verdict(name, address(str(turn))),
        False,
    ),
    ("story_match", "story_match_history", "article_step"): (match_again, rematched, False),
    ("article", "article_text"): (replace_stored, reworded, False),
    ("entry", "url_rule"): (respell, lambda name, turn: (address(name), f"Spelling {turn}"), False),
    ("run",): (run, lambda name, turn: make_report(name, fetched=turn), False),
}


@pytest.mark.parametrize("names", LOADERS, ids="+".join)
@settings(QUICK, max_examples=6)
@given(data=st.data())
def test_a_batch_again_or_in_another_order_changes_nothing_in_its_tables(
    shared: duckdb.DuckDBPyConnection, names: tuple[str, ...], data: st.DataObject
) -> None:
    put, make, may_repeat = LOADERS[names]
    pairs = data.draw(
        st.lists(
            st.tuples(NAMES, st.integers(0, 2)),
            max_size=6,
            unique_by=(lambda pair: pair) if may_repeat else (lambda pair: pair[0]),
        )
    )
    batch = [make(name, turn) for name, turn in pairs]
    shuffled = data.draw(st.permutations(batch))
    with undone(shared):
        put(shared, batch)
        once = tables(shared, names)
        put(shared, shuffled)
        assert tables(shared, names) == once
    with undone(shared):
        put(shared, shuffled)
        assert tables(shared, names) == once


def test_no_table_is_left_out_of_these(shared: duckdb.DuckDBPyConnection) -> None:
    tested = {name for names in LOADERS for name in names}.union(LEDGER, STORE, {"schema_migration"})
    assert {name for (name,) in shared.execute("SELECT table_name FROM duckdb_tables()").fetchall()} == tested


def test_an_answer_to_a_slice_that_was_never_planned_is_a_bug(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match=r"never planned, such as .*ghost"):
        load.record_slices(con, [make_slice("ghost", 1)], RUN)


def test_asking_a_slice_again_adds_to_what_it_gave_before(con: duckdb.DuckDBPyConnection) -> None:
    ask_slices(con, [make_slice("a", 1, new_entries=2)])
    for _ in range(2):  # the second time the same answer is told again
        load.record_slices(con, [make_slice("a", 3, new_entries=1)], RUN)
    assert con.execute("SELECT entries, new_entries, attempts FROM backfill_slice").fetchall() == [(3, 3, 2)]
