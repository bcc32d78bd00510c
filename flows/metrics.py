"""How things stand, as OpenMetrics text (1.0.0): <data>/public/metrics.prom, replaced in one step after every run.

For a textfile collector or any program that reads the format. Times of the past are given as timestamps, not as ages,
which would stand still with the file. `metrics_text` is pure.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from flows.notices import Disk, Ending
from flows.outbox import Mailbox
from warehouse.connect import DataDir
from warehouse.standing import PastRun, Standing, Totals

FEED_STATES = ("ok", "new", "failing", "empty", "stale", "silent")
RUN_STATUSES = ("completed", "failed", "interrupted")

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A metric: its name ends in its unit, if it has one; of a counter without _total."""

    name: str
    kind: str  # "gauge" or "counter"
    help: str
    unit: str = ""
    samples: tuple[tuple[Labels, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the metrics tell of; None: it could not be read."""

    now: datetime
    ending: Ending
    standing: Standing | None
    totals: Totals | None
    disk: Disk | None
    published_at: datetime | None  # of the snapshot that readers see
    mailboxes: tuple[Mailbox, ...]


def metrics_text(facts: Facts) -> str:
    """All of it, with # EOF at the end."""
    families = [*_run(facts), *_warehouse(facts), *_disk(facts.disk), *_rest(facts)]
    return "".join(_written(family) for family in families if family.samples) + "# EOF\n"


def write_metrics(data_dir: DataDir, text: str) -> None:
    """Replace the file in one step. Raises OSError."""
    path = data_dir.metrics_path
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        new.write_text(text, "utf-8")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _run(facts: Facts) -> Iterator[Family]:
    ending = facts.ending
    own = _of(facts.standing.runs if facts.standing else (), ending.run_id)
    yield Family(
        name="storywatch_last_run_end_timestamp_seconds",
        kind="gauge",
        help="When the last run ended.",
        unit="seconds",
        samples=_one(facts.now.timestamp()),
    )
    yield Family(
        name="storywatch_last_run_status",
        kind="gauge",
        help="1 for the status with which the last run ended, 0 for the others.",
        samples=tuple(({"status": status}, float(status == ending.status)) for status in RUN_STATUSES),
    )
    if own is not None:
        yield Family(
            name="storywatch_last_run_start_timestamp_seconds",
            kind="gauge",
            help="When the last run began.",
            unit="seconds",
            samples=_one(own.started_at.timestamp()),
        )
        yield Family(
            name="storywatch_last_run_duration_seconds",
            kind="gauge",
            help="Wall time of the last run.",
            unit="seconds",
            samples=_one(((own.ended_at or facts.now) - own.started_at).total_seconds()),
        )
    runs = facts.standing.runs if facts.standing else ()
    completed = [run.ended_at.timestamp() for run in runs if run.status == "completed" and run.ended_at]
    yield Family(
        name="storywatch_last_completed_run_end_timestamp_seconds",
        kind="gauge",
        help="When a run last completed, within the last 7 days.",
        unit="seconds",
        samples=_one(max(completed)) if completed else (),
    )


def _of(runs: Iterable[PastRun], run_id: str) -> PastRun | None:
    return next((run for run in runs if run.run_id == run_id), None)


def _warehouse(facts: Facts) -> Iterator[Family]:
    totals, standing = facts.totals, facts.standing
    if totals is not None:
        yield Family(
            name="storywatch_runs",
            kind="counter",
            help="Runs that the warehouse remembers, by how they ended.",
            samples=tuple(({"status": status}, count) for status, count in totals.runs.items()),
        )
        yield Family(
            name="storywatch_ledger_urls",
            kind="gauge",
            help="URLs of the ledger by where they stand now.",
            samples=tuple(
                ({"outcome": outcome, "reason": reason}, count) for (outcome, reason), count in totals.entries.items()
            ),
        )
        yield Family(
            name="storywatch_articles",
            kind="gauge",
            help="Stored articles by their relation to the story and their verdict.",
            samples=tuple(
                ({"relevance": relevance, "verdict": verdict}, count)
                for (relevance, verdict), count in totals.articles.items()
            ),
        )
        yield Family(
            name="storywatch_backlog_urls",
            kind="gauge",
            help="URLs that wait to be fetched: due now, or later.",
            samples=(({"due": "now"}, totals.due), ({"due": "later"}, totals.later)),
        )
    if standing is not None:
        states = Counter(feed.state for feed in standing.feeds)
        yield Family(
            name="storywatch_feeds",
            kind="gauge",
            help="Feeds in use by state.",
            samples=tuple(({"state": state}, states[state]) for state in FEED_STATES),
        )
        yield Family(
            name="storywatch_articles_last_day",
            kind="gauge",
            help="Articles on the story published in the 24 hours before the last run ended, by language.",
            samples=tuple(({"language": language}, days[0]) for language, days in sorted(standing.per_day.items())),
        )


def _disk(disk: Disk | None) -> Iterator[Family]:
    if disk is not None:
        for name, help_, size in (
            ("storywatch_disk_free_bytes", "Free space of the data folder's file system.", disk.free_bytes),
            ("storywatch_disk_size_bytes", "Size of that file system.", disk.total_bytes),
        ):
            yield Family(name=name, kind="gauge", help=help_, unit="bytes", samples=_one(size))


def _rest(facts: Facts) -> Iterator[Family]:
    if facts.published_at is not None:
        yield Family(
            name="storywatch_snapshot_published_timestamp_seconds",
            kind="gauge",
            help="When the snapshot that readers see was published.",
            unit="seconds",
            samples=_one(facts.published_at.timestamp()),
        )
    yield Family(
        name="storywatch_notify_target_failures",
        kind="gauge",
        help="Messages in a row that a target of notifications did not take.",
        samples=tuple(({"target": box.label}, box.failures) for box in facts.mailboxes),
    )
    yield Family(
        name="storywatch_notify_waiting_notices",
        kind="gauge",
        help="Notices that wait to be sent to a target.",
        samples=tuple(({"target": box.label}, len(box.waiting)) for box in facts.mailboxes),
    )


def _one(value: float) -> tuple[tuple[Labels, float], ...]:
    return (({}, value),)


def _written(family: Family) -> str:
    """The lines of a family: type, unit and help before its samples."""
    lines = [f"# TYPE {family.name} {family.kind}"]
    if family.unit:
        lines.append(f"# UNIT {family.name} {family.unit}")
    lines.append(f"# HELP {family.name} {_escaped(family.help)}")
    suffix = "_total" if family.kind == "counter" else ""
    for labels, value in family.samples:
        shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        lines.append(f"{family.name}{suffix}{'{' + shown + '}' if shown else ''} {_number(value)}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(float(value))
