"""The plan of `storywatch up`: the environment of its parts, who may reach it, what it writes down."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from extractors.errors import SettingsError
from flows.processes import Identity
from flows.serve import deployments_file
from flows.serve_plan import DEPLOYMENTS, Plan, State, read_state, require_auth

PARTS_IN_A_LIST = '{"supervisor": {"pid": 1, "started": "2"}, "url": "", "ready": true, "parts": []}'


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(data_dir=tmp_path / "data", folder=tmp_path, port=4999)


def test_nothing_of_the_callers_own_prefect_goes_on_but_logging_worker_and_password(plan: Plan) -> None:
    own = {"PREFECT_API_URL": "https://elsewhere.example/api", "PREFECT_API_KEY": "k", "PREFECT_PROFILE": "mine"}
    kept = {"PREFECT_LOGGING_LEVEL": "DEBUG", "PREFECT_WORKER_QUERY_SECONDS": "5", "PATH": "/bin"}
    environment = plan.environment(own | kept)
    assert environment.items() >= kept.items()
    assert environment["PREFECT_API_URL"] == "http://127.0.0.1:4999/api"
    assert environment["PREFECT_HOME"] == str(plan.data_dir / "prefect")
    assert environment.keys() & {"PREFECT_API_KEY", "PREFECT_PROFILE"} == set()


def test_leases_survive_a_power_cut_and_nobody_is_told_of_us(plan: Plan) -> None:
    environment = plan.environment({})
    assert environment["PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"].endswith("lease_storage.filesystem")
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_the_ui_finds_its_api_on_another_port_and_flows_find_the_warehouse(plan: Plan) -> None:
    environment = plan.environment({"STORYWATCH_DATA_DIR": "elsewhere"})
    assert environment["PREFECT_UI_API_URL"] == "http://127.0.0.1:4999/api"
    assert environment["STORYWATCH_DATA_DIR"] == str(plan.data_dir)


def test_this_machine_reaches_a_server_of_all_addresses_over_loopback(tmp_path: Path) -> None:
    plan = Plan(data_dir=tmp_path, folder=tmp_path, host="0.0.0.0", auth="user:password")
    assert plan.api_url == "http://127.0.0.1:4200/api"
    assert "0.0.0.0" not in plan.url
    assert plan.environment({})["PREFECT_API_AUTH_STRING"] == "user:password"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "server.example"])
def test_whoever_can_be_reached_by_others_needs_a_password(host: str) -> None:
    with pytest.raises(SettingsError, match="PREFECT_SERVER_API_AUTH_STRING=user:password"):
        require_auth(host, None)
    require_auth(host, "user:password")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_needs_none(host: str) -> None:
    require_auth(host, None)


def test_half_a_password_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError) as refused:
        require_auth("127.0.0.1", "geheim")
    assert "geheim" not in str(refused.value)


def test_what_runs_is_read_as_it_was_written(tmp_path: Path) -> None:
    state = State(supervisor=Identity(1, "2"), url="http://127.0.0.1:1", ready=True, parts={"server": Identity(3, "4")})
    state.write(tmp_path / "up.json")
    assert read_state(tmp_path / "up.json") == state


@pytest.mark.parametrize("content", ["", "{", "[]", '{"supervisor": 1}', PARTS_IN_A_LIST])
def test_half_a_file_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "up.json").write_text(content)
    assert read_state(tmp_path / "up.json") is None
    assert read_state(tmp_path / "none.json") is None


def test_another_interval_changes_schedules_alone(plan: Plan) -> None:
    shipped = yaml.safe_load(DEPLOYMENTS.read_text("utf-8"))
    assert deployments_file(plan) == DEPLOYMENTS
    plan.home.mkdir(parents=True)
    quick = Plan(data_dir=plan.data_dir, folder=plan.folder, interval_seconds=30)
    changed = yaml.safe_load(deployments_file(quick).read_text("utf-8"))
    assert changed["deployments"][0]["schedules"][0] == {
        **shipped["deployments"][0]["schedules"][0],
        "interval": 30,
        "slug": "every-30-seconds",
    }
    for one in (*shipped["deployments"], *changed["deployments"]):
        one.pop("schedules")
    assert changed == shipped


def test_the_shipped_deployments_have_limits_descriptions_tags_slugs_and_zones() -> None:
    root = Path(__file__).parent.parent
    assert (root / "prefect.yaml").resolve() == DEPLOYMENTS
    deployments = yaml.safe_load(DEPLOYMENTS.read_text("utf-8"))["deployments"]
    assert {"monitor", "maintain", "backfill", "reextract", "rescore"} <= {one["name"] for one in deployments}
    for one in deployments:
        assert one["concurrency_limit"]["limit"] == 1
        assert one["concurrency_limit"]["collision_strategy"] in ("CANCEL_NEW", "ENQUEUE")
        assert one["description"]
        assert "storywatch" in one["tags"]
        assert one["work_pool"] == {"name": "storywatch"}
        assert all(schedule["slug"] and schedule["timezone"] for schedule in one["schedules"])
