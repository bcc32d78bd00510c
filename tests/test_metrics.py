"""metrics.prom: read by a strict parser of OpenMetrics, whatever can be known of a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from flows.metrics import FEED_STATES, Facts, metrics_text, write_metrics
from flows.notices import Disk, Ending
from flows.outbox import Mailbox
from tests.records_factory import T0
from tests.stocked import SECOND, stocked_place
from warehouse.connect import DataDir, reader
from warehouse.standing import standing, totals

NASTY = 'a"b\\c\nd'


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    place = stocked_place(tmp_path_factory.mktemp("stocked"))
    with reader(place, wait_seconds=5) as con:
        return Facts(
            now=T0,
            ending=Ending(run_id=SECOND, command="run", status="completed"),
            standing=standing(con, SECOND, now=T0, runs_since=T0),
            totals=totals(con, T0),
            disk=Disk(free_bytes=5, total_bytes=10),
            published_at=T0,
            mailboxes=(Mailbox(label=NASTY, failures=2),),
        )


def parsed(text: str) -> list[Metric]:
    """The families of a text; a duplicate or a wrong name, unit or order raises."""
    return list(text_string_to_metric_families(text))  # type: ignore[no-untyped-call]


def samples(facts: Facts) -> dict[str, dict[str, float]]:
    """Name -> value of the labels -> value."""
    return {
        family.name: {" ".join(one.labels.values()): one.value for one in family.samples}
        for family in parsed(metrics_text(facts))
    }


def test_all_of_it_is_valid_openmetrics_with_help_type_and_unit(facts: Facts) -> None:
    for family in parsed(metrics_text(facts)):
        assert family.name.startswith("storywatch_")
        assert family.documentation.endswith(".")
        assert family.type in ("gauge", "counter")
        assert not family.unit or family.name.endswith(family.unit), family.name
        assert family.unit or not family.name.endswith(("seconds", "bytes")), family.name
    assert metrics_text(facts).endswith("# EOF\n")


def test_the_numbers_are_those_of_the_warehouse(facts: Facts) -> None:
    found = samples(facts)
    assert found["storywatch_articles"] == {
        "core exact": 1,
        "core independent": 4,
        "core near": 1,
        "off none": 1,
        "related rewrite": 1,
    }
    assert found["storywatch_ledger_urls"]["gone http_gone"] == 1
    assert sum(found["storywatch_ledger_urls"].values()) == 13
    assert found["storywatch_feeds"] == dict.fromkeys(FEED_STATES, 0) | {"ok": 2, "empty": 1, "failing": 1, "new": 1}
    assert found["storywatch_backlog_urls"] == {"now": 1, "later": 0}
    assert found["storywatch_last_run_duration_seconds"] == {"": 60}
    assert found["storywatch_last_run_status"] == {"completed": 1, "failed": 0, "interrupted": 0}
    assert found["storywatch_disk_free_bytes"] == {"": 5}
    assert found["storywatch_notify_target_failures"] == {NASTY: 2}


def test_a_run_that_failed_without_a_warehouse_still_has_metrics(facts: Facts) -> None:
    failed = replace(
        facts,
        ending=Ending(run_id="x", command="run", status="failed"),
        standing=None,
        totals=None,
        disk=None,
        published_at=None,
    )
    found = samples(failed)
    assert found["storywatch_last_run_status"]["failed"] == 1
    assert "storywatch_ledger_urls" not in found


def test_the_file_is_replaced_whole_and_leaves_nothing_beside_it(facts: Facts, tmp_path: Path) -> None:
    place = DataDir(tmp_path)
    for text in ("old", metrics_text(facts)):
        write_metrics(place, text)
    assert [path.name for path in place.public.iterdir()] == ["metrics.prom"]
    assert place.metrics_path.read_text("utf-8") == metrics_text(facts)


def test_a_file_that_cant_be_written_leaves_the_old_one(
    facts: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, text: str, encoding: str) -> None:
        with self.open("w") as file:
            file.write(text[:10])
        raise OSError(28, "No space left on device")

    place = DataDir(tmp_path)
    write_metrics(place, "old")
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        write_metrics(place, metrics_text(facts))
    assert [path.read_bytes() for path in place.public.iterdir()] == [b"old"]
