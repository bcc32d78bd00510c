"""What `storywatch up` starts, where its files lie, and in what environment its parts run. No prefect, no process.

<data>/prefect/     Prefect's home: its database, its leases, up.lock (who supervises), up.json (what runs)
<data>/logs/        up.log, server.log, worker.log, deploy.log; the older parts of each as .1, .2, .3
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path

from extractors.errors import SettingsError
from flows.processes import Identity

POOL = "storywatch"
DEPLOYMENTS = Path(__file__).parent / "prefect.yaml"
DEFAULT_PORT = 4200
AUTH_VARIABLE = "PREFECT_SERVER_API_AUTH_STRING"
# Of the caller's settings of Prefect only these go on: the rest is about a server of theirs.
KEPT_PREFIXES = ("PREFECT_LOGGING_", "PREFECT_WORKER_", AUTH_VARIABLE)
LEASES_ON_DISK = "prefect.server.concurrency.lease_storage.filesystem"


def worker_name() -> str:
    """Name of our worker; ends in that of the machine, by which reconcile.py tells it from others."""
    return f"storywatch on {socket.gethostname()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One machine's server, worker and deployments."""

    data_dir: Path  # absolute
    folder: Path  # absolute: where flows run, and find storywatch.toml and ./seeds
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    interval_seconds: float | None = None  # of all schedules; None: as the file of deployments says
    deployments: Path = DEPLOYMENTS
    auth: str | None = None  # "user:password"

    @property
    def home(self) -> Path:
        return self.data_dir / "prefect"

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def lock_path(self) -> Path:
        """Held by the one supervisor of this data folder."""
        return self.home / "up.lock"

    @property
    def state_path(self) -> Path:
        return self.home / "up.json"

    @property
    def url(self) -> str:
        """Of the UI, for a browser. An address that stands for all of the machine's is none to connect to."""
        host = socket.gethostname() if is_wildcard(self.host) else self.host
        return f"http://{bracketed(host)}:{self.port}"

    @property
    def api_url(self) -> str:
        """Of the API, for this machine."""
        host = "127.0.0.1" if is_wildcard(self.host) else self.host
        return f"http://{bracketed(host)}:{self.port}/api"

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The environment of server, worker and flows: nothing of the caller's own Prefect, no file of theirs."""
        kept = {
            key: value
            for key, value in inherited.items()
            if not key.startswith("PREFECT_") or key.startswith(KEPT_PREFIXES)
        }
        own = {
            "PREFECT_HOME": str(self.home),
            "PREFECT_API_URL": self.api_url,
            "PREFECT_UI_API_URL": f"{self.url}/api",
            "PREFECT_UI_URL": self.url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": LEASES_ON_DISK,
            # Logs and artifacts of runs that maintenance has deleted go, too; "events" is Prefect's default.
            "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,orphans",
            # States of task runs are written in batches, not one by one in a transaction each: they show 2 s later.
            "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
            "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
            "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "2",
            # By default every 5 s, a quarter of what the server does when nothing is on. Only the first is seen at all:
            # a run that could not start is called late half a minute later.
            "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "30",
            "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "60",
            "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS": "30",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
            "PREFECT_CLI_PROMPT": "false",
            "PREFECT_CLI_COLORS": "false",
            "STORYWATCH_DATA_DIR": str(self.data_dir),
            "PYTHONUNBUFFERED": "1",  # a log that lags behind does not help
        }
        if self.auth:
            own |= {AUTH_VARIABLE: self.auth, "PREFECT_API_AUTH_STRING": self.auth}
        return kept | own


def is_wildcard(host: str) -> bool:
    """Whether it stands for every address of the machine."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def bracketed(host: str) -> str:
    """As it stands in a URL (RFC 3986, 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_auth(host: str, auth: str | None) -> None:
    """Raises SettingsError when others could reach the server and start whatever they like."""
    if auth is not None and not all(auth.partition(":")):
        raise SettingsError(AUTH_VARIABLE, "...", "must be user:password", "the environment")
    if not is_loopback(host) and not auth:
        allowed = f"others reach the server there: set {AUTH_VARIABLE}=user:password, or leave it at 127.0.0.1"
        raise SettingsError("--host", host, allowed, "the command line")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What runs, as written down for `down`, for a second `up`, and for a person."""

    supervisor: Identity
    url: str
    ready: bool = False
    parts: Mapping[str, Identity] = field(default_factory=dict)  # name -> its process, which leads a group of its own

    def write(self, path: Path) -> None:
        """Replace the file whole."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)) + "\n", "utf-8")
        new.replace(path)


def read_state(path: Path) -> State | None:
    """What was written last. None: nothing, or nothing that can be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
        return State(
            supervisor=Identity(**found["supervisor"]),
            url=found["url"],
            ready=found["ready"],
            parts={name: Identity(**one) for name, one in found["parts"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def own_environment() -> dict[str, str]:
    """Of this process."""
    return dict(os.environ)
