"""What is news: told once when it changes, and never again while it stays so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from flows.alarms import Bounds
from flows.notices import NOTHING, Disk, Ending, Known, Rules, Situation, news, was_listening
from flows.notify_settings import Kind
from tests.records_factory import T0
from warehouse.standing import FeedStanding, PastRun, Standing, ToldStep

RULES = Rules(
    bounds=Bounds(spike_factor=3.0, spike_articles=10, silence_articles=10),
    feed_failures=3,
    disk_free_bytes=1000,
    disk_free_share=0.05,
)
HOUR = timedelta(hours=1)


def a_step(slug: str, *, is_older: bool = False) -> ToldStep:
    return ToldStep(
        slug=slug,
        what=f"{slug} happened.",
        url=f"https://wire.example/{slug}",
        title="Headline",
        outlet="wire.example",
        language="en",
        published_at=T0,
        is_older=is_older,
    )


def a_feed(state: str, failures: int = 0, name: str = "wire") -> FeedStanding:
    return FeedStanding(
        url=f"https://{name}.example/feed", name=name, state=state, since_at=None, failures=failures, reason="timeout"
    )


def a_run(run_id: str, status: str, started_at: datetime = T0, *, asked: bool = True, detail: str = "") -> PastRun:
    return PastRun(
        run_id=run_id,
        command="monitor",
        status=status,
        started_at=started_at,
        ended_at=None if status in ("running", "crashed") else started_at,
        detail=detail,
        asked=asked,
    )


HOURLY = tuple(a_run(f"past-{hour}", "completed", T0 - hour * HOUR) for hour in range(30, 0, -1))


def after(
    run_id: str = "now", status: str = "completed", *, disk: Disk | None = None, now: datetime = T0, **changes: Any
) -> Situation:
    given: dict[str, Any] = {"now": now, "run_id": run_id, "steps": (), "per_day": {}, "feeds": (), "runs": HOURLY}
    given |= {"watching_since": T0 - timedelta(days=30)}
    error = changes.pop("error", "")
    ending = Ending(
        run_id=run_id, command="monitor", status=status, detail=f"{error}: it hurts" if error else "", error=error
    )
    return Situation(
        now=now,
        ending=ending,
        disk=disk,
        standing=Standing(**given | changes),
        searches=frozenset({a_feed("ok", name="search").url}),
    )


def told(known: Known, *situations: Situation) -> list[list[Kind]]:
    """The kinds of the news after each of the situations, one after the other."""
    kinds = []
    for situation in situations:
        found, known = news(known, situation, RULES)
        kinds.append([notice.kind for notice in found])
    return kinds


def test_a_step_is_told_once_with_the_article_that_told_it_first() -> None:
    found, known = news(Known(steps=frozenset({"call"})), after(steps=(a_step("call"), a_step("summit"))), RULES)
    (notice,) = found
    assert notice.kind is Kind.STEP
    assert "summit happened." in notice.text
    assert "wire.example" in notice.text
    assert notice.link == "https://wire.example/summit"
    assert news(known, after(steps=(a_step("call"), a_step("summit"))), RULES)[0] == []


def test_a_step_whose_articles_went_and_came_back_is_not_told_again() -> None:
    assert told(Known(), after(steps=(a_step("call"),)), after(), after(steps=(a_step("call"),))) == [
        [Kind.STEP],
        [],
        [],
    ]


def test_where_nothing_was_noted_the_past_is_known_and_the_run_itself_is_news() -> None:
    past = (a_run("old", "crashed"), a_run("older", "failed"))
    situation = after(
        steps=(a_step("old", is_older=True), a_step("new")),
        feeds=(a_feed("failing", 30), a_feed("stale", name="gazette")),
        runs=past,
    )
    blind = replace(after("a", "failed", error="WarehouseBusy"), standing=None)
    for known, kinds in ((NOTHING, [Kind.STEP]), (news(NOTHING, blind, RULES)[1], [Kind.RUN, Kind.STEP])):
        found, then = news(known, situation, RULES)
        assert [notice.kind for notice in found] == kinds
        assert "new happened" in found[-1].text
        assert news(then, situation, RULES)[0] == []


def test_a_feed_is_broken_after_three_failures_and_comes_back_once() -> None:
    states = [("ok", 0), ("failing", 1), ("failing", 2), ("failing", 3), ("failing", 4), ("ok", 0), ("ok", 0)]
    situations = [after(feeds=(a_feed(state, failures),)) for state, failures in states]
    assert told(Known(), *situations) == [[], [], [], [Kind.FEED], [], [Kind.FEED], []]
    texts = [one.text for one in news(Known(feeds={a_feed("ok").url: "ok"}), situations[3], RULES)[0]]
    assert texts == ["feed wire broke: 3 failed polls in a row, timeout"]


def test_two_failures_in_between_are_nobodys_business() -> None:
    assert told(Known(), *[after(feeds=(a_feed(*one),)) for one in (("ok", 0), ("failing", 2), ("ok", 0))]) == [
        [],
        [],
        [],
    ]


@pytest.mark.parametrize("state", ["empty", "stale", "silent"])
def test_a_feed_that_brings_nothing_is_told_of_and_a_search_never(state: str) -> None:
    for name, expected in (("wire", [[], [Kind.FEED], []]), ("search", [[], [], []])):
        states = ["ok", state, state]
        assert told(Known(), *[after(feeds=(a_feed(one, name=name),)) for one in states]) == expected


def test_a_feed_that_was_stale_from_the_beginning_did_not_break() -> None:
    assert told(Known(), after(feeds=(a_feed("new"),)), after(feeds=(a_feed("stale"),))) == [[], []]


def test_a_failure_is_told_once_until_runs_complete_again() -> None:
    ends = [("a", "Boom"), ("b", "Boom"), ("c", "Other"), ("d", ""), ("e", "Boom")]
    situations = [after(run_id, "failed" if error else "completed", error=error) for run_id, error in ends]
    assert told(Known(), *situations) == [[Kind.RUN], [], [Kind.RUN], [Kind.RUN], [Kind.RUN]]
    assert (
        "monitor d completed: it works again"
        in news(Known(failing={"monitor": "Boom"}), situations[3], RULES)[0][0].text
    )


def test_a_run_that_failed_without_a_warehouse_to_read_is_told_of() -> None:
    situation = replace(after("a", "failed", error="WarehouseDamaged"), standing=None)
    (notice,), known = news(Known(steps=frozenset({"call"})), situation, RULES)
    assert "WarehouseDamaged: it hurts" in notice.text
    assert known.steps == {"call"}


def test_a_run_that_was_killed_is_told_of_by_the_next_one_even_if_it_began_long_before() -> None:
    running = (a_run("backfill", "running", T0 - 5 * HOUR), a_run("past", "completed"))
    killed = (a_run("backfill", "crashed", T0 - 5 * HOUR), a_run("past", "completed"))
    assert told(Known(), after("b", runs=running), after("c", runs=killed), after("d", runs=killed)) == [
        [],
        [Kind.RUN],
        [],
    ]


def test_several_killed_runs_are_one_notice() -> None:
    found, _ = news(Known(), after(runs=tuple(a_run(str(one), "crashed") for one in range(4))), RULES)
    assert [notice.text.endswith("was killed, and 3 before it") for notice in found] == [True]


def test_a_command_that_works_says_nothing_of_another_that_fails() -> None:
    rescored = after("b")
    rescored = replace(rescored, ending=replace(rescored.ending, command="rescore"))
    failed = after("a", "failed", error="Boom"), rescored, after("c", "failed", error="Boom")
    assert told(Known(), *failed) == [[Kind.RUN], [], []]


def test_an_interrupted_run_changes_nothing() -> None:
    assert told(
        Known(failing={"monitor": "Boom"}), after(status="interrupted"), after("b", "failed", error="Boom")
    ) == [[], []]


@pytest.mark.parametrize(
    "disk", [Disk(free_bytes=999, total_bytes=10_000), Disk(free_bytes=49_000, total_bytes=1_000_000)]
)
def test_a_disk_is_nearly_full_by_bytes_or_by_share_and_told_once(disk: Disk) -> None:
    bound = max(1000, 0.05 * disk.total_bytes)
    free = [disk.free_bytes, bound + 1, disk.free_bytes, 2 * bound, disk.free_bytes]
    disks = [replace(disk, free_bytes=int(one)) for one in free]
    assert told(Known(), *[after(disk=one) for one in disks]) == [[Kind.DISK], [], [], [], [Kind.DISK]]


def test_an_unknown_disk_is_no_news() -> None:
    assert told(Known(disk_is_full=True), after(disk=None)) == [[]]


def days(now: int, before: int) -> dict[str, tuple[int, ...]]:
    return {"hu": (now, *[before] * 14)}


def test_a_spike_is_told_once_until_it_is_half_over() -> None:
    counts = [(20, 20), (100, 20), (110, 22), (61, 20), (100, 25), (45, 25), (100, 25)]
    assert told(Known(), *[after(per_day=days(*one)) for one in counts]) == [
        [],
        [Kind.SPIKE],
        [],
        [],
        [],
        [],
        [Kind.SPIKE],
    ]


def test_a_spike_that_is_half_over_and_still_one_is_no_second_one() -> None:
    assert told(Known(), *[after(per_day=days(now, 20)) for now in (200, 100, 200)]) == [[Kind.SPIKE], [], []]


def test_a_silence_is_told_once_until_the_language_is_back() -> None:
    counts = [(0, 20), (1, 20), (2, 20), (15, 20), (0, 20)]
    assert told(Known(), *[after(per_day=days(*one)) for one in counts]) == [[Kind.SILENCE], [], [], [], [Kind.SILENCE]]


def test_a_machine_that_slept_has_not_heard_a_silence() -> None:
    assert told(Known(), after(per_day=days(0, 20), runs=HOURLY[:10])) == [[]]
    assert was_listening(HOURLY, T0)
    assert not was_listening(HOURLY[:23], T0)  # the last run was 7 hours ago
    assert not was_listening(HOURLY[-20:], T0)  # nobody knows what was before
    assert not was_listening(tuple(replace(run, asked=False) for run in HOURLY), T0)


def test_a_watch_that_has_just_begun_has_nothing_to_compare_with() -> None:
    assert told(Known(), after(per_day=days(100, 0), watching_since=T0 - timedelta(days=6))) == [[]]


def test_what_is_worst_is_told_first() -> None:
    situation = after("a", "failed", error="Boom", disk=Disk(free_bytes=1, total_bytes=100), steps=(a_step("call"),))
    assert told(Known(), situation) == [[Kind.RUN, Kind.DISK, Kind.STEP]]
