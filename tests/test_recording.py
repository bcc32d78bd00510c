"""flows/recording.py: a run that can't be recorded in Prefect says why, and is done all the same."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest
from prefect import __version__
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.recording import why_not_recorded
from tests.prefect_answers import PrefectAnswers

Answers = dict[str, object]


def why_not(url: str) -> str | None:
    with temporary_settings({PREFECT_API_URL: url}):
        return why_not_recorded()


def test_a_server_that_answers_is_recorded_in() -> None:
    with PrefectAnswers({"/health": True, "/admin/version": __version__}) as server:
        assert why_not(server.url) is None


@pytest.mark.parametrize("answers", [{}, {"/health": True}, {"/health": True, "/admin/version": "2.0.0"}])
def test_one_that_does_not_know_us_or_is_another_is_not_and_no_password_is_shown(answers: Answers) -> None:
    with PrefectAnswers(answers) as server:
        told = why_not(server.url.replace("://", "://user:s3same@"))
    assert told is not None
    assert told.startswith(f"{server.url} does not answer")
    assert "s3same" not in told


def test_a_server_that_is_silent_keeps_a_run_waiting_for_two_tries_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.recording.HEALTH_TIMEOUT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told = why_not(f"http://127.0.0.1:{silent.getsockname()[1]}/api")
        silent.settimeout(0)
        tries = 0
        with suppress(BlockingIOError):
            while True:
                silent.accept()[0].close()
                tries += 1
    assert told is not None
    assert "Timeout" in told
    assert tries == 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:port/api", "foo"])
def test_what_is_no_address_is_a_reason_too(url: str) -> None:
    told = why_not(url)
    assert told is not None
    assert "does not answer" in told
