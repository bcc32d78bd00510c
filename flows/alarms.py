"""Whether a language suddenly tells much more or nothing any more: pure, over counts of 24 hours each.

Counts of articles are no Poisson process: news comes in bursts and rests on Sundays. So counts are scaled by how much
the last 14 days vary beyond Poisson (quasi-Poisson, McCullagh and Nelder, 1989), and the bound is far out.

A spike is held against the mean: the burst that a story begins or turns with. A silence is held against the lowest of
the 14 days: only a language that was told of each day can fall silent, so a story that fades, and each day tells less
than the day before, never alarms. What does is a broken feed or rule.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

# Chance of an alarm in a language and day in which nothing happened: with 20 languages one false alarm in 1.4 years.
CHANCE = 1e-4
# A silence leaves at most this share of the lowest of the days before: a weekend or a holiday leaves more.
SILENT_SHARE = 0.1


class Alarm(StrEnum):
    """What is wrong with a language."""

    SPIKE = "spike"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What counts as a spike or a silence."""

    spike_factor: float  # times the mean of the days before
    spike_articles: int  # at least in 24 hours
    silence_articles: int  # at least on each of the days before


def alarm(counts: Sequence[int], bounds: Bounds) -> Alarm | None:
    """The alarm that counts give: articles of the last 24 hours, then of each 24 hours before, the latest first.

    None: nothing unusual, or no days before.
    """
    now, before = counts[0], counts[1:]
    if not before:
        return None
    mean = sum(before) / len(before)
    spread = spread_of(before)
    if now >= bounds.spike_articles and now >= bounds.spike_factor * mean:
        return Alarm.SPIKE if at_least(math.floor(now / spread), mean / spread) <= CHANCE else None
    lowest = min(before)
    if lowest >= bounds.silence_articles and now <= SILENT_SHARE * lowest:
        return Alarm.SILENCE if at_most(math.ceil(now / spread), lowest / spread) <= CHANCE else None
    return None


def spread_of(counts: Sequence[int]) -> float:
    """Variance over mean, at least 1 (Poisson): how much the counts vary beyond chance."""
    mean = sum(counts) / len(counts)
    if len(counts) < 2 or not mean:
        return 1.0
    variance = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1)
    return max(1.0, variance / mean)


def at_most(count: int, mean: float) -> float:
    """P(X <= count) of a Poisson variable."""
    if mean == 0:
        return 1.0
    return min(1.0, math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1)))


def at_least(count: int, mean: float) -> float:
    """P(X >= count) of a Poisson variable."""
    return max(0.0, 1.0 - at_most(count - 1, mean)) if count > 0 else 1.0
