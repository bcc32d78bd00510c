"""storywatch on one machine: Prefect's server, a worker and the deployments, watched over until they are told to stop.

    server --answers--> reconcile, work pool --> worker, deployments --heartbeat--> ready --> watch --signal--> stop

A part that dies is started again, after 1, 2, 4, ... 60 s. A worker is started only after the runs that nobody
executes any more were told to the server (reconcile.py), so that none keeps a slot. The flow runs are processes of
the worker in groups of their own: they outlive a worker that is killed, and are ended here when all stops.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from extractors.errors import SettingsError, StorywatchError, WarehouseBusy
from flows import processes, serve_server
from flows.processes import identity
from flows.serve_parts import Part, how_it_ended, last_lines, rotate
from flows.serve_plan import POOL, Plan, State, own_environment, read_state, worker_name
from warehouse import faults, lock

START_SECONDS = 180.0  # a busy machine; an idle one takes 10 to 20
TICK_SECONDS = 0.5
TOLD_EVERY_SECONDS = 10.0  # that we still wait
CHECK_SECONDS = 30.0
SILENT_SECONDS = 180.0  # a part that says nothing for so long is started again
LONGEST_REST_SECONDS = 60.0
STEADY_SECONDS = 600.0  # who has lived so long starts over with a short rest
# All within 10 s: time for runs to bring their ledger in order, for the worker and for the server.
RUNS_SECONDS, WORKER_SECONDS, SERVER_SECONDS = 6.0, 1.0, 2.0

Say = Callable[[str], None]


class CannotServe(StorywatchError):
    """Something that is needed does not start, or can't be had."""


class AlreadyUp(StorywatchError):
    """Another `storywatch up` has the same data folder."""


def serve(plan: Plan, say: Say, on_ready: Callable[[], None]) -> None:
    """Run until SIGINT, SIGTERM or SIGHUP, which end it in order; raises KeyboardInterrupt then.

    Raises AlreadyUp, CannotServe, SettingsError (the port) and WarehouseReadOnly before or while it starts.
    """
    make_folders(plan)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # the terminal was closed
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        with lock.exclusive(plan.lock_path, wait_seconds=0):
            end_leftovers(plan, say)
            require_free_port(plan)
            supervisor = Supervisor(plan, say)
            try:
                supervisor.start()
                on_ready()
                supervisor.watch()
            finally:
                supervisor.stop()
    except WarehouseBusy as busy:
        raise AlreadyUp(already_up(plan, busy.pid)) from None


def make_folders(plan: Plan) -> None:
    """Raises WarehouseReadOnly and its like, which name the folder."""
    for folder in (plan.home, plan.logs):
        with faults.file_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ".writable").touch()
            (folder / ".writable").unlink()


def already_up(plan: Plan, pid: int | None) -> str:
    """For people: who is, and how to end it."""
    state = read_state(plan.state_path)
    where = f", {state.url}" if state else ""
    return f"{plan.data_dir} is up already (PID {pid}{where}); to end it: {down_command(plan)}"


def down_command(plan: Plan) -> str:
    """To be pasted into a shell, from any folder."""
    return f"storywatch down --data {shlex.quote(str(plan.data_dir))}"


