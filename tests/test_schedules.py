"""flows/schedules.py and flows/prefect_api.py: what is asked of Prefect, and for how long."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.prefect_api import RESTS_SECONDS, Api, NoAnswer, basic, named_api
from flows.processes import identity
from flows.schedules import Deployed, prefect
from flows.serve_plan import Plan, State
from tests.prefect_answers import PrefectAnswers
from warehouse import lock
from warehouse.connect import DataDir

NEXT = datetime(2025, 10, 18, 9, 15, tzinfo=UTC)


def deployment(name: str, **changes: object) -> dict[str, object]:
    schedule = {"active": True, "schedule": {"interval": 900.0, "timezone": "UTC"}}
    given = {"id": f"id-{name}", "name": name, "paused": False, "schedules": [schedule]}
    return given | {"global_concurrency_limit": {"limit": 1}} | changes


def next_run(question: dict[str, dict[str, dict[str, list[str]]]]) -> list[dict[str, str]]:
    is_monitor = question["flow_runs"]["deployment_id"]["any_"] == ["id-monitor"]
    return [{"expected_start_time": "2025-10-18T11:15:00+02:00"}] if is_monitor else []


def test_each_deployment_has_its_next_run() -> None:
    daily = [{"active": True, "schedule": {"cron": "17 3 * * *", "timezone": "UTC"}}]
    off = [{"active": False, "schedule": {"interval": 60.0}}]
    found = [
        deployment("monitor"),
        deployment("maintain", schedules=daily, paused=True),
        deployment("backfill", schedules=off),
    ]
    with PrefectAnswers({"/deployments/filter": found, "/flow_runs/filter": next_run}) as server:
        told = prefect(Api(url=server.url, named_by="test", authorization="Basic eA=="), within_seconds=5)
    assert server.authorizations == {"Basic eA=="}
    assert told.problem is None
    assert told.deployments == (
        Deployed(
            name="backfill", is_paused=False, limit=1, has_schedule=False, interval_seconds=None, next_run_at=None
        ),
        Deployed(name="maintain", is_paused=True, limit=1, has_schedule=True, interval_seconds=None, next_run_at=None),
        Deployed(name="monitor", is_paused=False, limit=1, has_schedule=True, interval_seconds=900.0, next_run_at=NEXT),
    )


def test_a_server_that_says_nothing_is_a_problem_after_the_bound_and_one_that_says_something_else_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        told = prefect(Api(url=f"http://127.0.0.1:{silent.getsockname()[1]}/api"), within_seconds=0.2)
        assert time.monotonic() - began < 5
    assert told.problem is not None
    assert told.problem.startswith("it does not answer: ")
    with PrefectAnswers({"/deployments/filter": [{"other": 1}]}) as other:
        told = prefect(Api(url=other.url), within_seconds=5)
    assert told.problem is not None
    assert "KeyError" in told.problem


def test_a_server_that_answers_byte_by_byte_is_left_after_the_bound() -> None:
    over = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100):
                if over.wait(0.05):
                    break
                connection.sendall(b"X")

    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=drip, args=(server,))
        dripping.start()
        began = time.monotonic()
        told = prefect(Api(url=f"http://127.0.0.1:{server.getsockname()[1]}/api"), within_seconds=0.2)
        took = time.monotonic() - began
        over.set()
        dripping.join()
    assert told.problem == "it does not answer: not within 0.2 s"
    assert took < 3


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"])
def test_what_is_no_http_or_breaks_off_is_no_answer(answer: bytes) -> None:
    def once(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=once, args=(server,))
        answering.start()
        with pytest.raises(NoAnswer):
            Api(url=f"http://127.0.0.1:{server.getsockname()[1]}/api").ask("/health")
        answering.join()
    with pytest.raises(NoAnswer, match="port"):
        Api(url="http://127.0.0.1:port/api").ask("/health")


def test_a_server_whose_database_is_locked_is_asked_again_and_one_that_refuses_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rests: list[float] = []
    monkeypatch.setattr("time.sleep", rests.append)
    with PrefectAnswers({"/health": True}) as server:
        api = Api(url=server.url)
        server.busy = 2
        assert api.ask_patiently("/health") is True
        assert rests == list(RESTS_SECONDS[:2])
        with pytest.raises(NoAnswer, match="404"):
            api.ask_patiently("/nothing")
        assert len(rests) == 2
        server.busy = 9
        with pytest.raises(NoAnswer, match="503"):
            api.ask_patiently("/health")


def test_a_password_in_the_address_is_used_and_not_shown(tmp_path: Path) -> None:
    with PrefectAnswers({"/deployments/filter": []}) as server:
        given = server.url.replace("://", "://user:p%40ss@")
        told = prefect(named_api(DataDir(tmp_path), {"PREFECT_API_URL": given}), within_seconds=5)
    assert (told.problem, told.api_url) == (None, server.url)
    assert server.authorizations == {basic("user:p@ss")}


def test_the_api_is_that_of_the_environment_else_that_of_the_storywatch_up_that_lives(tmp_path: Path) -> None:
    place = DataDir(tmp_path)
    assert named_api(place, {}) is None
    plan = Plan(data_dir=tmp_path, folder=tmp_path)
    plan.home.mkdir()
    own = identity(os.getpid())
    assert own is not None
    State(supervisor=own, url="http://127.0.0.1:4999").write(plan.state_path)
    assert named_api(place, {}) is None  # it was killed
    with lock.exclusive(plan.lock_path, wait_seconds=0):
        found = named_api(place, {"PREFECT_SERVER_API_AUTH_STRING": "me:secret"})
        assert found is not None
        assert (found.url, found.named_by) == ("http://127.0.0.1:4999/api", "storywatch up")
        assert found.authorization == "Basic bWU6c2VjcmV0"
        other = named_api(place, {"PREFECT_API_URL": "https://prefect.example/api/", "PREFECT_API_KEY": "k"})
    assert other is not None
    assert (other.url, other.authorization) == ("https://prefect.example/api", "Bearer k")
