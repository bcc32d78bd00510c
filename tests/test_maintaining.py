"""flows/maintaining.py: what a maintenance does and what it never touches; the command and what it ends with."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from extractors.archive import Archive, Place, files, places_in
from extractors.errors import WarehouseBusy, WarehouseMissing
from extractors.records import FetchKind
from flows import maintaining
from flows.commands import main
from flows.commands.exits import Exit
from flows.maintained import DONE, FAILED, LEFT, Maintained, Step, read_maintained, write_maintained
from flows.maintaining import MaintenanceFailed, maintain
from flows.prefect_api import Api
from flows.settings import Settings
from tests.prefect_answers import PrefectAnswers
from tests.records_factory import at, make_fetch
from tests.stocked import ARTICLES, SECOND, stocked_place
from tests.test_archive import PAGE
from warehouse import alive, backups, connect, counts, integrity, load, lock
from warehouse.connect import DataDir

NOW = at(5 * 24 * 60)
FEED = "https://wire.example/feed.xml"


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    place = stocked_place(tmp_path_factory.mktemp("pattern") / "data")
    fetches = [
        make_fetch(url=url, kind=kind, at=at(24 * 60 * day))
        for url, kind, days in (
            (FEED, FetchKind.FEED, (0, 1, 2, 4)),
            ("https://old.example/feed.xml", FetchKind.FEED, (0, 1)),
            ("https://wire.example/robots.txt", FetchKind.ROBOTS, (0, 3)),
            ("https://wire.example/later", FetchKind.PAGE, (0, 1)),
        )
        for day in days
    ]
    with connect.writer(place, wait_seconds=5) as connection:
        load.record_fetches(connection, fetches, SECOND)
    on, off = ARTICLES[0].article, ARTICLES[-1].article
    for run, pages in (("20251017T080000Z-aaaaaa", (on, off)), ("20251018T080000Z-bbbbbb", (off,))):
        with Archive(place.archive, run, software="storywatch/test") as archive:
            for page in pages:
                archive.put(page.entry_url, replace(PAGE, fetched_at=page.fetched_at))
    return place


@pytest.fixture
def place(pattern: DataDir, tmp_path: Path) -> DataDir:
    shutil.copytree(pattern.root, tmp_path / "data", symlinks=True)
    return DataDir(tmp_path / "data")


def look_after(
    place: DataDir, *, now: datetime = NOW, api: Api | None = None, dry_run: bool = False, **settings: int
) -> Maintained:
    given = {"archive_keep_days": 2, "exchanges_keep_days": 2, "backups_kept": 2, "prefect_keep_days": 2} | settings
    watched = Settings(data_dir=place.root, writer_wait_seconds=0.2, **given)  # type: ignore[arg-type]
    return maintain(watched, now=lambda: now, api=api, dry_run=dry_run)


def step(told: Maintained, name: str) -> Step:
    return next(one for one in told.steps if one.name == name)


def ask(place: DataDir, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(place.warehouse_path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_each_step_tells_what_it_did_and_it_is_written_down(place: DataDir) -> None:
    told = look_after(place)
    assert {one.name: one.state for one in told.steps} == {
        "checkpoint": DONE,
        "check": DONE,
        "back_up": DONE,
        "forget_exchanges": DONE,
        "trim_archive": DONE,
        "delete_flow_runs": LEFT,
    }
    assert step(told, "forget_exchanges").counts == {"rows": 5}
    assert read_maintained(place) == told
    assert backups.verify(place.backups / f"{NOW:%Y%m%dT%H%M%SZ}.duckdb").rows["entry"] == 13


def test_exchanges_with_feeds_go_but_for_the_last_and_what_views_tell_stays(place: DataDir) -> None:
    told = "FROM why ORDER BY ALL", "FROM ledger ORDER BY ALL", "FROM run_health ORDER BY ALL", "FROM feed_health"
    before = [ask(place, sql) for sql in told]
    look_after(place)
    assert [ask(place, sql) for sql in told] == before
    rows = ask(place, "SELECT url, day(fetched_at) FROM \"fetch\" WHERE kind <> 'page' ORDER BY ALL")
    assert rows == [("https://old.example/feed.xml", 18), (FEED, 21), ("https://wire.example/robots.txt", 20)]
    assert all(one.is_well for one in integrity.check(place, wait_seconds=1))
    look_after(place)  # rows that were forgotten are not taken for rows that were lost


def test_a_kill_between_the_commit_and_its_counts_is_not_taken_for_a_loss(
    place: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(counts, "keep", lambda *_: None)
        look_after(place)
    with connect.reader(place, wait_seconds=1):
        pass


def test_old_archive_files_keep_the_pages_of_articles_on_the_story(place: DataDir) -> None:
    told = look_after(place)
    (left,) = files(place.archive)
    assert [one.entry_url for one in places_in(left) if isinstance(one, Place)] == [ARTICLES[0].article.entry_url]
    assert step(told, "trim_archive").counts["pages"] == 2
    assert told.trimmed_until == NOW - timedelta(days=2)


def test_a_younger_file_stays_and_one_that_was_trimmed_is_not_read_again(
    place: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert step(look_after(place, archive_keep_days=100), "trim_archive").counts["files"] == 0
    assert len(files(place.archive)) == 2
    look_after(place)
    read: list[Path] = []
    monkeypatch.setattr("extractors.archive_trim.trim", lambda path, *_, **__: read.append(path))
    look_after(place, now=NOW + timedelta(hours=1))
    assert read == []


def test_a_maintenance_at_a_time_that_has_not_come_leaves_nothing_unread_for_ever(place: DataDir) -> None:
    look_after(place, archive_keep_days=0, now=NOW)
    told = read_maintained(place)
    assert told is not None
    write_maintained(place, replace(told, trimmed_until=NOW + timedelta(days=365)))  # the clock was two years ahead
    assert step(look_after(place), "trim_archive").counts["pages"] == 2


def test_the_archive_waits_while_a_run_is_on(place: DataDir) -> None:
    with alive.living(place, "run-3", wait_seconds=1):
        told = look_after(place)
    assert step(told, "trim_archive").state == LEFT
    assert "a run is on" in step(told, "trim_archive").detail
    assert told.trimmed_until is None
    assert len(files(place.archive)) == 2


def test_a_dry_run_says_the_same_and_writes_nothing(place: DataDir) -> None:
    def everything() -> dict[str, bytes]:
        kept = (path for path in place.root.rglob("*") if path.is_file() and path.suffix != ".lock")
        return {str(path): path.read_bytes() for path in kept}

    before = everything()
    said = look_after(place, dry_run=True)
    assert everything() == before
    did = look_after(place)
    for name in ("forget_exchanges", "trim_archive"):
        assert step(said, name).counts == step(did, name).counts


def test_nothing_is_forgotten_where_the_settings_say_for_ever(place: DataDir) -> None:
    told = look_after(place, archive_keep_days=0, exchanges_keep_days=0, backups_kept=0, prefect_keep_days=0)
    assert [one.state for one in told.steps] == [DONE, DONE, LEFT, LEFT, LEFT, LEFT]
    assert backups.backups(place) == []


def test_a_warehouse_that_is_not_whole_is_told_and_nothing_old_goes_not_even_a_backup(place: DataDir) -> None:
    for day in range(2):
        look_after(place, now=NOW + timedelta(days=day), archive_keep_days=0)
    with duckdb.connect(place.warehouse_path) as connection:
        connection.execute("DELETE FROM article_text")
    with pytest.raises(MaintenanceFailed, match="articles without a text") as failed:
        look_after(place, now=NOW + timedelta(days=3))
    told = failed.value.maintained
    assert [one.state for one in told.steps] == [DONE, FAILED, DONE, LEFT, LEFT, LEFT]
    assert len(backups.backups(place)) == 3
    assert len(files(place.archive)) == 2
    assert read_maintained(place) == told


def test_only_the_last_backups_stay(place: DataDir) -> None:
    for day in range(4):
        look_after(place, now=NOW + timedelta(days=day))
    assert [one.made_at for one in backups.backups(place)] == [NOW + timedelta(days=2), NOW + timedelta(days=3)]


@pytest.mark.parametrize("failing", ["checkpoint", "back_up", "trim_archive"])
def test_a_step_that_fails_keeps_none_of_the_others_from_their_work(
    place: DataDir, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {
        "checkpoint": "warehouse.upkeep.checkpoint",
        "back_up": "warehouse.backups.back_up",
        "trim_archive": "warehouse.upkeep.pages_on_story",
    }[failing]

    def fail(*arguments: object, **named: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(broken, fail)
    with pytest.raises(MaintenanceFailed, match=rf"^{failing}: OSError: .*Input/output error$") as failed:
        look_after(place)
    others = [one for one in failed.value.maintained.steps if one.name not in (failing, "delete_flow_runs")]
    assert [one.state for one in others] == [DONE] * 4


def test_old_flow_runs_of_our_deployments_go_from_prefect_in_bounded_portions(
    place: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintaining, "FLOW_RUNS_PER_REQUEST", 2)
    monkeypatch.setattr(maintaining, "MOST_FLOW_RUNS", 6)
    left = ["a", "b", "c", "d", "e"]

    def bulk_delete(question: dict[str, object]) -> dict[str, list[str]]:
        gone = [left.pop() for _ in range(min(len(left), 2))]
        return {"deleted": gone}

    answers = {
        "/deployments/filter": [{"id": "our-1"}, {"id": "our-2"}],
        "/flow_runs/bulk_delete": bulk_delete,
        "/flow_runs/count": lambda question: len(left),
    }
    with PrefectAnswers(answers) as server:
        api = Api(url=server.url)
        assert step(look_after(place, api=api, dry_run=True), "delete_flow_runs").counts == {"flow_runs": 5}
        told = look_after(place, api=api)
    assert step(told, "delete_flow_runs").counts == {"flow_runs": 5}
    wanted = next(question for path, question in server.asked if path == "/flow_runs/bulk_delete")
    assert wanted["flow_runs"]["deployment_id"] == {"any_": ["our-1", "our-2"]}
    assert wanted["flow_runs"]["end_time"] == {"before_": (NOW - timedelta(days=2)).isoformat()}
    assert "RUNNING" not in wanted["flow_runs"]["state"]["type"]["any_"]


def test_two_at_once_are_one(place: DataDir) -> None:
    with lock.exclusive(place.maintain_lock_path, wait_seconds=0), pytest.raises(WarehouseBusy):
        look_after(place)


def test_where_nothing_is_nothing_is_looked_after(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing):
        look_after(DataDir(tmp_path / "none"))
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_each_step_did_and_ends_with_1_when_one_failed(
    place: DataDir, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["storywatch", "maintain", "--data", str(place.root), *arguments])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        return (code, *capsys.readouterr())

    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    code, out, _ = call("--dry-run")
    assert code == Exit.DONE
    assert "Nothing was written" in out
    with PrefectAnswers({}) as server:  # a server that knows nothing of all this
        monkeypatch.setenv("PREFECT_API_URL", server.url)
        code, out, err = call("--json")
    assert code == Exit.ATTENTION
    assert err == "storywatch: failed: delete_flow_runs\n"
    told = json.loads(out)
    assert told["dry_run"] is False
    assert {one["name"]: one["state"] for one in told["steps"]}["back_up"] == DONE
