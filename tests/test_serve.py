"""The supervisor and its parts, without Prefect: processes that end, logs that grow, ports that are taken."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from extractors.errors import SettingsError
from flows import processes
from flows.commands.up import say
from flows.processes import Identity, identity
from flows.serve import LONGEST_REST_SECONDS, Supervisor, down, down_command, end_leftovers, require_free_port
from flows.serve_parts import KEPT_LOGS, Part, how_it_ended, last_lines, rotate
from flows.serve_plan import Plan, State
from tests.serving import wait_until

# Lives until it is ended, with a child that does so too; says their ids.
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""


def family(folder: Path) -> Part:
    command = (sys.executable, "-c", FAMILY)
    return Part(name="worker", command=command, environment={**os.environ}, folder=folder, log=folder / "worker.log")


def started(part: Part) -> list[psutil.Process]:
    """Start it; its processes."""
    part.start()
    ids = wait_until(lambda: part.log.read_text().split()[-2:], 30, part.log.read_text)
    return [psutil.Process(int(one)) for one in ids]


def test_a_part_is_ended_with_all_its_children(tmp_path: Path) -> None:
    part = family(tmp_path)
    members = started(part)
    assert part.ended() is None
    part.kill()
    assert processes.wait(members, 10) == []
    assert part.ended() == -signal.SIGKILL
    assert how_it_ended(-signal.SIGKILL) == "killed by SIGKILL"


def test_what_a_dead_part_left_is_ended_before_it_starts_again(tmp_path: Path) -> None:
    part = family(tmp_path)
    parent, child = started(part)
    parent.kill()
    assert part.process is not None
    part.process.wait()
    assert child.is_running()
    part.start()
    assert processes.wait([child], 10) == []
    part.kill()


def test_a_log_that_has_grown_is_cut_and_goes_on_and_only_so_many_older_ones_stay(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with log.open("ab", buffering=0) as writer:
        for number in range(KEPT_LOGS + 2):
            writer.write(b"%d\n" % number * 10)
            assert rotate(log, limit_bytes=10)
        writer.write(b"last\n")
    assert not rotate(log, limit_bytes=10)
    assert log.read_bytes() == b"last\n"
    older = sorted(path.name for path in tmp_path.glob("server.log.*"))
    assert older == [f"server.log.{number}" for number in range(1, KEPT_LOGS + 1)]
    assert (tmp_path / "server.log.1").read_bytes().startswith(b"%d\n" % (KEPT_LOGS + 1))


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_log_that_no_copy_can_be_made_of_is_cut_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "server.log"
    log.write_bytes(b"a line\n" * 10)
    monkeypatch.setattr("shutil.copyfile", no_room)
    assert rotate(log, limit_bytes=10)
    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [("server.log", 0)]


def test_a_line_that_nobody_can_read_any_more_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[bool] = []
    with suppress(OSError), Path("/dev/full").open("w") as closed:  # as a terminal that is gone: each write fails
        monkeypatch.setattr("sys.stderr", closed)
        say("ending the runs that are on")
        done.append(True)
    assert done


def test_on_a_full_disk_and_without_memory_what_is_watched_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan(data_dir=tmp_path, folder=tmp_path)
    plan.logs.mkdir()
    said: list[str] = []
    supervisor = Supervisor(plan, said.append)
    monkeypatch.setattr(State, "write", no_room)
    supervisor.server.command = (sys.executable, "-c", "")
    supervisor._launch(supervisor.server)
    assert supervisor.server.process is not None
    supervisor.server.process.wait()
    supervisor._tend(supervisor.server)
    supervisor._due["server"] = 0.1
    monkeypatch.setattr(Part, "start", no_room)
    supervisor._tend(supervisor.server)
    assert f"again in {LONGEST_REST_SECONDS:.0f} s" in said[-1]
    assert supervisor._due["server"] > 0.1
    assert "can't be written: No space left" in said[0]


def test_the_end_of_a_log_is_what_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    assert last_lines(log) == []
    log.write_bytes(b"\n".join(b"line %d \xff" % number for number in range(40_000)))
    assert last_lines(log, 2) == ["line 39998 \ufffd", "line 39999 \ufffd"]


def test_a_later_process_of_the_same_id_is_not_the_one_that_was_meant() -> None:
    own = identity(os.getpid())
    assert own is not None
    assert own.process() is not None
    assert Identity(own.pid, own.started + "0").process() is None


def test_a_process_stays_the_one_that_was_meant_when_the_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    own = identity(os.getpid())
    assert own is not None
    boot = psutil.boot_time()
    # What the kernel reckons back from the clock of now, as psutil reads it: an hour later after such a step.
    monkeypatch.setattr("psutil._psplatform.boot_time", lambda: boot + 3600)
    assert psutil.Process().create_time() > boot + 3600
    assert own.process() is not None


def test_a_flow_run_is_known_by_its_environment_and_its_home(tmp_path: Path) -> None:
    environment = {**os.environ, processes.RUN_VARIABLE: "a-run", processes.HOME_VARIABLE: str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()
        assert [one.pid for one in processes.flow_runs(tmp_path)["a-run"]] == [run.pid]
        assert "a-run" in processes.flow_runs()
        assert "a-run" not in processes.flow_runs(tmp_path / "another")
        run.kill()


def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        plan = Plan(data_dir=tmp_path, folder=tmp_path, port=taken.getsockname()[1])
        with pytest.raises(SettingsError, match="choose another one with --port"):
            require_free_port(plan)
    require_free_port(plan)


def test_how_to_end_it_can_be_pasted_into_a_shell(tmp_path: Path) -> None:
    plan = Plan(data_dir=tmp_path / "a döta folder", folder=tmp_path)
    assert shlex.split(down_command(plan)) == ["storywatch", "down", "--data", str(plan.data_dir)]


def test_down_ends_what_a_killed_supervisor_left_and_a_second_time_does_nothing(tmp_path: Path) -> None:
    plan = Plan(data_dir=tmp_path, folder=tmp_path)
    plan.home.mkdir()
    part = family(tmp_path)
    members = started(part)
    assert part.identity is not None
    State(supervisor=Identity(1, "0"), url="", parts={"worker": part.identity}).write(plan.state_path)
    said: list[str] = []
    assert down(plan, said.append)
    assert processes.wait(members, 10) == []
    assert said == [f"ending what a killed `storywatch up` has left: PID {members[0].pid}"]
    assert not down(plan, said.append)
    part.kill()


def test_whoever_got_the_id_of_a_dead_part_is_left_alone(tmp_path: Path) -> None:
    plan = Plan(data_dir=tmp_path, folder=tmp_path)
    plan.home.mkdir()
    part = family(tmp_path)
    members = started(part)
    other = Identity(members[0].pid, "another boot 7")
    State(supervisor=other, url="", parts={"worker": other}).write(plan.state_path)
    assert not end_leftovers(plan, print)
    assert all(one.is_running() for one in members)
    part.kill()
