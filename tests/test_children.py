"""extractors/children.py: which sitemaps of an index are asked, and how many were not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from extractors.children import LONGEST_UNASKED, MAX_CHILDREN, MAX_DEPTH, MAX_SPLITS, chosen, is_worth_asking
from extractors.feed_items import FeedChild, FeedDocument
from extractors.records import FeedKind, FeedState

NOW = datetime(2025, 10, 20, 12, 34, tzinfo=UTC)


def child(name: str, hours_ago: float | None = None) -> FeedChild:
    return FeedChild(url=name, modified_at=None if hours_ago is None else NOW - timedelta(hours=hours_ago))


def index(*children: FeedChild, kind: FeedKind = FeedKind.SITEMAP) -> FeedDocument:
    return FeedDocument(kind=kind, title="", entries=(), children=children)


def read(hours_ago: float, **changes: object) -> FeedState:
    when = NOW - timedelta(hours=hours_ago)
    given: dict[str, object] = {"checked_at": when, "answered_at": when, "full_fetch_at": when}
    return FeedState(feed_url="a", **given | changes)  # type: ignore[arg-type]


def names(document: FeedDocument, states: dict[str, FeedState] | None = None, *, depth: int = 0) -> list[str]:
    ours = chosen(document, states or {}, set(), depth=depth, every=False, now=NOW)
    return [one.url for one in ours.children]


def test_the_most_recently_changed_are_asked_first_and_the_rest_is_told() -> None:
    document = index(*(child(str(n), hours_ago=n) for n in reversed(range(30))))
    ours = chosen(document, {}, set(), depth=0, every=False, now=NOW)
    assert [one.url for one in ours.children] == [str(n) for n in range(MAX_CHILDREN)]
    assert (ours.left, ours.unchanged, ours.note) == (10, 0, "10 of its documents left for later")


@pytest.mark.parametrize("runs", [3, 4])
def test_of_many_sitemaps_with_one_date_each_has_its_turn(runs: int) -> None:
    children = [FeedChild(url=str(n), modified_at=NOW) for n in range(60)]
    states: dict[str, FeedState] = {}
    rounds = []
    for number in range(runs):
        then = NOW + timedelta(minutes=number)  # a date that never lies behind what was read
        ours = chosen(index(*children), states, set(), depth=0, every=False, now=then)
        rounds.append([one.url for one in ours.children])
        states |= {
            url: FeedState(feed_url=url, checked_at=then, answered_at=then, full_fetch_at=then) for url in rounds[-1]
        }
    assert sorted(int(url) for one in rounds[:3] for url in one) == list(range(60))
    assert rounds[3:] in ([], [rounds[0]])


def test_dates_that_are_always_new_starve_no_sitemap() -> None:
    states: dict[str, FeedState] = {}
    for number in range(9):  # 15 in every run, and 5 of the other 45
        now = NOW + timedelta(hours=number)
        children = [FeedChild(url=str(n), modified_at=now - timedelta(seconds=n)) for n in range(60)]
        ours = chosen(index(*children), states, set(), depth=0, every=False, now=now)
        assert len(ours.children) == MAX_CHILDREN
        assert {one.url for one in ours.children} >= {str(n) for n in range(MAX_CHILDREN - LONGEST_UNASKED)}
        states |= {
            one.url: FeedState(feed_url=one.url, checked_at=now, answered_at=now, full_fetch_at=now)
            for one in ours.children
        }
    assert set(states) == {str(n) for n in range(60)}


def test_without_dates_both_ends_of_an_index_are_asked() -> None:
    assert set(names(index(*(child(str(n)) for n in range(100))))) == {str(n) for n in (*range(10), *range(90, 100))}
    assert names(index(child("a"), child("b"), child("c"))) == ["a", "c", "b"]


def test_a_child_that_did_not_change_since_it_was_read_is_left_alone() -> None:
    assert not is_worth_asking(child("a", hours_ago=5), read(1), NOW)
    assert is_worth_asking(child("a", hours_ago=1), read(5), NOW)
    assert is_worth_asking(child("a", hours_ago=5), None, NOW)
    ours = chosen(index(child("a", 5)), {"a": read(1)}, set(), depth=0, every=False, now=NOW)
    assert (ours.children, ours.note) == ((), "1 unchanged")
    assert len(chosen(index(child("a", 5)), {"a": read(1)}, set(), depth=0, every=True, now=NOW).children) == 1


def test_a_date_without_a_time_holds_until_the_day_is_over_everywhere() -> None:
    today = FeedChild(url="a", modified_at=datetime(2025, 10, 20, tzinfo=UTC))
    old = FeedChild(url="a", modified_at=datetime(2025, 10, 17, tzinfo=UTC))
    assert is_worth_asking(today, read(1), NOW)
    assert not is_worth_asking(old, read(1), NOW)


def test_a_lastmod_that_lies_hides_a_sitemap_for_no_more_than_a_day() -> None:
    assert is_worth_asking(child("a", hours_ago=900), read(24), NOW)


def test_without_a_date_a_child_is_asked_when_it_is_due() -> None:
    assert is_worth_asking(child("a"), read(1, next_poll_at=NOW), NOW)
    assert not is_worth_asking(child("a"), read(1, next_poll_at=NOW + timedelta(minutes=1)), NOW)


def test_a_child_that_failed_rests_whatever_its_parent_says() -> None:
    resting = read(5, failures=1, next_poll_at=NOW + timedelta(hours=1))
    assert not is_worth_asking(child("a", hours_ago=1), resting, NOW)


def test_what_was_asked_in_this_run_is_not_asked_again() -> None:
    ours = chosen(index(child("a"), child("b"), child("a")), {}, {"b"}, depth=0, every=False, now=NOW)
    assert [one.url for one in ours.children] == ["a"]


def test_an_index_goes_two_deep_and_a_search_window_is_halved_six_times() -> None:
    for kind, deepest in ((FeedKind.SITEMAP, MAX_DEPTH), (FeedKind.GDELT, MAX_SPLITS)):
        assert names(index(child("a"), kind=kind), depth=deepest - 1) == ["a"]
        assert names(index(child("a"), kind=kind), depth=deepest) == []
