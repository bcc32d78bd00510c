"""What the last maintenance did, kept in <data>/private/maintained.json: for `storywatch status` and the next one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from warehouse.connect import DataDir

DONE, LEFT, FAILED = "done", "left", "failed"  # left: for another time, or for ever, with a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of a step."""

    name: str
    state: str  # done, left, failed
    detail: str  # for people
    counts: Mapping[str, int] = field(default_factory=dict)  # what it did: rows, files, bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintained:
    """What a maintenance did."""

    started_at: datetime
    ended_at: datetime
    steps: tuple[Step, ...]
    trimmed_until: datetime | None  # archive files of runs that began before are done with

    @property
    def is_well(self) -> bool:
        """Whether no step failed."""
        return all(step.state != FAILED for step in self.steps)


def read_maintained(data_dir: DataDir) -> Maintained | None:
    """What the last maintenance did. None: there was none, or what it wrote can't be read."""
    try:
        told = json.loads(data_dir.maintained_path.read_text("utf-8"))
        until = told["trimmed_until"]
        return Maintained(
            started_at=datetime.fromisoformat(told["started_at"]).astimezone(UTC),
            ended_at=datetime.fromisoformat(told["ended_at"]).astimezone(UTC),
            steps=tuple(Step(**step) for step in told["steps"]),
            trimmed_until=datetime.fromisoformat(until).astimezone(UTC) if until else None,
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_maintained(data_dir: DataDir, maintained: Maintained) -> None:
    """Replace it whole; not at all on a full disk: the next one does a little more than it would have to."""
    new = data_dir.maintained_path.with_suffix(".new")
    with suppress(OSError):
        new.write_text(json.dumps(asdict(maintained), indent=1, default=str) + "\n", "utf-8")
        new.replace(data_dir.maintained_path)