def require_free_port(plan: Plan) -> None:
    """Raises SettingsError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(plan.host, plan.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except socket.gaierror as error:
        raise SettingsError("--host", plan.host, f"no address of this machine: {error}", "the command line") from None
    except OSError as error:
        allowed = f"can't be listened on at {plan.host}: {error.strerror}; choose another one with --port"
        raise SettingsError("--port", plan.port, allowed, "the command line") from None


def end_leftovers(plan: Plan, say: Say, *, runs_too: bool = False) -> bool:
    """End what a supervisor that was killed has left behind; its flow runs go on unless `runs_too`. True: something."""
    state = read_state(plan.state_path)
    left = [process for one in state.parts.values() if (process := one.process())] if state else []
    if left:
        say(f"ending what a killed `storywatch up` has left: PID {', '.join(str(one.pid) for one in left)}")
    runs = [one for found in processes.flow_runs(plan.home).values() for one in found] if runs_too else []
    processes.signal_groups([*left, *runs], signal.SIGTERM)
    processes.signal_groups(processes.wait([*left, *runs], RUNS_SECONDS), signal.SIGKILL)
    plan.state_path.unlink(missing_ok=True)
    return bool(left or runs)


class Supervisor:
    """The parts, and what is known of them."""

    def __init__(self, plan: Plan, say: Say) -> None:
        self.plan, self.say = plan, say
        environment = plan.environment(own_environment())
        python = (sys.executable, "-m")
        address = ("--host", plan.host, "--port", str(plan.port))
        self.server = self._part("server", (*python, "prefect", "server", "start", *address), environment)
        started_as = ("--pool", POOL, "--name", worker_name(), "--type", "process")
        self.worker = self._part("worker", (*python, "prefect", "worker", "start", *started_as), environment)
        self.parts = (self.server, self.worker)
        self._rests = {part.name: 1.0 for part in self.parts}  # before the next start
        self._due = {part.name: 0.0 for part in self.parts}  # of the next start, monotonic; 0: none
        self._began = {part.name: 0.0 for part in self.parts}
        self._answered = self._checked = 0.0
        self._ready = False

    def _part(self, name: str, command: Sequence[str], environment: dict[str, str]) -> Part:
        log = self.plan.logs / f"{name}.log"
        return Part(name=name, command=command, environment=environment, folder=self.plan.folder, log=log)

    def start(self) -> None:
        """Start everything, and wait until it is healthy. Raises CannotServe."""
        plan = self.plan
        self.say(f"Prefect's server starts on {plan.url}: some 20 s, longer on a busy machine ...")
        self._launch(self.server)
        self._wait(lambda: serve_server.is_healthy(plan), self.server, "answers")
        self._answered = time.monotonic()
        self._reconcile("--make-pool")
        began = datetime.now(UTC)
        self._launch(self.worker)
        self._deploy()
        self._wait(lambda: self._beats_since(began), self.worker, "reports")
        self._ready = True
        self._write_state()

    def _launch(self, part: Part) -> None:
        part.start()
        self._began[part.name], self._due[part.name] = time.monotonic(), 0.0
        self._write_state()

    def _write_state(self) -> None:
        own = identity(os.getpid())
        assert own is not None
        parts = {part.name: part.identity for part in self.parts if part.identity}
        try:
            State(supervisor=own, url=self.plan.url, ready=self._ready, parts=parts).write(self.plan.state_path)
        except OSError as error:  # a full disk: it is for others, and for a next `up` alone
            self.say(f"{self.plan.state_path} can't be written: {error.strerror}")

    def _wait(self, is_true: Callable[[], bool], part: Part, does: str) -> None:
        began = told = time.monotonic()
        while not is_true():
            now = time.monotonic()
            code = part.ended()
            if code is not None or now - began > START_SECONDS:
                why = f"ended ({how_it_ended(code)})" if code is not None else f"said nothing for {START_SECONDS:.0f} s"
                raise CannotServe(f"the {part.name} {why}; the end of its log, {part.log}:\n" + _quoted(part.log))
            if now - told >= TOLD_EVERY_SECONDS:
                told = now
                self.say(f"  waiting for the {part.name}: {now - began:.0f} s")
            time.sleep(TICK_SECONDS)
        self.say(f"the {part.name} {does} after {time.monotonic() - began:.0f} s")

    def _beats_since(self, began: datetime) -> bool:
        with suppress(serve_server.NoAnswer):
            beat = serve_server.heartbeat(self.plan, worker_name())
            return beat is not None and beat >= began
        return False

    def _call(self, *arguments: str) -> str:
        """A command of ours or Prefect's, in the environment of the parts. Raises CannotServe."""
        log = self.plan.logs / "deploy.log"
        try:
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-m", *arguments],
                env=self.server.environment,
                cwd=self.plan.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=START_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CannotServe(f"{' '.join(arguments[:2])} did not end within {START_SECONDS:.0f} s") from None
        with log.open("a", encoding="utf-8") as opened:
            opened.write(done.stdout)
        if done.returncode:
            raise CannotServe(f"{' '.join(arguments[:2])} failed; the end of its log, {log}:\n" + _quoted(log))
        return done.stdout

    def _reconcile(self, *options: str) -> None:
        for line in self._call("flows.reconcile", *options).splitlines():
            self.say(line)

    def _deploy(self) -> None:
        file = deployments_file(self.plan)
        self._call("prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file))
        names = [one["name"] for one in yaml.safe_load(file.read_text("utf-8"))["deployments"]]
        self.say(f"deployed: {', '.join(names)}")

    def watch(self) -> None:
        """Keep all parts alive. Ends with KeyboardInterrupt only."""
        while True:
            time.sleep(TICK_SECONDS)
            for part in self.parts:
                self._tend(part)
            if time.monotonic() - self._checked >= CHECK_SECONDS:
                self._checked = time.monotonic()
                for log in self.plan.logs.glob("*.log"):
                    with suppress(OSError):  # a file system that may only be read: nothing grows there
                        rotate(log)
                self._check()

    def _tend(self, part: Part) -> None:
        """Note the end of a part, and start it again when its rest is over."""
        now = time.monotonic()
        code = part.ended()
        if code is None:
            return
        if not self._due[part.name]:
            if now - self._began[part.name] > STEADY_SECONDS:
                self._rests[part.name] = 1.0
            rest = self._rests[part.name]
            self._rests[part.name] = min(2 * rest, LONGEST_REST_SECONDS)
            self._due[part.name] = now + rest
            self.say(f"the {part.name} ended ({how_it_ended(code)}); it starts again in {rest:.0f} s, see {part.log}")
        elif now >= self._due[part.name] and self._may_start(part):
            try:
                self._launch(part)
            except OSError as error:  # no memory for a process, say: that passes
                self._due[part.name] = now + LONGEST_REST_SECONDS
                self.say(f"the {part.name} can't be started: {error.strerror}; again in {LONGEST_REST_SECONDS:.0f} s")
            else:
                self.say(f"the {part.name} was started again")

    def _may_start(self, part: Part) -> bool:
        """The server at any time; the worker when the server answers and knows which runs are dead."""
        if part is self.server:
            return True
        if not serve_server.is_healthy(self.plan):
            return False
        self._reconcile_or_say()
        return True

    def _reconcile_or_say(self) -> None:
        try:
            self._reconcile()
        except CannotServe as error:
            self.say(str(error))

    def _check(self) -> None:
        """End a part that lives and says nothing; put right what died without a word."""
        plan, now = self.plan, time.monotonic()
        if not serve_server.is_healthy(plan):
            if self.server.ended() is None and now - max(self._answered, self._began["server"]) > SILENT_SECONDS:
                self.say(f"the server has not answered for {SILENT_SECONDS:.0f} s")
                self.server.kill()
            return
        self._answered = now
        with suppress(serve_server.NoAnswer):
            beat = serve_server.heartbeat(plan, worker_name())
            at = serve_server.utc_now()
            is_silent = beat is None or at - beat > timedelta(seconds=SILENT_SECONDS)
            if is_silent and self.worker.ended() is None and now - self._began["worker"] > SILENT_SECONDS:
                self.say(f"the worker has not reported for {SILENT_SECONDS:.0f} s")
                self.worker.kill()
            under_way = serve_server.under_way(plan, at)
            if under_way and not processes.flow_runs().keys() >= set(under_way):
                self._reconcile_or_say()

    def stop(self) -> None:
        """End everything within 10 s: the runs first, while the server is there to be told."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.worker.terminate()
        runs = [one for found in processes.flow_runs(self.plan.home).values() for one in found]
        if runs:
            self.say("ending the runs that are on; what they have done is kept ...")
        processes.signal_groups(runs, signal.SIGTERM)
        processes.signal_groups(processes.wait(runs, RUNS_SECONDS), signal.SIGKILL)
        for part, seconds in ((self.worker, WORKER_SECONDS), (self.server, SERVER_SECONDS)):
            part.terminate()
            if part.process is not None:
                with suppress(subprocess.TimeoutExpired):
                    part.process.wait(seconds)
            part.kill()
        late = [one for found in processes.flow_runs(self.plan.home).values() for one in found]
        processes.signal_groups(late, signal.SIGKILL)
        self.plan.state_path.unlink(missing_ok=True)
        self.say("stopped")


def deployments_file(plan: Plan) -> Path:
    """The file to deploy: the plan's own, or, with another interval, a copy in Prefect's home."""
    if plan.interval_seconds is None:
        return plan.deployments
    content: dict[str, Any] = yaml.safe_load(plan.deployments.read_text("utf-8"))
    for deployment in content["deployments"]:
        for schedule in deployment["schedules"]:
            if "interval" not in schedule:  # at a time of the day, which stays
                continue
            schedule |= {"interval": plan.interval_seconds, "slug": f"every-{plan.interval_seconds:g}-seconds"}
    copy = plan.home / "prefect.yaml"
    copy.write_text(json.dumps(content, indent=1), "utf-8")  # JSON is YAML
    return copy


def down(plan: Plan, say: Say) -> bool:
    """End what runs on this data folder; True if anything did. Raises CannotServe if it does not end.

    Whom to signal is told by the lock, which only a living process holds, never by a number in a file alone.
    """
    pid = lock.holder(plan.lock_path)
    if pid is None:
        return end_leftovers(plan, say, runs_too=True)
    supervisor = identity(pid)
    with suppress(ProcessLookupError):  # it has just ended
        os.kill(pid, signal.SIGTERM)
    ends = time.monotonic() + 2 * (RUNS_SECONDS + WORKER_SECONDS + SERVER_SECONDS)
    while lock.is_held(plan.lock_path):
        if time.monotonic() > ends:
            if supervisor and supervisor.process():
                os.kill(pid, signal.SIGKILL)
            end_leftovers(plan, say, runs_too=True)
            say(f"PID {pid} did not end by itself and was killed")
            break
        time.sleep(TICK_SECONDS)
    return True


def _quoted(log: Path) -> str:
    return "\n".join(f"    {line}" for line in last_lines(log))
