"""Which children of a document are asked: the sitemaps that an index names, the halves of a full search window.

Pure. The most recently changed ones first, at most MAX_CHILDREN a run; some places are for what was asked longest
ago, so that each has its turn. Those that did not change since we read them are left alone. When a feed itself is
asked: schedule.py.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from extractors.dates import EARLIEST
from extractors.feed_items import FeedChild, FeedDocument
from extractors.records import FeedKind, FeedState
from extractors.schedule import is_due, is_over, wants_whole

# Children of one index that are asked in one run. News indexes list a handful; archives list thousands (backfill).
MAX_CHILDREN = 20
LONGEST_UNASKED = 5  # of these places, for those that were never asked or longest ago: no server's dates starve them
MAX_DEPTH = 2  # an index may name indexes; news sites have no deeper ones, and an endless chain must end
MAX_SPLITS = 6  # a full window of a search is halved at most so often: 64 parts of a day are 22 minutes each
# A server's copy of a sitemap may lag behind the lastmod that its index tells.
LAG = timedelta(minutes=10)
# A lastmod of midnight is most often a date without a time: the day, in whichever zone, until it is over.
WHOLE_DAY = timedelta(hours=38)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The children to ask, in order, and how many were not."""

    children: tuple[FeedChild, ...]
    unchanged: int = 0  # read since they last changed, or not due
    left: int = 0  # beyond MAX_CHILDREN, or too deep

    @property
    def note(self) -> str:
        """For the row of `fetch` of the parent; empty: nothing to say."""
        parts = [
            f"{self.left} of its documents left for later" if self.left else "",
            f"{self.unchanged} unchanged" if self.unchanged else "",
        ]
        return "; ".join(part for part in parts if part)


def deepest(kind: FeedKind) -> int:
    """How many generations below the feed's own address are asked."""
    return MAX_SPLITS if kind is FeedKind.GDELT else MAX_DEPTH


def has_state(kind: FeedKind) -> bool:
    """Whether what children left behind is kept: a half window is never asked again, a sitemap is."""
    return kind is not FeedKind.GDELT


def chosen(
    document: FeedDocument,
    states: Mapping[str, FeedState],
    seen: Container[str],
    *,
    depth: int,
    every: bool,
    now: datetime,
) -> Chosen:
    """What to ask of a document found `depth` generations below the feed's own address.

    `seen`: asked in this run. `every`: also what is not due, and what did not change since it was read.
    """
    named = list({child.url: child for child in document.children if child.url not in seen}.values())
    if depth >= deepest(document.kind):
        return Chosen(children=(), left=len(named))
    open_ones = [child for child in named if every or is_worth_asking(child, states.get(child.url), now)]
    asked_at = {url: state.checked_at or EARLIEST for url, state in states.items()}
    ordered = _most_recent_first(open_ones, asked_at)
    split = MAX_CHILDREN - LONGEST_UNASKED
    others = sorted(ordered[split:], key=lambda child: asked_at.get(child.url, EARLIEST))
    first = (*ordered[:split], *others[:LONGEST_UNASKED])
    return Chosen(children=first, unchanged=len(named) - len(open_ones), left=len(open_ones) - len(first))


def is_worth_asking(child: FeedChild, state: FeedState | None, now: datetime) -> bool:
    """Whether a child may have something to say that we have not read."""
    if state is None or state.answered_at is None or state.failures or child.modified_at is None:
        return is_due(state, now)
    if wants_whole(state, now):
        return True
    is_day = child.modified_at == child.modified_at.replace(hour=0, minute=0, second=0, microsecond=0)
    may_have_changed = state.answered_at <= child.modified_at + (WHOLE_DAY if is_day else LAG)
    return may_have_changed and is_over(state.not_before_at, now)


def _most_recent_first(children: list[FeedChild], asked_at: Mapping[str, datetime]) -> list[FeedChild]:
    """By the date that the parent tells, of one date those first that were asked longest ago, or never. Those without
    a date keep their order, from both ends of the document inwards: indexes name the newest first or last.
    """
    waited = sorted((c for c in children if c.modified_at), key=lambda child: asked_at.get(child.url, EARLIEST))
    dated = sorted(waited, key=lambda c: c.modified_at or EARLIEST, reverse=True)  # stable
    undated = [child for child in children if not child.modified_at]
    inwards = [undated[i // 2] if i % 2 == 0 else undated[-1 - i // 2] for i in range(len(undated))]
    return [*dated, *inwards]
