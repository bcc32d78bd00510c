"""The view feed_health and what `storywatch status` makes of it: how each feed does, in one word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.commands.status import FEEDS_SHOWN, feed_lines
from tests.records_factory import (
    RUN,
    T0,
    at,
    make_decision,
    make_entry,
    make_feed,
    make_feed_state,
    make_judged,
    make_off_story,
)
from warehouse import connect, load, migrate, read
from warehouse.connect import DataDir

DAY = timedelta(days=1)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect.writer(DataDir(tmp_path), wait_seconds=1) as connection:
        load.start_run(connection, RUN, T0, command="run")
        load.record_feeds(connection, [make_feed()], RUN)
        yield connection


def health(con: duckdb.DuckDBPyConnection, columns: str) -> tuple[Any, ...]:
    con.execute("SET TimeZone = 'UTC'")
    (row,) = con.execute(f"SELECT {columns} FROM feed_health").fetchall()
    return tuple(row)


def polled(con: duckdb.DuckDBPyConnection, **changes: Any) -> tuple[str, datetime | None]:
    given: dict[str, Any] = {
        "last_new_entry_at": T0,
        "newest_published_at": T0,
        "entry_count": 10,
        "changed_at": T0 - DAY,
    }
    load.save_feed_states(con, [make_feed_state(**given | changes)], RUN)
    state, since = health(con, "state, since_at")
    return state, since


def test_a_feed_that_was_never_asked_is_new(con: duckdb.DuckDBPyConnection) -> None:
    assert health(con, "state, since_at, failures, entries_in_7_days") == ("new", None, 0, 0)


def test_a_feed_with_fresh_news_is_ok(con: duckdb.DuckDBPyConnection) -> None:
    assert polled(con) == ("ok", None)


def test_a_feed_whose_last_poll_failed_is_failing_since_the_first(con: duckdb.DuckDBPyConnection) -> None:
    since = T0 - DAY
    failing = {"failures": 3, "failing_since_at": since, "failure_reason": "timeout", "failure_detail": "30 s"}
    assert polled(con, entry_count=0, **failing) == ("failing", since)
    assert health(con, "failures, failure_reason, failure_detail") == (3, "timeout", "30 s")


def test_a_feed_without_entries_is_empty(con: duckdb.DuckDBPyConnection) -> None:
    assert polled(con, entry_count=0) == ("empty", T0 - DAY)


def test_a_feed_whose_newest_entry_is_older_than_14_days_is_stale(con: duckdb.DuckDBPyConnection) -> None:
    assert polled(con, newest_published_at=T0 - 15 * DAY) == ("stale", T0 - 15 * DAY)
    assert polled(con, newest_published_at=T0 - 13 * DAY) == ("ok", None)
    assert polled(con, newest_published_at=None) == ("ok", None)


def test_a_feed_is_silent_after_three_days_or_three_times_its_usual_gap(con: duckdb.DuckDBPyConnection) -> None:
    assert polled(con, last_new_entry_at=T0 - 3.1 * DAY) == ("silent", T0 - 3.1 * DAY)
    assert polled(con, last_new_entry_at=T0 - 2.9 * DAY) == ("ok", None)
    times = [T0 - number * 2 * DAY for number in range(1, 20)]  # an entry every second day: silent after six
    load.record_entries(con, [make_entry(str(n), first_seen_at=time) for n, time in enumerate(times)], RUN)
    assert health(con, "silent_after_seconds") == (6 * 86_400.0,)
    assert polled(con, last_new_entry_at=T0 - 5.9 * DAY) == ("ok", None)
    assert polled(con, last_new_entry_at=T0 - 6.1 * DAY) == ("silent", T0 - 6.1 * DAY)


def test_silence_is_measured_at_the_last_poll_not_by_the_clock_of_the_reader(con: duckdb.DuckDBPyConnection) -> None:
    assert polled(con, checked_at=T0 + DAY) == ("ok", None)  # T0 is long ago
    assert polled(con, checked_at=T0 + 4 * DAY) == ("silent", T0)


def test_what_a_feed_brought_is_counted_by_the_last_run(con: duckdb.DuckDBPyConnection) -> None:
    ages = {"a": 1, "b": 6, "c": 8, "d": 29, "e": 31}
    load.record_entries(con, [make_entry(name, first_seen_at=T0 - age * DAY) for name, age in ages.items()], RUN)
    load.record_decisions(con, [make_decision("a")], RUN)
    load.load_judged(con, [make_judged("a"), make_off_story("b")], RUN)
    assert health(con, "entries_in_7_days, entries_in_30_days, on_story_articles") == (2, 4, 1)


def test_feeds_that_are_not_in_use_are_left_out(con: duckdb.DuckDBPyConnection) -> None:
    load.record_feeds(con, [make_feed("other")], RUN)
    assert health(con, "name") == ("The other",)


def test_status_names_a_bounded_number_of_feeds_in_trouble(con: duckdb.DuckDBPyConnection) -> None:
    names = [f"f{n:02}" for n in range(30)]
    load.record_feeds(con, [make_feed(name) for name in names], RUN)
    common: dict[str, Any] = {"entry_count": 1, "last_new_entry_at": T0 - 9 * DAY}
    quiet = [make_feed_state(name, **common) for name in names[:14]]
    stale = [make_feed_state(names[14], **common, newest_published_at=T0 - 90 * DAY)]
    failing = [make_feed_state(name, failures=1, failure_reason="timeout") for name in names[15:27]]
    load.save_feed_states(con, [*quiet, *stale, *failing], RUN)
    status = read.status(con, at(1))
    assert len(status.feeds_quiet) == 15
    told = list(feed_lines(status))
    assert "feeds       30 in use, 12 failing, 14 silent, 1 stale" in told
    assert sum("1 failed poll in a row: timeout" in line for line in told) == FEEDS_SHOWN
    assert sum(": silent since 2025-10-08 08:00Z" in line for line in told) == FEEDS_SHOWN - 1
    assert sum(": stale since 2025-07-19 08:00Z" in line for line in told) == 1
    assert [line.split(" more")[0].strip() for line in told if " more: storywatch query" in line] == [
        "... and 2",
        "... and 5",
    ]


def test_the_state_of_a_feed_outlives_the_migration(tmp_path: Path) -> None:
    steps = migrate.migrations()
    before = next(number for number, step in enumerate(steps) if step.name == "feed_schedule")
    with duckdb.connect(tmp_path / "old.duckdb") as old:
        old.execute("SET TimeZone = 'UTC'")
        migrate.migrate(old, tmp_path, steps[:before])
        load.record_feeds(old, [make_feed()], RUN)
        old.execute(
            "INSERT INTO feed_state (feed_url, etag, checked_at, failures, run_id) VALUES ($url, 'e', $at, 2, 'r')",
            {"url": make_feed().url, "at": T0},
        )
        migrate.migrate(old, tmp_path, steps)
        state = read.feed_states(old)[make_feed().url]
        assert (state.etag, state.checked_at, state.failures, state.backoff) == ("e", T0, 2, 0.0)
        assert (state.answered_at, state.has_false_validators) == (None, False)
        assert health(old, "state, failures") == ("failing", 2)
