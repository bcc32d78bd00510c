"""Spikes and silences of a language: what must alarm, what must not."""

from __future__ import annotations

import math

import pytest

from flows.alarms import Alarm, Bounds, alarm, at_least, at_most, spread_of

BOUNDS = Bounds(spike_factor=3.0, spike_articles=10, silence_articles=10)
STEADY = [20, 24, 18, 21, 19, 23, 20, 22, 17, 20, 21, 25, 19, 20]


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (100, STEADY, Alarm.SPIKE),
        (40, [0] * 14, Alarm.SPIKE),  # nobody spoke of it, and now everybody does
        (0, STEADY, Alarm.SILENCE),
        (1, STEADY, Alarm.SILENCE),
        (20, STEADY, None),
        (55, STEADY, None),  # much, but not thrice as much
        (9, [0] * 14, None),  # nine articles are no wave
        (5, STEADY, None),  # a slow Sunday
        (0, [*STEADY[:13], 0], None),  # there was a day without any before
        (0, [4] * 14, None),  # too few for a day without any to say something
        (0, [], None),
        (0, [0] * 14, None),
    ],
)
def test_the_counts_that_alarm(now: int, before: list[int], expected: Alarm | None) -> None:
    assert alarm([now, *before], BOUNDS) == expected


@pytest.mark.parametrize("kept", [0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("begin", [12, 100, 1000])
def test_a_story_that_fades_never_alarms(begin: int, kept: float) -> None:
    days = [round(begin * kept**day) for day in range(60)]
    for day in range(1, len(days)):
        assert alarm(days[day::-1][:15], BOUNDS) is None, day


def test_a_story_that_begins_alarms_and_weekends_do_not() -> None:
    weeks = [40, 42, 38, 41, 39, 14, 12] * 4
    assert {alarm(weeks[day : day + 15], BOUNDS) for day in range(len(weeks) - 15)} == {None}
    assert alarm([300, *weeks[:14]], BOUNDS) is Alarm.SPIKE


def test_a_history_of_bursts_needs_a_larger_one() -> None:
    bursts = [0, 60, 0, 0, 0, 70, 0, 0, 0, 0, 65, 0, 0, 0]
    assert spread_of(bursts) > 30
    assert alarm([60, *bursts], BOUNDS) is None
    assert alarm([60, *[round(sum(bursts) / 14)] * 14], BOUNDS) is Alarm.SPIKE


def test_the_tails_are_those_of_poisson() -> None:
    assert at_most(0, 3.0) == pytest.approx(math.exp(-3))
    assert at_most(2, 3.0) == pytest.approx(math.exp(-3) * (1 + 3 + 4.5))
    assert at_least(3, 3.0) == pytest.approx(1 - at_most(2, 3.0))
    assert (at_least(0, 3.0), at_least(5, 0.0), at_most(5, 0.0)) == (1.0, 0.0, 1.0)
    assert at_most(2000, 1000.0) == pytest.approx(1.0)
