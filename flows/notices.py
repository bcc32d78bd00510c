"""What is new since people were last told: pure, from what is known and how things stand to notices.

    Known, Situation --news--> notices, the Known that stands then

A notice is made once, when something changes, and not again while it stays so; where a value can flutter around its
bound, it has to go back well behind it before it counts as new again. Whether and when a notice is sent is not decided
here (outbox.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from flows.alarms import Alarm, Bounds, alarm
from flows.notify_settings import Kind
from warehouse.standing import FeedStanding, PastRun, Standing

# An alarm of a language is over when the count is back at this share of the way, or after the window has passed over
# it.
ALARM_OVER_SHARE = 0.5
ALARM_LASTS = timedelta(days=14)
# Disks flutter: the alarm is over when so many times the bound is free.
DISK_OVER = 1.5
# A silence is only one if somebody listened: no longer gap between two runs within the last 24 hours.
LONGEST_GAP = timedelta(hours=6)
# A spike needs days to compare with.
LEAST_WATCHED = timedelta(days=7)
# Faults of a feed that brings nothing; a search of a story that fades brings nothing by right.
FAULTS_OF_FEEDS = frozenset({"empty", "stale", "silent"})
# Endings of runs that people are told of.
BAD = frozenset({"failed", "crashed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell."""

    kind: Kind
    text: str  # one line
    at: datetime  # when it was noticed
    link: str = ""  # where more of it stands; empty: nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """From where on something matters."""

    bounds: Bounds
    feed_failures: int  # polls in a row
    disk_free_bytes: int
    disk_free_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The file system of the data folder."""

    free_bytes: int
    total_bytes: int

    @property
    def free_share(self) -> float:
        return self.free_bytes / self.total_bytes if self.total_bytes else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the run ended."""

    run_id: str
    command: str  # as in the table run
    status: str  # "completed", "interrupted", "failed"
    detail: str = ""
    error: str = ""  # name of the error's class; empty: none


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """How things are after a run."""

    now: datetime
    ending: Ending
    disk: Disk | None  # None: could not be asked
    standing: Standing | None  # None: the warehouse could not be read
    searches: frozenset[str] = frozenset()  # URLs of feeds that are built from queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alarm of a language that was told."""

    alarm: Alarm
    articles: int  # in the 24 hours at the time
    usual: float  # articles per day before
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What people were told, or could know: nothing of this is news again."""

    steps: frozenset[str] = frozenset()
    feeds: Mapping[str, str] = field(default_factory=dict)  # URL -> "ok" or its trouble
    alarms: Mapping[str, Raised] = field(default_factory=dict)  # language -> alarm
    runs: frozenset[str] = frozenset()  # ids of runs that failed or were killed
    failing: Mapping[str, str] = field(default_factory=dict)  # command -> failure that its last run ended with
    disk_is_full: bool = False
    knows_the_past: bool = True  # False: the warehouse was never looked at


NOTHING = Known(knows_the_past=False)


def with_the_past(known: Known, standing: Standing) -> Known:
    """What is taken as known when a warehouse is looked at for the first time: steps that earlier runs found, feeds as
    they are, crashes of the past. What the run itself brought is news.
    """
    return replace(
        known,
        knows_the_past=True,
        steps=frozenset(step.slug for step in standing.steps if step.is_older),
        feeds={feed.url: feed.state for feed in standing.feeds if feed.state != "new" and feed.failures != 1},
        runs=known.runs | {run.run_id for run in standing.runs if run.status in BAD and run.run_id != standing.run_id},
    )


def news(known: Known, situation: Situation, rules: Rules) -> tuple[list[Notice], Known]:
    """What is to be told, in the order of Kind, and what is known then."""
    found: list[Notice] = []
    after = known
    if situation.standing is not None and not known.knows_the_past:
        after = with_the_past(known, situation.standing)
    steps = (_runs, _disk, _steps, _alarms, _feeds)
    for step in steps:
        more, after = step(after, situation, rules)
        found += more
    order = list(Kind)
    return sorted(found, key=lambda notice: order.index(notice.kind)), after


Found = tuple[list[Notice], Known]


def _runs(known: Known, situation: Situation, rules: Rules) -> Found:
    """A run that failed, and those that were killed; the same failure again is no news until a run of the same command
    has completed.
    """
    now, ending, standing = situation.now, situation.ending, situation.standing
    others = [run for run in standing.runs if run.run_id != ending.run_id and run.status in BAD] if standing else []
    unseen = [run for run in others if run.run_id not in known.runs]
    failing, texts = dict(known.failing), list(_killed([run for run in unseen if run.status == "crashed"]))
    for run in unseen:
        if run.status == "failed":
            kind = run.detail.partition(":")[0]
            texts += [f"{run.command} {run.run_id} failed: {run.detail}"] if kind != failing.get(run.command) else []
            failing[run.command] = kind
    seen = frozenset(run.run_id for run in others) if standing else known.runs
    if ending.status == "failed":
        kind = ending.error or ending.detail.partition(":")[0]
        texts += (
            [f"{ending.command} {ending.run_id} failed: {ending.detail}"] if kind != failing.get(ending.command) else []
        )
        failing[ending.command], seen = kind, seen | {ending.run_id}
    elif ending.status == "completed":
        was = failing.pop(ending.command, "")
        texts += [f"{ending.command} {ending.run_id} completed: it works again"] if was else []
    found = [Notice(kind=Kind.RUN, at=now, text=text) for text in texts]
    return found, replace(known, failing=failing, runs=seen)


def _killed(runs: Sequence[PastRun]) -> Iterator[str]:
    if runs:
        last = runs[-1]
        told = f"{last.command} {last.run_id}, begun {last.started_at:%Y-%m-%d %H:%M}Z, was killed"
        yield told if len(runs) == 1 else f"{told}, and {len(runs) - 1} before it"


def _disk(known: Known, situation: Situation, rules: Rules) -> Found:
    disk = situation.disk
    if disk is None:
        return [], known
    bound = max(float(rules.disk_free_bytes), rules.disk_free_share * disk.total_bytes)
    if disk.free_bytes < bound and not known.disk_is_full:
        text = f"disk nearly full: {disk.free_bytes / 1e9:.1f} GB free, {disk.free_share:.1%} of it"
        return [Notice(kind=Kind.DISK, at=situation.now, text=text)], replace(known, disk_is_full=True)
    if known.disk_is_full and disk.free_bytes >= DISK_OVER * bound:
        return [], replace(known, disk_is_full=False)
    return [], known


def _steps(known: Known, situation: Situation, rules: Rules) -> Found:
    if situation.standing is None:
        return [], known
    new = [step for step in situation.standing.steps if step.slug not in known.steps]
    found = []
    for step in new:
        published = f", {step.published_at:%Y-%m-%d %H:%M}Z" if step.published_at else ""
        text = f"new step {step.slug}: {step.what} First told by {step.outlet}{published}: {step.title}"
        found.append(Notice(kind=Kind.STEP, at=situation.now, text=text, link=step.url))
    return found, replace(known, steps=known.steps | {step.slug for step in new})


def _alarms(known: Known, situation: Situation, rules: Rules) -> Found:
    standing = situation.standing
    if standing is None:
        return [], known
    found: list[Notice] = []
    raised = dict(known.alarms)
    watched = standing.watching_since is not None and situation.now - standing.watching_since >= LEAST_WATCHED
    listened = was_listening(standing.runs, situation.now)
    for language in sorted(standing.per_day.keys() | raised.keys()):
        counts = standing.per_day.get(language, (0, 0))
        rung = alarm(counts, rules.bounds) if watched else None
        if language in raised and rung is None and _is_over(raised[language], counts[0], situation.now):
            del raised[language]
        is_old = language in raised and raised[language].alarm is rung
        if rung is None or is_old or (rung is Alarm.SILENCE and not listened):
            continue
        usual = sum(counts[1:]) / len(counts[1:])
        raised[language] = Raised(alarm=rung, articles=counts[0], usual=usual, at=situation.now)
        text = (
            f"{rung} in {language}: {counts[0]} articles on the story in 24 hours, {usual:.1f} a day in the "
            f"{len(counts[1:])} days before"
        )
        found.append(Notice(kind=Kind(rung.value), at=situation.now, text=text))
    return found, replace(known, alarms=raised)


def _is_over(raised: Raised, articles: int, now: datetime) -> bool:
    """Whether the next alarm of the same kind is another one."""
    if now - raised.at >= ALARM_LASTS:
        return True
    if raised.alarm is Alarm.SPIKE:
        return articles <= ALARM_OVER_SHARE * raised.articles
    return articles >= ALARM_OVER_SHARE * raised.usual


def was_listening(runs: tuple[PastRun, ...], now: datetime) -> bool:
    """Whether runs asked feeds throughout the last 24 hours: a machine that slept has not heard a silence."""
    asked = sorted(run.started_at for run in runs if run.asked and run.started_at <= now)
    times = [*asked, now]
    begin = now - timedelta(days=1)
    gaps = [later - max(earlier, begin) for earlier, later in pairwise(times) if later > begin]
    return bool(asked) and asked[0] <= begin and max(gaps) <= LONGEST_GAP


def _feeds(known: Known, situation: Situation, rules: Rules) -> Found:
    if situation.standing is None:
        return [], known
    found: list[Notice] = []
    feeds: dict[str, str] = {}
    for feed in situation.standing.feeds:
        before = known.feeds.get(feed.url, "")
        now = _condition(feed, before, rules, is_search=feed.url in situation.searches)
        if now:
            feeds[feed.url] = now
        text = _change(feed, before, now)
        if text:
            found.append(Notice(kind=Kind.FEED, at=situation.now, text=text, link=feed.url))
    return found, replace(known, feeds=feeds)


def _condition(feed: FeedStanding, before: str, rules: Rules, *, is_search: bool) -> str:
    """What counts as the feed's state: a failure or two change nothing, and a search has the right to find nothing."""
    if feed.state == "new":
        return before
    if feed.state == "failing":
        return "failing" if feed.failures >= rules.feed_failures else before
    return "ok" if is_search and feed.state in FAULTS_OF_FEEDS else feed.state


def _change(feed: FeedStanding, before: str, now: str) -> str:
    since = f" since {feed.since_at:%Y-%m-%d %H:%M}Z" if feed.since_at else ""
    if now == before or not now:
        return ""
    if now == "failing":
        return (
            f"feed {feed.name} broke: {feed.failures} failed polls in a row, {feed.reason or 'no reason noted'}{since}"
        )
    if now in FAULTS_OF_FEEDS and before == "ok":
        return f"feed {feed.name} is {now}{since}"
    if now in FAULTS_OF_FEEDS and before == "failing":
        return f"feed {feed.name} answers again, but is {now}{since}"
    if now == "ok" and before:
        return f"feed {feed.name} came back: it was {before}"
    return ""
