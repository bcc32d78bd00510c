"""What Prefect says of our deployments: which are there, what runs next. Asked over plain HTTP, within a bound."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flows.prefect_api import Api, NoAnswer
from flows.serve_plan import POOL

Ask = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A deployment of our pool."""

    name: str
    is_paused: bool
    limit: int | None  # runs of it at a time
    has_schedule: bool  # an active one
    interval_seconds: float | None  # of that schedule; None: none, or at times of the day
    next_run_at: datetime | None  # None: no run is scheduled


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefect:
    """Prefect, as seen from the data folder."""

    api_url: str | None  # None: none is named; runs by hand or from cron
    named_by: str  # "PREFECT_API_URL" or "storywatch up"; empty: none is named
    problem: str | None  # why it could not be asked; None: it was, or none is named
    deployments: tuple[Deployed, ...]


def prefect(api: Api | None, *, within_seconds: float) -> Prefect:
    """What the server says; its silence is a `problem`, never an error."""
    if api is None:
        return Prefect(api_url=None, named_by="", problem=None, deployments=())
    problem: str | None = None
    found: tuple[Deployed, ...] = ()
    try:
        found = deployed(asked_within(api, within_seconds))
    except NoAnswer as error:
        problem = f"it does not answer: {error}"
    except (KeyError, TypeError, ValueError) as error:
        problem = f"it does not answer as Prefect does: {type(error).__name__}: {error}"
    return Prefect(api_url=api.url, named_by=api.named_by, problem=problem, deployments=found)


def asked_within(api: Api, seconds: float) -> Ask:
    """api.ask, all questions together within a bound; raises NoAnswer when it is over."""
    ends = time.monotonic() + seconds

    def ask(path: str, body: object = None) -> Any:
        left = ends - time.monotonic()
        answers: list[Any] = []

        def answer() -> None:
            try:
                answers.append(replace(api, timeout_seconds=left).ask(path, body))
            except NoAnswer as error:
                answers.append(error)

        # Neither the look-up of a name nor an answer that comes byte by byte keeps a time limit of its own.
        if left > 0:
            thread = threading.Thread(target=answer, name="asks-prefect", daemon=True)
            thread.start()
            thread.join(left)
        if not answers:
            raise NoAnswer(f"not within {seconds:g} s")
        if isinstance(answers[0], NoAnswer):
            raise answers[0]
        return answers[0]

    return ask


def deployed(ask: Ask) -> tuple[Deployed, ...]:
    """Our deployments, by name."""
    found = ask("/deployments/filter", {"work_pools": {"name": {"any_": [POOL]}}})
    return tuple(_deployed(ask, one) for one in sorted(found, key=lambda one: str(one["name"])))


def _deployed(ask: Ask, one: dict[str, Any]) -> Deployed:
    active = [schedule["schedule"] for schedule in one["schedules"] if schedule["active"]]
    intervals = [float(schedule["interval"]) for schedule in active if "interval" in schedule]
    limit = one.get("global_concurrency_limit")
    return Deployed(
        name=str(one["name"]),
        is_paused=bool(one["paused"]),
        limit=int(limit["limit"]) if limit else None,
        has_schedule=bool(active),
        interval_seconds=min(intervals, default=None),
        next_run_at=_next_run_at(ask, str(one["id"])) if active else None,
    )


def _next_run_at(ask: Ask, deployment: str) -> datetime | None:
    wanted = {"deployment_id": {"any_": [deployment]}, "state": {"type": {"any_": ["SCHEDULED"]}}}
    runs = ask("/flow_runs/filter", {"flow_runs": wanted, "sort": "EXPECTED_START_TIME_ASC", "limit": 1})
    return datetime.fromisoformat(runs[0]["expected_start_time"]).astimezone(UTC) if runs else None
