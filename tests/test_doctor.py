"""storywatch doctor: each thing that can be wrong is found, with its remedy, and nothing where all is well."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows import examining, examining_prefect
from flows.commands import main
from flows.commands.exits import Exit
from flows.examining import examine
from flows.processes import identity
from flows.serve_plan import Plan, State
from flows.settings import load_settings
from tests.holding import HOLD_AS_CLIENT, running
from tests.prefect_answers import PrefectAnswers
from tests.stocked import stocked_place
from tests.test_schedules import deployment
from warehouse import backups
from warehouse.connect import DataDir
from warehouse.integrity import Finding

NOW = datetime.now(UTC)
DEPLOYMENTS = ("monitor", "maintain", "backfill", "reextract", "rescore")


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    place = stocked_place(tmp_path_factory.mktemp("pattern") / "data")
    backups.back_up(place, now=NOW, wait_seconds=1)
    return place


@pytest.fixture
def place(pattern: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataDir:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("STORYWATCH_CONTACT", "operator@storywatch.example")
    shutil.copytree(pattern.root, tmp_path / "data", symlinks=True)
    return DataDir(tmp_path / "data")


def found(place: DataDir, now: datetime | None = None) -> list[Finding]:
    return list(examine({"data_dir": place.root}, now or datetime.now(UTC)))


def wrong(place: DataDir, now: datetime | None = None) -> list[tuple[str, str]]:
    findings = [one for one in found(place, now) if not one.is_well]
    assert all(one.remedy for one in findings)
    return [(one.check, one.detail) for one in findings]


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Iterator[PrefectAnswers]:
    """A server on which everything is as it should be, but for `changes`, by the last part of a path."""
    beat = datetime.now(UTC).isoformat()
    lease = {"server": {"concurrency": {"lease_storage": "prefect.server.concurrency.lease_storage.filesystem"}}}
    answers = {
        "/admin/version": version("prefect"),
        "/admin/settings": lease,
        "/work_pools/filter": [{"name": "storywatch", "is_paused": False}],
        "/work_pools/storywatch/workers/filter": [{"name": "storywatch on here", "last_heartbeat_time": beat}],
        "/deployments/filter": [deployment(name) for name in DEPLOYMENTS],
        "/flow_runs/filter": [{"expected_start_time": beat}],
    }
    with PrefectAnswers(answers | changes) as server:
        monkeypatch.setenv("PREFECT_API_URL", server.url)
        yield server


def case(place: DataDir) -> examining.Case:
    return examining.Case(settings=load_settings({"data_dir": place.root}), origins={}, now=NOW)


def wrong_folders(place: DataDir) -> list[str]:
    return [one.detail for one in examining.folders(case(place)) if not one.is_well]


def test_where_all_is_well_each_check_says_so(place: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(monkeypatch):
        findings = found(place)
    assert [one for one in findings if not one.is_well] == []
    checks = {"python", "versions", "settings", "contact", "story", "feeds", "seeds", "folders", "disk", "clock"}
    assert {one.check for one in findings} >= checks | {"prefect", "schema", "ledger", "published file", "backup"}
    assert all(one.detail and not one.remedy for one in findings)
    settings = next(one.detail for one in findings if one.check == "settings")
    assert "contact from STORYWATCH_CONTACT in the environment" in settings
    assert "data_dir from the command line" in settings


@pytest.mark.parametrize(
    ("package", "number", "what"),
    [
        ("fastapi", "0.165.0", "flow"),
        ("sqlalchemy", "2.1.0", "never creates a scheduled run"),
        ("duckdb", "1.4.0", "it must be"),
        ("lxml_html_clean", None, "is not installed"),
    ],
)
def test_a_package_that_does_not_fit_is_named_with_what_it_breaks(
    package: str, number: str | None, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(name: str) -> str:
        if name.lower() == package and number is None:
            raise PackageNotFoundError(name)
        return number if name.lower() == package and number else version(name)

    monkeypatch.setattr(examining, "version", other)
    (finding,) = (one for one in examining.versions() if not one.is_well)
    assert package in finding.detail
    assert what in finding.detail
    assert "constraints.txt" in finding.remedy


def test_a_wrong_setting_is_told_and_ends_it(place: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYWATCH_CONCURRENCY", "many")
    assert [check for check, _ in wrong(place)] == ["settings"]


def test_no_contact_is_told(place: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORYWATCH_CONTACT")
    assert [check for check, _ in wrong(place)] == ["contact"]


@pytest.mark.parametrize("name", ["story.toml", "feeds.toml", "a-seed.toml"])
def test_a_broken_file_of_seeds_is_named_with_its_line(name: str, place: DataDir, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / name).write_text("name = \n")
    (finding,) = (one for one in examining.seed_files(case(place)) if not one.is_well)
    assert f"{name}, line 1" in finding.detail or f"{name}:1" in finding.detail


def test_a_file_where_a_folder_should_be_and_a_link_that_leads_nowhere_are_told(place: DataDir) -> None:
    (place.root / "archive").write_text("")
    (place.root / "logs").symlink_to(place.root / "gone")
    archive, logs = wrong_folders(place)
    assert "archive is no folder" in archive
    assert "logs leads nowhere" in logs


def test_what_this_user_may_not_write_and_what_another_one_wrote_is_told(
    place: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name not in ("public", "warehouse.duckdb"))
    public, warehouse = wrong_folders(place)
    assert "public may not be written to" in public
    assert "warehouse.duckdb may not be written to" in warehouse
    monkeypatch.undo()
    if os.geteuid() == 0:
        os.chown(place.private / "rows.json", 4321, -1)
        assert [one for one in wrong_folders(place) if "rows.json belongs to another user" in one]


def test_a_full_disk_is_told_with_what_takes_most(place: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 10**6))
    (finding,) = (one for one in found(place) if not one.is_well)
    assert finding.check == "disk"
    assert finding.remedy.startswith("make room; of the data folder ")


def test_a_clock_behind_what_was_written_is_told(place: DataDir) -> None:
    ((check, detail),) = wrong(place, datetime.now(UTC) - timedelta(days=2))
    assert check == "clock"
    assert "is of 20" in detail


def test_a_damaged_warehouse_and_one_that_somebody_holds_are_told(
    place: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examining, "WAREHOUSE_SECONDS", 0.05)
    with running(HOLD_AS_CLIENT, place.warehouse_path) as holder:
        ((check, detail),) = wrong(place)
    assert check == "warehouse"
    assert f"process {holder.pid}" in detail
    with duckdb.connect(place.warehouse_path) as connection:
        connection.execute("DELETE FROM article_text")
    place.published_path.chmod(0o644)
    place.published_path.write_bytes(b"")
    assert {check for check, _ in wrong(place)} == {"orphans", "published file"}


def test_no_backup_of_a_week_is_told(place: DataDir) -> None:
    shutil.rmtree(place.backups)
    assert wrong(place) == [("backup", "there is none")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"/admin/version": "3.4.1"}, "the server is Prefect 3.4.1"),
        (
            {"/admin/settings": {"server": {"concurrency": {"lease_storage": "prefect.lease_storage.memory"}}}},
            "in the server's memory",
        ),
        ({"/work_pools/filter": []}, "there is no work pool storywatch"),
        ({"/work_pools/filter": [{"is_paused": True}]}, "is paused: nothing runs"),
        ({"/work_pools/storywatch/workers/filter": []}, "none ever reported"),
        (
            {
                "/work_pools/storywatch/workers/filter": [
                    {"name": "w", "last_heartbeat_time": "2025-10-17T08:00:00+00:00"}
                ]
            },
            "the last one reported at 2025-10-17 08:00Z",
        ),
        ({"/deployments/filter": [deployment(name) for name in DEPLOYMENTS[1:]]}, "there is no deployment monitor"),
        (
            {
                "/deployments/filter": [
                    deployment("monitor", paused=True),
                    *(deployment(name) for name in DEPLOYMENTS[1:]),
                ]
            },
            "monitor is paused",
        ),
        (
            {
                "/deployments/filter": [
                    deployment("monitor", schedules=[]),
                    *(deployment(name) for name in DEPLOYMENTS[1:]),
                ]
            },
            "monitor has no active schedule",
        ),
        (
            {
                "/deployments/filter": [
                    *(deployment(name) for name in DEPLOYMENTS[:2]),
                    deployment("backfill", global_concurrency_limit=None),
                    *(deployment(name) for name in DEPLOYMENTS[3:]),
                ]
            },
            "backfill has no limit",
        ),
        ({"/flow_runs/filter": lambda _: []}, "has a schedule, and no run is scheduled"),
        ({"/admin/version": None, "/admin/settings": []}, "answers otherwise"),
    ],
)
def test_what_is_wrong_with_prefect_is_told(
    changes: dict[str, Any], said: str, place: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(monkeypatch, **changes):
        told = list(examining_prefect.findings(place, datetime.now(UTC)))
    bad = [one for one in told if not one.is_well]
    assert any(said in one.detail for one in bad), bad
    assert all(one.remedy for one in bad)


def test_a_server_that_is_not_there_and_an_up_that_was_killed_are_told(
    place: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(monkeypatch) as server:
        url = server.url
    plan = Plan(data_dir=place.root, folder=place.root)
    plan.home.mkdir()
    own = identity(os.getpid())
    assert own is not None
    State(supervisor=own, url="http://127.0.0.1:1").write(plan.state_path)
    killed, silent = (one for one in found(place) if one.check == "prefect")
    assert "storywatch up was killed" in killed.detail
    assert f"{url}, named by PREFECT_API_URL, does not answer" in silent.detail


def test_the_command_prints_each_finding_with_its_remedy_and_ends_with_1(
    place: DataDir, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["storywatch", "doctor", "--data", str(place.root), *arguments])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, capsys.readouterr().out

    code, out = call()
    assert code == Exit.DONE
    assert "BAD" not in out
    monkeypatch.delenv("STORYWATCH_CONTACT")
    code, out = call()
    assert code == Exit.ATTENTION
    assert "BAD  contact " in out
    assert "-> set STORYWATCH_CONTACT" in out
    code, out = call("--json")
    assert code == Exit.ATTENTION
    assert [one["check"] for one in json.loads(out) if not one["is_well"]] == ["contact"]


def test_before_the_first_run_all_is_well_and_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("STORYWATCH_CONTACT", "operator@storywatch.example")
    assert [one for one in examine({}, datetime.now(UTC)) if not one.is_well] == []
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_dies_is_a_finding_and_the_others_go_on(place: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Callable[..., object]) -> None:
        raise RuntimeError("oh")

    monkeypatch.setattr(examining, "disk_space", broken)
    findings = found(place)
    assert [(one.check, "RuntimeError: oh" in one.detail) for one in findings if not one.is_well] == [("disk", True)]
    assert findings[-1].check == "backup"
