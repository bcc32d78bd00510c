"""storywatch up: scheduled runs for real, and what is left of them when anything at all is killed.

One `up` for the whole file, on the replay, with a run every few seconds. Tests go from top to bottom.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from flows.commands.exits import Exit
from flows.maintaining import maintain
from flows.prefect_api import Api
from flows.settings import Settings
from tests.replayed import run_all_moments
from tests.serving import Up, wait_until

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(300)]
MAX_TASK_RUNS = 25


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    up = Up(tmp_path_factory.mktemp("up"))
    started = up.storywatch(*up.arguments, "--detach")
    try:
        assert started.returncode == Exit.DONE, started.stderr + up.logs()
        assert f"storywatch is up: http://127.0.0.1:{up.port}" in started.stdout
        assert "storywatch down" in started.stdout
        yield up
    finally:
        up.storywatch("down", "--data", str(up.data))


@pytest.fixture(scope="module")
def waiting_backfills(up: Up, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two backfills, started at once; the second one waits half a minute for its slot, so others go first."""
    folder = tmp_path_factory.mktemp("backfill")
    listed = folder / "list.txt"
    listed.write_text("http://127.0.0.1:1/trump-putin-summit-budapest\n")
    return [up.trigger("backfill", data_dir=str(folder / "data"), urls=[str(listed)]) for _ in range(2)]


def test_up_deploys_what_the_file_names_with_its_limits_and_nothing_of_the_users_home(up: Up) -> None:
    found = {one["name"]: one for one in up.ask("/deployments/filter", {})}
    strategies = {name: one["concurrency_options"]["collision_strategy"] for name, one in found.items()}
    assert strategies.items() >= {"monitor": "CANCEL_NEW", "backfill": "ENQUEUE", "rescore": "ENQUEUE"}.items()
    assert all(one["global_concurrency_limit"]["limit"] == 1 for one in found.values())
    (schedule,) = found["monitor"]["schedules"]
    assert (schedule["slug"], schedule["schedule"]["timezone"]) == ("every-8-seconds", "UTC")
    assert list(up.home.iterdir()) == []


