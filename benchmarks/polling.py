"""When to ask a feed: our rule and Media Cloud's, on the same simulated feeds of five habits.

    python -m benchmarks.polling [--days 60]

Media Cloud's rss-fetcher (fetcher/tasks.py and config.py, as its defaults stand): it asks a feed every six hours at
first; a poll of whose addresses two thirds or more are known makes the interval ten minutes longer, up to a day; one of
whose addresses less than a third are known makes it an hour shorter, down to ten minutes. Written here from that
description. No network, no clock; the same seed prints the same table.
"""

from __future__ import annotations

import argparse
import math
import random
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from extractors.schedule import (
    LONGEST,
    LONGEST_HABIT,
    RECENT_HOURS,
    UNKNOWN_PER_HOUR,
    USUAL_HOURS,
    faded,
    interval_seconds,
)

HOUR, DAY = 3_600.0, 86_400.0
SCHEDULE = 900.0  # our runs; Media Cloud looks for due feeds all the time
DOCUMENT = 30  # entries that a feed shows
WARM_UP = 3 * DAY  # not counted


class Rule(Protocol):
    """Told of each poll, it answers with the seconds until the next one."""

    def next_after(self, now: float, new: int, shown: int) -> float: ...


@dataclass
class MediaCloud:
    """Minutes, as there."""

    interval: float = 360.0
    polled: float | None = None

    def next_after(self, now: float, new: int, shown: int) -> float:
        if self.polled is not None:
            late = (now - self.polled) / 60 - self.interval
            known = 100.0 if new == 0 else 100.0 * (shown - new) / shown
            if known >= 67 and late >= -20:
                self.interval = min(self.interval + 10, 1440.0)
            elif known < 33 and late <= 20:
                self.interval = 360.0 if self.interval > 360 else max(self.interval - 60, 10.0)
        self.polled = now
        return self.interval * 60


@dataclass
class Ours:
    """`unit`: interval at one entry per hour, in seconds; the product's is the schedule's."""

    unit: float = SCHEDULE
    usual: float = UNKNOWN_PER_HOUR
    recent: float = UNKNOWN_PER_HOUR
    polled: float = 0.0

    def next_after(self, now: float, new: int, shown: int) -> float:
        hours, self.polled = (now - self.polled) / HOUR, now
        self.usual = faded(self.usual, hours, USUAL_HOURS) + new / USUAL_HOURS
        self.recent = faded(self.recent, hours, RECENT_HOURS) + new / RECENT_HOURS
        if new and self.unit == SCHEDULE:
            return SCHEDULE
        rate = max(self.usual, self.recent)
        longest = LONGEST_HABIT if self.unit == SCHEDULE else LONGEST
        return interval_seconds(rate, least_seconds=SCHEDULE, unit_seconds=self.unit, longest=longest)


@dataclass
class Outcome:
    """What became of the feeds of one habit, or of all."""

    polls: int = 0
    seen: int = 0
    delay: float = 0.0  # seconds, summed over `seen`
    missed: int = 0  # entries that had left the document before it was asked

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.polls + other.polls,
            self.seen + other.seen,
            self.delay + other.delay,
            self.missed + other.missed,
        )

    @property
    def mean_delay_minutes(self) -> float:
        return self.delay / max(self.seen, 1) / 60


@dataclass
class Habits:
    """Habit -> feeds, each a list of times at which an entry appears, in seconds."""

    days: float
    seed: int = 1
    feeds: dict[str, list[list[float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        gaps = (600.0, HOUR, 6 * HOUR, DAY, 5 * DAY)
        self.feeds["steady"] = [self._steady(gap) for gap in gaps for _ in range(4)]
        self.feeds["day and night"] = [self._steady(gap, _by_day) for gap in (900.0, HOUR) for _ in range(4)]
        self.feeds["bursts"] = [self._bursts(gap) for gap in (12 * HOUR, 2 * DAY) for _ in range(4)]
        self.feeds["silent, then news"] = [self._late() for _ in range(4)]

    def _steady(self, gap: float, share: Callable[[float], float] = lambda _: 1.0, days: float = 0.0) -> list[float]:
        times, now = [], 0.0
        while (now := now + self._rng.expovariate(1 / gap)) < (days or self.days) * DAY:
            if self._rng.random() < share(now):
                times.append(now)
        return times

    def _bursts(self, gap: float) -> list[float]:
        times, now = [], 0.0
        while (now := now + self._rng.expovariate(1 / gap)) < self.days * DAY:
            for _ in range(self._rng.randint(5, 25)):
                times.append(now)
                now += self._rng.expovariate(1 / 900.0)
        return [time for time in times if time < self.days * DAY]

    def _late(self) -> list[float]:
        return [time + self.days * DAY / 2 for time in self._steady(1200.0, _by_day, 3.0)]


def _by_day(now: float) -> float:
    return 1.0 if 6 <= now / HOUR % 24 < 22 else 0.03


def simulated(make: Callable[[], Rule], habits: Habits, *, step: float = SCHEDULE) -> dict[str, Outcome]:
    """Habit -> outcome. Feeds are asked at multiples of `step`."""
    return {
        name: sum((_one(make(), times, habits, step) for times in feeds), Outcome())
        for name, feeds in habits.feeds.items()
    }


def _one(rule: Rule, times: Sequence[float], habits: Habits, step: float) -> Outcome:
    outcome, now, read = Outcome(), 0.0, 0
    while now < habits.days * DAY:
        there = bisect_right(times, now)
        new = there - read
        if now >= WARM_UP:
            outcome.polls += 1
            outcome.seen += new
            outcome.delay += sum(now - time for time in times[read:there])
            outcome.missed += max(new - DOCUMENT, 0)
        read = there
        wait = rule.next_after(now, min(new, DOCUMENT), min(max(there, 1), DOCUMENT))
        now = max(math.ceil((now + wait - 1e-6) / step) * step, now + step)
    return outcome


def total(outcomes: Mapping[str, Outcome]) -> Outcome:
    return sum(outcomes.values(), Outcome())


def with_as_many_polls(polls: int, habits: Habits) -> float:
    """The `unit` at which our rule asks no more often than that, over all feeds."""
    low, high = SCHEDULE, DAY
    for _ in range(14):
        unit = (low + high) / 2
        if total(simulated(lambda unit=unit: Ours(unit=unit), habits)).polls > polls:  # type: ignore[misc]
            low = unit
        else:
            high = unit
    return high


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--days", type=float, default=60.0)
    habits = Habits(parser.parse_args().days)
    theirs = simulated(MediaCloud, habits)
    unit = with_as_many_polls(total(theirs).polls, habits)
    rows = {
        "Media Cloud": theirs,
        "ours, as many polls": simulated(lambda: Ours(unit=unit), habits),
        "ours, every 15 min": simulated(Ours, habits),
    }
    print(f"{'rule':22}{'habit':20}{'polls':>8}{'entries':>9}{'mean delay (min)':>18}{'missed':>8}")
    for name, outcomes in rows.items():
        for habit, outcome in {**outcomes, "all": total(outcomes)}.items():
            delay = f"{outcome.mean_delay_minutes:.1f}"
            print(f"{name:22}{habit:20}{outcome.polls:8}{outcome.seen:9}{delay:>18}{outcome.missed:8}")


if __name__ == "__main__":
    main()
