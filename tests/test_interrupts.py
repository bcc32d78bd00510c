"""flows/interrupts.py: Ctrl-C can't get lost."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

import pytest

from flows.interrupts import noted, raise_if_noted, unwrapped


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    """As on a terminal; a shell without job control starts background jobs with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press_and_swallow() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_swallowed_interrupt_is_raised_between_two_steps() -> None:
    reached = ["the first step"]

    def steps() -> None:
        with noted():
            press_and_swallow()
            raise_if_noted()
            reached.append("the next step")

    with pytest.raises(KeyboardInterrupt):
        steps()
    assert reached == ["the first step"]


def test_a_swallowed_interrupt_is_raised_at_the_end() -> None:
    with pytest.raises(KeyboardInterrupt), noted():
        press_and_swallow()


def test_an_error_that_an_interrupt_is_behind_is_an_interrupt() -> None:
    def broken_by_it() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt as error:
            raise RuntimeError("the event loop is closed") from error

    with pytest.raises(KeyboardInterrupt), noted():
        broken_by_it()


def test_any_other_error_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match="a bug"), unwrapped():
        raise RuntimeError("a bug")


def test_nothing_is_left_behind() -> None:
    with pytest.raises(KeyboardInterrupt), noted():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    raise_if_noted()
    with noted():
        pass


def test_elsewhere_than_in_the_main_thread_it_does_nothing() -> None:
    ran = []

    def elsewhere() -> None:
        with noted():
            ran.append(True)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert ran == [True]
