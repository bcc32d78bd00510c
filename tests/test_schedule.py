"""extractors/schedule.py: when a feed is asked next, whatever it does; and that our rule beats the one to beat."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.polling import Habits, MediaCloud, Ours, simulated, total, with_as_many_polls
from extractors import schedule
from extractors.records import REASONS, FeedState, Outcome
from extractors.schedule import HARD, LONGEST, SHORTEST, SOFT, Shown

NOW = datetime(2025, 10, 20, 12, 0, tzinfo=UTC)
LEAST = 900.0
URL = "http://one.example/rss"
HEADERS = {"etag": '"1"'}


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def answered(
    state: FeedState | None = None,
    *,
    now: datetime = NOW,
    new: int = 0,
    ages: tuple[float, ...] = (0.1, 0.5, 1.0, 2.0),
    ttl: float | None = None,
    asked: float | None = None,
    **headers: str,
) -> FeedState:
    """A poll that succeeds, whose document shows entries of such ages in hours."""
    state = schedule.after_answer(
        state or FeedState(feed_url=URL),
        {name.replace("_", "-"): value for name, value in headers.items()},
        body_hash=f"{now}",
        shown=Shown(entries=len(ages), published=[now - hours(age) for age in ages], ttl_seconds=ttl),
        asked_interval_seconds=asked,
        least_seconds=LEAST,
        now=now,
    )
    return schedule.with_news(state, new, least_seconds=LEAST)


def failed(
    state: FeedState, reason: str = "timeout", *, retry_after: float | None = None, luck: float = 0.5
) -> FeedState:
    return schedule.after_failure(
        state, reason, "d", retry_after_seconds=retry_after, least_seconds=LEAST, luck=luck, now=NOW
    )


def wait(state: FeedState, now: datetime = NOW) -> timedelta:
    assert state.next_poll_at is not None
    return state.next_poll_at - now


# -- how often -----------------------------------------------------------------------------------------------------


def test_a_feed_that_was_never_asked_is_due() -> None:
    assert schedule.is_due(None, NOW)
    assert schedule.is_due(FeedState(feed_url=URL), NOW)


def test_a_rest_that_a_wrong_clock_has_set_is_over_when_the_clock_is_right_again() -> None:
    rests = FeedState(feed_url=URL, next_poll_at=NOW + schedule.LONGEST)
    ahead = answered(now=NOW + timedelta(days=400))
    assert not schedule.is_due(rests, NOW)
    assert schedule.is_due(ahead, NOW)
    assert schedule.wants_whole(ahead, NOW)
    assert not schedule.wants_whole(answered(now=NOW + timedelta(minutes=5)), NOW)
    assert schedule.is_over(datetime.max.replace(tzinfo=UTC), NOW)


def test_a_feed_that_brings_news_is_due_in_the_next_run_even_if_that_comes_early() -> None:
    quiet = answered(ages=(500.0, 900.0))
    state = answered(quiet, now=NOW + hours(6), new=1)
    assert not schedule.is_due(quiet, NOW + timedelta(seconds=LEAST))
    assert schedule.is_due(state, NOW + hours(6) + timedelta(seconds=LEAST - 60))
    assert not schedule.is_due(state, NOW + hours(6) + timedelta(seconds=LEAST / 3))


def test_the_habit_of_a_feed_is_read_from_the_dates_of_its_first_document() -> None:
    busy = answered(ages=tuple(n / 4 for n in range(40)))
    daily = answered(ages=tuple(24.0 * n for n in range(1, 20)))
    dead = answered(ages=(24 * 300.0, 24 * 400.0))
    undated = answered(ages=())
    assert busy.interval_seconds == undated.interval_seconds == LEAST
    assert daily.interval_seconds is not None
    assert 2 * LEAST < daily.interval_seconds < 6 * LEAST
    assert dead.interval_seconds == schedule.LONGEST_HABIT.total_seconds()
    assert dead.last_new_entry_at == NOW - hours(24 * 300)


def test_a_feed_that_falls_silent_is_asked_less_and_less_and_a_burst_brings_it_back() -> None:
    state, now, waits = answered(), NOW, []
    while now < NOW + hours(24 * 40):
        now = now + wait(state, now)
        state = answered(state, now=now, new=0, ages=())
        waits.append(state.interval_seconds or 0)
    assert waits == sorted(waits)
    assert waits[-1] == schedule.LONGEST_HABIT.total_seconds()
    state = answered(state, now=now, new=10, ages=())
    assert state.interval_seconds == LEAST
    assert (answered(state, now=now + hours(0.25), ages=()).interval_seconds or 0) == LEAST


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(300, 86_400))
def test_the_more_entries_the_shorter_the_interval(one: float, other: float, least: float) -> None:
    few, many = sorted((one, other))
    longer = schedule.interval_seconds(few, least_seconds=least)
    shorter = schedule.interval_seconds(many, least_seconds=least)
    assert least <= shorter <= longer <= max(least, schedule.LONGEST_HABIT.total_seconds())


def test_with_as_many_polls_entries_are_seen_sooner_than_by_the_rule_of_media_cloud() -> None:
    habits = Habits(60.0)
    theirs = simulated(MediaCloud, habits)
    unit = with_as_many_polls(total(theirs).polls, habits)
    ours = simulated(lambda: Ours(unit=unit), habits)
    assert total(ours).polls <= total(theirs).polls
    assert total(ours).mean_delay_minutes < 0.95 * total(theirs).mean_delay_minutes
    as_shipped = simulated(Ours, habits)
    assert total(as_shipped).missed == 0
    assert all(outcome.mean_delay_minutes < 20 for outcome in as_shipped.values())


# -- what feed and server ask for ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({"ttl": 7_200.0}, 7_200),
        ({"asked": 3_600.0}, 3_600),
        ({"cache_control": "public, max-age=5400"}, 5_400),
        ({"cache_control": "max-age=5400", "age": "1800"}, 3_600),
        ({"cache_control": 'Max-Age="5400"', "expires": "0"}, 5_400),
        ({"expires": format_datetime(NOW + hours(2), usegmt=True)}, 7_200),
        ({"expires": format_datetime(NOW + hours(5)), "date": format_datetime(NOW + hours(3))}, 7_200),
        ({"ttl": 3_600.0, "cache_control": "max-age=7200"}, 7_200),
    ],
)
def test_ttl_freshness_and_the_feeds_own_interval_each_put_the_next_poll_off(
    given: dict[str, object], seconds: float
) -> None:
    state = answered(new=3, **given)  # type: ignore[arg-type]
    assert wait(state) == timedelta(seconds=seconds - LEAST / 2)  # half a run early, so that no run is skipped


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cache_control": "no-cache, no-store"},
        {"cache_control": "max-age=0"},
        {"cache_control": "max-age=-5"},
        {"cache_control": "max-age=soon"},
        {"cache_control": "max-age=60", "age": "3600"},
        {"expires": "0"},
        {"expires": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"age": "²"},
    ],
)
def test_what_says_nothing_of_the_future_puts_nothing_off(headers: dict[str, str]) -> None:
    assert wait(answered(new=1, **headers)) == wait(answered(new=1))  # type: ignore[arg-type]


def test_a_ttl_is_remembered_while_the_feed_does_not_change() -> None:
    state = answered(ttl=7_200.0)
    later = NOW + hours(2)
    unchanged = schedule.after_answer(
        state, {}, body_hash=None, shown=None, asked_interval_seconds=None, least_seconds=LEAST, now=later
    )
    assert wait(schedule.with_news(unchanged, 0, least_seconds=LEAST), later) > hours(1.5)


def test_retry_after_puts_the_next_poll_off_and_is_never_shortened() -> None:
    assert wait(failed(answered(), "rate_limited", retry_after=7_200.0)) == hours(2)


_NUMBERS = st.none() | st.floats(0, 1e12)
_WORDS = st.sampled_from(
    ["", "max-age=", "max-age=99999999999999999999", "max-age=31536000", "no-store", "x=y, max-age=7"]
)


@given(
    st.lists(st.sampled_from([*schedule.WEIGHTS, "unheard_of"]), max_size=12),
    _NUMBERS,
    _NUMBERS,
    _NUMBERS,
    _WORDS,
    st.text(max_size=30),
    st.lists(st.floats(0, 1e5), max_size=20),
    st.integers(0, 1000),
    st.floats(300, 86_400),
    st.floats(0, 1, exclude_max=True),
)
def test_the_next_poll_is_always_within_five_minutes_and_a_day(
    reasons: list[str],
    retry_after: float | None,
    ttl: float | None,
    asked: float | None,
    cache_control: str,
    expires: str,
    ages: list[float],
    new: int,
    least: float,
    luck: float,
) -> None:
    state = FeedState(feed_url=URL)
    shown = Shown(entries=len(ages), published=[NOW - hours(age) for age in ages], ttl_seconds=ttl)
    headers = {"cache-control": cache_control, "expires": expires}
    for body_hash in ("1", "2", None):
        state = schedule.after_answer(
            state,
            headers,
            body_hash=body_hash,
            shown=shown if body_hash else None,
            asked_interval_seconds=asked,
            least_seconds=least,
            now=NOW,
        )
        state = schedule.with_news(state, new, least_seconds=least)
        assert SHORTEST <= wait(state) <= LONGEST
    for reason in reasons:
        state = schedule.after_failure(
            state, reason, "", retry_after_seconds=retry_after, least_seconds=least, luck=luck, now=NOW
        )
        assert SHORTEST <= wait(state) <= LONGEST


# -- failures ------------------------------------------------------------------------------------------------------


def test_each_reason_of_a_failed_fetch_has_its_weight() -> None:
    of_fetches = {reason for reason, outcome in REASONS.items() if outcome in (Outcome.FAILED, Outcome.GONE)}
    assert of_fetches - set(schedule.WEIGHTS) == {"extraction_lost", "extraction_killed"}
    assert set(schedule.WEIGHTS) - set(REASONS) == {"empty"}
    assert set(schedule.WEIGHTS.values()) == {1.0, 0.5, 0.25}
    assert {schedule.WEIGHTS[reason] for reason in ("http_gone", "forbidden", "not_a_feed")} == {HARD}
    assert {schedule.WEIGHTS[r] for r in ("timeout", "server_error", "rate_limited", "connection_error")} == {SOFT}
    assert schedule.WEIGHTS["dns_error"] == 0.25


def test_the_rest_doubles_with_one_hard_two_soft_or_four_dns_failures_up_to_a_day() -> None:
    for reason, number in (("http_gone", 1), ("server_error", 2), ("dns_error", 4)):
        state, rests = answered(), []
        for _ in range(number * 12):
            state = failed(state, reason)
            rests.append(wait(state))
        assert rests[number - 1] == timedelta(seconds=2 * LEAST)
        assert rests[2 * number - 1] == timedelta(seconds=4 * LEAST)
        assert rests == sorted(rests)
        assert rests[-1] == LONGEST


def test_a_feed_never_dies() -> None:
    state = answered()
    for number in range(100):
        state = failed(state, "http_gone")
        assert state.failures == number + 1
        assert wait(state) <= LONGEST
    assert schedule.is_due(state, NOW + LONGEST)
    back = answered(state, now=NOW + LONGEST, new=1)
    assert (back.failures, back.backoff, back.failing_since_at, back.interval_seconds) == (0, 0.0, None, LEAST)


def test_a_failure_keeps_what_was_learnt_and_says_since_when_and_why() -> None:
    state = answered(ttl=600.0, etag='"1"', last_modified="yesterday")
    once = failed(state, "timeout")
    twice = failed(replace(once, checked_at=NOW), "not_a_feed")
    assert (twice.failing_since_at, twice.failure_reason, twice.backoff) == (NOW, "not_a_feed", 1.5)
    changed = {"failures", "backoff", "failing_since_at", "failure_reason", "failure_detail", "next_poll_at"}
    assert {name for name in FeedState.__slots__ if getattr(twice, name) != getattr(state, name)} == changed


def test_a_quiet_feed_is_not_asked_more_often_for_failing() -> None:
    quiet = answered(ages=(24 * 300.0,))
    assert wait(failed(quiet, "dns_error")) == schedule.LONGEST_HABIT


@given(st.text(max_size=20), st.integers(0, 1000))
def test_jitter_is_within_ten_percent_and_the_same_each_time(url: str, failures: int) -> None:
    luck = schedule.luck_of(url, failures)
    assert 0 <= luck < 1
    assert luck == schedule.luck_of(url, failures)
    rest = wait(failed(answered(), "http_gone", luck=luck)).total_seconds()
    assert 0.9 * 2 * LEAST <= rest <= 1.1 * 2 * LEAST


def test_what_failed_together_does_not_return_together() -> None:
    rests = {wait(failed(answered(), luck=schedule.luck_of(f"http://{n}.example/", 0))) for n in range(20)}
    assert len(rests) == 20


# -- validators ----------------------------------------------------------------------------------------------------


def test_validators_are_kept_verbatim_and_the_whole_body_is_asked_for_once_a_day() -> None:
    state = answered(etag='W/"a b"', last_modified="no date at all")
    assert (state.etag, state.last_modified) == ('W/"a b"', "no date at all")
    assert not schedule.wants_whole(state, NOW + hours(22))
    assert schedule.wants_whole(state, NOW + hours(23))
    assert schedule.wants_whole(FeedState(feed_url=URL), NOW)


def test_validators_that_hid_news_are_not_sent_again_until_they_change() -> None:
    first = answered(etag='"1"', ages=(1.0,))
    same = answered(first, now=NOW + hours(24), etag='"1"', ages=(0.5, 25.0))
    assert schedule.wants_whole(same, NOW + hours(25))
    honest = answered(same, now=NOW + hours(25), etag='"2"', ages=(0.2,))
    assert not schedule.wants_whole(honest, NOW + hours(26))


def test_a_body_that_changed_without_news_is_no_lie() -> None:
    first = answered(etag='"1"', ages=(1.0,))
    same = answered(first, now=NOW + hours(24), etag='"1"', ages=(25.0,))
    assert not schedule.wants_whole(same, NOW + hours(25))
