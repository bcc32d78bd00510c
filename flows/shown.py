"""What a run leaves in Prefect's UI: artifacts, events that automations can use, log lines. It decides nothing, and
whatever goes wrong here the run does not hear of.

    storywatch.article.core   a new core article, whatever its verdict
    storywatch.story.step     a step of the story that was never told before
    storywatch.article.more   how many more of the first there were than are sent
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.events import emit_event
from prefect.exceptions import MissingContextError

from extractors.records import RunReport
from flows.interrupts import is_interrupt
from flows.markdown import brought_markdown
from flows.one_line import keyed, one_line
from flows.progress import PlainStage, Silent, Stage
from flows.report import artifact_rows, summary
from flows.watch import Watch
from flows.world import World
from warehouse.connect import reader
from warehouse.standing import Brought, BroughtArticle, ToldStep, brought

# Events and log lines of one run: 2.6 ms each in Prefect. A backfill brings thousands of articles.
MOST_EVENTS = 50
WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Event:
    """An event as Prefect takes it."""

    name: str
    resource: dict[str, str]
    payload: dict[str, Any]


class RunLog:
    """A Progress that writes into the log of the flow run."""

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Stage]:
        counted = _Counted(name, total)
        try:
            yield counted
        finally:
            self.say(counted.line())

    def say(self, text: str) -> None:
        try:
            get_run_logger().info("%s", text)
        except MissingContextError:  # outside of a run there is no log
            return


class _Counted(PlainStage):
    """Counts, and prints nothing."""

    def advance(self, *, failed: bool = False) -> None:
        self.done += 1
        self.failures += failed


def logged(world: World) -> World:
    """The world, with its progress in the log of the flow run, where it would be shown nowhere."""
    return replace(world, progress=RunLog()) if isinstance(world.progress, Silent) else world


def show(watch: Watch, report: RunReport) -> None:
    """Leave the artifacts, the events and the log lines of a run."""
    with _unheard():
        create_table_artifact(key="where-every-url-went", table=artifact_rows(report), description=summary(report))
    with _unheard():
        news = _brought(watch, report.run_id)
        for line in log_lines(news):
            RunLog().say(line)
        with _unheard():
            create_markdown_artifact(key="what-is-new", markdown=brought_markdown(news))
        for event in events(news):
            emit_event(event.name, resource=event.resource, payload=event.payload)


@contextmanager
def _unheard() -> Iterator[None]:
    """What fails inside is a line in the log: Prefect's server may be gone, but the run's work is committed."""
    try:
        yield
    except Exception as error:
        if is_interrupt(error):
            raise
        RunLog().say(f"not shown in Prefect: {type(error).__name__}: {error}")


def _brought(watch: Watch, run_id: str) -> Brought:
    with reader(watch.data_dir, wait_seconds=min(WAIT_SECONDS, watch.settings.writer_wait_seconds)) as con:
        return brought(con, run_id)


def events(news: Brought) -> list[Event]:
    """Steps first, then core articles, at most MOST_EVENTS, and one that says how many more there are. Pure."""
    core = [one for one in news.articles if one.relevance == "core"]
    all_of_it = [*map(_step_event, news.new_steps), *map(_article_event, core)]
    more = len(all_of_it) - MOST_EVENTS
    if more <= 0:
        return all_of_it
    resource = {"prefect.resource.id": "storywatch.articles"}
    return [*all_of_it[:MOST_EVENTS], Event("storywatch.article.more", resource, {"more": more})]


def _article_event(one: BroughtArticle) -> Event:
    payload = {
        "url": one.url,
        "title": one_line(one.title),
        "outlet": one.outlet,
        "language": one.language,
        "published_at": one.published_at.isoformat() if one.published_at else None,
        "score": one.score,
        "verdict": one.verdict,
    }
    return Event("storywatch.article.core", _resource("article", one.url, one.title), payload)


def _step_event(step: ToldStep) -> Event:
    payload = {
        "step": step.slug,
        "what": one_line(step.what),
        "url": step.url,
        "title": one_line(step.title),
        "outlet": step.outlet,
        "language": step.language,
        "published_at": step.published_at.isoformat() if step.published_at else None,
    }
    return Event("storywatch.story.step", _resource("step", step.slug, step.slug), payload)


def _resource(kind: str, key: str, name: str) -> dict[str, str]:
    """The id is a digest: addresses may be longer than Prefect takes."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return {
        "prefect.resource.id": f"storywatch.{kind}.{digest}",
        "prefect.resource.name": one_line(name, 100) or kind,
    }


def log_lines(news: Brought) -> Iterator[str]:
    """A line for each article, at most MOST_EVENTS; keys as everywhere. Pure."""
    for one in news.articles[:MOST_EVENTS]:
        what = f"{one.relevance} article"
        yield keyed(
            what, feed=one.feed_name, url=one.entry_url, outlet=one.outlet, verdict=one.verdict, of=one.verdict_of
        )
    if len(news.articles) > MOST_EVENTS:
        yield f"... and {len(news.articles) - MOST_EVENTS} more articles"