def test_three_scheduled_runs_complete_and_the_tables_grow_as_without_prefect(up: Up, tmp_path: Path) -> None:
    wait_until(lambda: len(up.scheduled("COMPLETED")) >= 3, 150, up.logs)
    expected = [report.discovered for report in run_all_moments(tmp_path)]
    rows = up.query("SELECT discovered, ledger_discovered, balanced, status FROM run_health ORDER BY started_at")[:3]
    assert [row[0] for row in rows] == expected
    assert [row[1] for row in rows] == [sum(expected[: n + 1]) for n in range(3)]
    assert {row[2:] for row in rows} == {(True, "completed")}
    runs = up.scheduled("COMPLETED")[:3]
    # The server writes them in batches.
    wait_until(lambda: all(up.task_states(run["id"]) == {"COMPLETED"} for run in runs), 20, up.logs)
    for run in runs:
        kept = up.ask("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
        assert {"where-every-url-went", "what-is-new"} <= {artifact["key"] for artifact in kept}
        logs = up.ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "limit": 200})
        assert any("core article feed=" in line["message"] and " url=http" in line["message"] for line in logs)
        tasks = up.ask("/task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
        assert 0 < len(tasks) <= MAX_TASK_RUNS
    # over all runs, each once; Prefect writes them down a moment later
    wait_until(lambda: events(up, "storywatch.story.step") >= 10, 60, up.logs)
    wait_until(lambda: events(up, "storywatch.article.core") >= 28, 60, up.logs)
    assert (events(up, "storywatch.story.step"), events(up, "storywatch.article.core")) == (10, 28)


def events(up: Up, name: str) -> int:
    """How many events of that name there are."""
    return int(up.ask("/events/filter", {"filter": {"event": {"name": [name]}}, "limit": 1})["total"])


def test_parameters_say_what_they_mean_and_a_wrong_one_is_refused_when_a_run_is_asked_for(up: Up) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        up.trigger("backfill", deadline_hours=-1)
    assert refused.value.code == 409
    for deployment in up.ask("/deployments/filter", {}):
        shown = deployment["parameter_openapi_schema"]["properties"]
        assert [name for name, one in shown.items() if not one.get("description")] == [], deployment["name"]


def test_the_page_of_a_run_opens_in_a_browser_and_shows_its_artifact(up: Up, tmp_path: Path) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("no chromium on this machine")
    run = up.scheduled("COMPLETED")[0]["id"]
    picture = tmp_path / "run.png"
    options = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'browser'}")
    looked = subprocess.run(
        [
            *(browser, *options, "--window-size=1400,1200", "--virtual-time-budget=15000", f"--screenshot={picture}"),
            *("--dump-dom", f"http://127.0.0.1:{up.port}/v2/runs/flow-run/{run}?tab=Artifacts"),
        ],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert "where-every-url-went" in looked.stdout, looked.stderr[-2000:]
    assert picture.stat().st_size > 20_000


def test_a_run_that_meets_another_one_is_cancelled_and_one_that_is_told_to_end_does_so_within_10_s(
    up: Up, waiting_backfills: list[str]
) -> None:
    held, pid = up.hold()
    second = up.trigger("monitor")
    wait_until(lambda: up.state_of(second) == "CANCELLED", 60, up.logs)
    assert up.state_of(held) == "RUNNING"
    process = psutil.Process(pid)
    process.terminate()
    process.wait(10)
    up.release()
    wait_until(lambda: up.state_of(held) == "CRASHED", 30, up.logs)
    assert up.query("SELECT status, balanced FROM run_health WHERE status = 'interrupted'") == [("interrupted", True)]


def test_a_run_that_is_killed_is_shown_crashed_and_the_next_one_completes(up: Up) -> None:
    held, pid = up.hold()
    up.kill(pid)
    up.release()
    wait_until(lambda: up.state_of(held) == "CRASHED", 30, up.logs)
    up.next_scheduled_run_completes()
    assert up.is_balanced()
    assert ("crashed",) in up.query("SELECT status FROM run")
    assert up.query("SELECT count(*) FROM run WHERE status = 'running' AND started_at < now()") <= [(1,)]


def test_backfills_that_meet_run_one_after_the_other(up: Up, waiting_backfills: list[str]) -> None:
    def both_completed() -> bool:
        return [up.state_of(run) for run in waiting_backfills] == ["COMPLETED"] * 2

    wait_until(both_completed, 120, lambda: [up.flow_run(run)["state"] for run in waiting_backfills])
    first, second = sorted((up.flow_run(run) for run in waiting_backfills), key=lambda run: run["start_time"])
    assert first["end_time"] <= second["start_time"]


def test_a_run_whose_worker_is_killed_ends_by_itself_and_the_next_one_completes(up: Up) -> None:
    held, _ = up.hold()
    before = up.part("worker")
    up.kill(before)
    wait_until(lambda: up.part("worker") != before, 60, up.logs)
    assert up.state_of(held) == "RUNNING"  # it lives: nobody calls it dead
    up.release()
    wait_until(lambda: up.state_of(held) in ("COMPLETED", "CRASHED"), 60, up.logs)  # its output has no reader any more
    up.next_scheduled_run_completes()
    assert up.is_balanced()


def test_a_server_that_is_killed_is_started_again_and_the_next_run_completes(up: Up) -> None:
    held, _ = up.hold()
    before = up.part("server")
    up.kill(before)
    wait_until(lambda: up.part("server") != before and up.answers(), 90, up.logs)
    up.release()
    up.next_scheduled_run_completes()
    assert up.is_balanced()
    assert up.state_of(held) in ("COMPLETED", "CRASHED")


def test_run_worker_and_server_killed_at_once_the_next_run_completes_and_the_dead_one_is_shown_crashed(up: Up) -> None:
    held, pid = up.hold()
    server, worker = up.part("server"), up.part("worker")
    for one in (pid, worker, server):
        up.kill(one)
    up.release()
    wait_until(lambda: up.part("server") != server and up.answers(), 90, up.logs)
    up.next_scheduled_run_completes()
    assert up.state_of(held) == "CRASHED"
    assert up.is_balanced()


def test_doctor_and_status_ask_the_server_that_is_up_and_find_it_well(up: Up) -> None:
    told = json.loads(up.storywatch("doctor", "--data", str(up.data), "--json").stdout)
    wrong = [one["detail"] for one in told if one["check"] == "prefect" and not one["is_well"]]
    assert wrong == ["maintain has no active schedule"]  # it was deployed without, for these tests
    status = json.loads(up.storywatch("status", "--data", str(up.data), "--json").stdout)
    assert (status["prefect"]["named_by"], status["prefect"]["problem"]) == ("storywatch up", None)
    next_runs = {one["name"]: one["next_run_at"] for one in status["prefect"]["deployments"]}
    assert [name for name, at in next_runs.items() if at] == ["monitor"]


def test_maintenance_runs_as_a_flow_and_deletes_old_flow_runs_of_ours_alone(up: Up) -> None:
    wait_until(lambda: up.scheduled("COMPLETED"), 150, up.logs)  # else there is nothing to look after
    run = up.trigger("maintain")
    wait_until(lambda: up.state_of(run) == "COMPLETED", 90, up.logs)
    kept = up.ask("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    assert [artifact["key"] for artifact in kept] == ["what-maintenance-did"]
    in_a_month = datetime.now(UTC) + timedelta(days=31)
    settings = Settings(data_dir=up.data, archive_keep_days=0, exchanges_keep_days=0, backups_kept=0)
    other = {"flow_runs": {"deployment_id": {"is_null_": True}}}
    others = up.ask("/flow_runs/count", other)
    told = maintain(settings, now=lambda: in_a_month, api=Api(url=f"http://127.0.0.1:{up.port}/api"))
    assert told.steps[-1].counts["flow_runs"] >= 1
    assert up.ask("/flow_runs/count", {"flow_runs": {"id": {"any_": [run]}}}) == 0
    assert up.ask("/flow_runs/count", other) == others


def test_a_second_up_is_refused_and_names_the_first(up: Up) -> None:
    second = up.storywatch(*up.arguments)
    assert second.returncode == Exit.ATTENTION
    assert f"PID {up.state.supervisor.pid}" in second.stderr
    assert f"http://127.0.0.1:{up.port}" in second.stderr


def test_a_run_by_hand_is_recorded_where_prefects_settings_name_an_api(up: Up, tmp_path: Path) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text('[[feed]]\nname = "loopback"\nurl = "http://127.0.0.1:1/rss"\n')
    arguments = ("run", "--json", "--feeds", str(feeds), "--data", str(tmp_path / "data"))
    api = {"PREFECT_API_URL": f"http://127.0.0.1:{up.port}/api", "PREFECT_HOME": str(tmp_path / "prefect")}
    result = up.storywatch(*arguments, **api)
    assert result.returncode == Exit.ATTENTION, result.stderr  # its one feed is blocked
    assert json.loads(result.stdout)["recorded_in_prefect"] is True
    by_hand = {"state": {"type": {"any_": ["COMPLETED"]}}, "deployment_id": {"is_null_": True}}
    (run,) = up.ask("/flow_runs/filter", {"flow_runs": by_hand})
    artifacts = up.ask("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
    assert "where-every-url-went" in [artifact["key"] for artifact in artifacts]


def test_reconcile_frees_a_slot_that_nobody_holds_and_refuses_while_a_worker_lives_elsewhere(
    up: Up, tmp_path: Path
) -> None:
    limit = up.ask(f"/deployments/{up.deployment('reextract')}")["global_concurrency_limit"]["name"]
    up.ask("/v2/concurrency_limits/increment", {"slots": 1, "names": [limit], "mode": "concurrency"})  # a lost lease
    api = {"PREFECT_API_URL": f"http://127.0.0.1:{up.port}/api", "PREFECT_HOME": str(tmp_path)}
    assert up.storywatch("reconcile", **api).stdout == "slots that nobody held, now free: reextract\n"
    up.ask("/work_pools/storywatch/workers/heartbeat", {"name": "elsewhere"})
    refused = up.storywatch("reconcile", **api)
    assert refused.returncode == Exit.ATTENTION
    assert "'elsewhere'" in refused.stderr
    up.ask("/work_pools/storywatch/workers/elsewhere", method="DELETE")


def test_what_a_killed_supervisor_left_is_ended_by_the_next_up_and_ctrl_c_ends_all_of_that(up: Up) -> None:
    left = up.processes()
    up.kill(up.state.supervisor.pid)
    with up.foreground() as started:
        assert started.stdout is not None
        assert started.stdout.readline().startswith("storywatch is up"), up.logs()
        assert psutil.wait_procs(left, timeout=1)[1] == []
        _, pid = up.hold()
        began = time.monotonic()
        os.killpg(started.pid, signal.SIGINT)
        assert started.wait(20) == Exit.INTERRUPTED
        assert time.monotonic() - began < 10
    assert up.processes() == []
    assert not psutil.pid_exists(pid)
    up.release()
    assert up.is_balanced()
    assert "nothing was running" in up.storywatch("down", "--data", str(up.data)).stderr


def test_the_file_of_deployments_is_that_of_the_checkout() -> None:
    root = Path(__file__).parent.parent
    assert (root / "prefect.yaml").resolve() == root / "flows/prefect.yaml"


def test_nothing_starts_without_a_contact(tmp_path: Path) -> None:
    up = Up(tmp_path)
    del up.environment["STORYWATCH_CONTACT"]
    refused = up.storywatch(*up.arguments)
    assert refused.returncode == Exit.USAGE
    assert "contact" in refused.stderr
    assert not up.data.exists()
