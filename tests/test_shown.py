"""Events and log lines for Prefect: bounded, and never the run's trouble."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows import shown
from flows.replay.site import MOMENTS
from flows.shown import MOST_EVENTS, events, log_lines, show
from tests.records_factory import make_report
from tests.replayed import replay_watch
from tests.test_markdown import an_article
from tests.test_notices import a_step
from warehouse.standing import Brought


def test_each_new_core_article_and_each_new_step_is_an_event() -> None:
    copy = an_article("Copy", url="https://wire.example/b", verdict="near", verdict_of="https://wire.example/a")
    aside = an_article("Aside", url="https://wire.example/c", relevance="related")
    found = events(Brought(articles=(an_article(), copy, aside), new_steps=(a_step("call"),), feeds=()))
    assert [event.name for event in found] == [
        "storywatch.story.step",
        "storywatch.article.core",
        "storywatch.article.core",
    ]
    assert found[2].payload == {
        "url": "https://wire.example/b",
        "title": "Copy",
        "outlet": "wire.example",
        "language": "en",
        "published_at": "2025-10-17T08:00:00+00:00",
        "score": 0.5,
        "verdict": "near",
    }
    assert len({event.resource["prefect.resource.id"] for event in found}) == 3


def test_events_and_lines_are_bounded_and_say_how_many_more_there_were() -> None:
    many = tuple(an_article(url=f"https://wire.example/{number}") for number in range(MOST_EVENTS + 10))
    brought = Brought(articles=many, new_steps=(a_step("call"),), feeds=())
    found = events(brought)
    assert len(found) == MOST_EVENTS + 1
    assert found[0].name == "storywatch.story.step"
    assert (found[-1].name, found[-1].payload) == ("storywatch.article.more", {"more": 11})
    lines = list(log_lines(brought))
    assert lines[0] == 'core article feed="The wire" url=https://wire.example/0 outlet=wire.example verdict=independent'
    assert lines[MOST_EVENTS:] == ["... and 10 more articles"]


def test_a_server_that_is_gone_and_a_warehouse_that_is_not_there_do_not_reach_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(**_: object) -> None:
        raise ConnectionError("gone")

    said: list[str] = []
    monkeypatch.setattr(shown, "create_table_artifact", gone)
    monkeypatch.setattr(shown.RunLog, "say", lambda self, text: said.append(text))
    with replay_watch(tmp_path / "nothing", MOMENTS[0]) as (watch, _):
        show(watch, make_report())
    assert [line.partition(": ")[2].partition(":")[0] for line in said] == ["ConnectionError", "WarehouseMissing"]
