"""What `storywatch doctor` looks at: whether all that storywatch needs is there and fits together. It changes nothing.

    settings -> versions -> contact, files of seeds/ -> folders, disk, clock -> Prefect -> warehouse, published file

Each check yields findings, good ones among them; a bad one has a remedy. One that can't be made is a finding as well.
Nobody is asked but Prefect's API.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from platform import python_version
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import extractors
from extractors.errors import SeedFileError, SettingsError, StorywatchError, WarehouseBusy, WarehouseMissing
from extractors.seeds import load_seeds
from extractors.story import load_story
from flows import examining_prefect
from flows.disk import disk_space
from flows.maintained import FAILED, read_maintained
from flows.settings import Settings, load_settings, seed_file, seed_folders, setting_origins
from flows.watch import listed_feeds
from warehouse import backups, connect, integrity, read
from warehouse.connect import DataDir
from warehouse.integrity import Finding

WAREHOUSE_SECONDS = 5.0  # for another process that holds it
# Clocks of file servers differ from ours by seconds.
CLOCK_SLACK = timedelta(minutes=2)
FOLDERS = ("archive", "backups", "logs", "prefect", "private", "public")
BACKUP_DUE = timedelta(days=7)  # after the first run
# What is held back, and what happens else (measured; docs/design.md, "Pins").
TRAPS = {
    "fastapi": "Prefect's server, and each flow without one, end at their start",
    "sqlalchemy": "Prefect's server starts, and never creates a scheduled run",
    "lxml-html-clean": "texts can't be extracted",
}
INSTALL = "install it as the README says: pip install -c constraints.txt ."


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is looked at."""

    settings: Settings
    origins: Mapping[str, str]  # key of a setting -> where its value comes from; the others are defaults
    now: datetime

    @property
    def data_dir(self) -> DataDir:
        """The data folder."""
        return DataDir(self.settings.data_dir)


Check = Callable[[Case], Iterable[Finding]]


def well(check: str, detail: str) -> Finding:
    """A good finding."""
    return Finding(check=check, is_well=True, detail=detail)


def bad(check: str, detail: str, remedy: str) -> Finding:
    """A finding that somebody should do something about."""
    return Finding(check=check, is_well=False, detail=detail, remedy=remedy)


def examine(given: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    """All findings, in order. `given`: settings of the command line. Of wrong settings nothing else can be said."""
    yield from _made("versions", versions)
    try:
        case = Case(settings=load_settings(given), origins=setting_origins(given), now=now)
    except (SettingsError, SeedFileError) as error:
        yield bad("settings", str(error), "correct it; nothing else can be looked at before")
        return
    checks: tuple[tuple[str, Check], ...] = (
        ("settings", _settings),
        ("contact", _contact),
        ("seeds", seed_files),
        ("folders", folders),
        ("disk", _disk),
        ("clock", _clock),
        ("prefect", lambda case: examining_prefect.findings(case.data_dir, case.now)),
        ("warehouse", _warehouse),
        ("keeping", _keeping),
    )
    for name, check in checks:
        yield from _made(name, lambda check=check: check(case))  # type: ignore[misc]


def _made(name: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except (StorywatchError, OSError) as error:
        yield bad(name, str(error), "put that right, and ask again")
    except Exception as error:  # a doctor who dies of one question answers none
        yield bad(name, f"it can't be looked at: {type(error).__name__}: {error}", "report this: it is a bug")


def versions() -> Iterator[Finding]:
    """Python and the packages, against what the installed storywatch asks for."""
    wanted = SpecifierSet(metadata("storywatch")["Requires-Python"])
    if python_version() not in wanted:
        yield bad("python", f"{python_version()} in {sys.prefix}, it must be {wanted}", "install with another one")
    else:
        yield well("python", f"{python_version()} in {sys.prefix}")
    named = [Requirement(line) for line in requires("storywatch") or ()]
    needed = [one for one in named if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = [finding for one in needed for finding in _package(one)]
    yield from wrong
    if not wrong:
        yield well("versions", f"storywatch {version('storywatch')}, {len(needed)} packages as it needs them")


def _package(needed: Requirement) -> Iterator[Finding]:
    happens = TRAPS.get(needed.name.lower().replace("_", "-"))
    what = f"; with another one {happens}" if happens else ""
    try:
        found = version(needed.name)
    except PackageNotFoundError:
        yield bad("versions", f"{needed.name} is not installed{what}", INSTALL)
        return
    if not needed.specifier.contains(found, prereleases=True):
        yield bad("versions", f"{needed.name} {found} is installed, it must be {needed.specifier}{what}", INSTALL)


def _settings(case: Case) -> Iterator[Finding]:
    told = ", ".join(f"{key} from {origin}" for key, origin in sorted(case.origins.items()))
    yield well("settings", f"{told}; all others by default" if told else "all by default")


def _contact(case: Case) -> Iterator[Finding]:
    if case.settings.contact is None:
        yield bad(
            "contact",
            "none is set: nothing is asked of the open network without",
            "set STORYWATCH_CONTACT, or contact in storywatch.toml, to an address at which you can be reached",
        )
    else:
        yield well("contact", case.settings.contact)


def seed_files(case: Case) -> Iterator[Finding]:
    """The files that are in force."""
    settings = case.settings
    path = seed_file("story.toml", settings.story_file, settings)
    try:
        story = load_story(path)
        yield well("story", f"{path}: {story.name}")
        path = seed_file("feeds.toml", settings.feeds_file, settings)
        used = [feed for feed in listed_feeds(path, story) if feed.enabled]
        yield well("feeds", f"{path}: {len(used)} feeds and searches in use")
        seeds = load_seeds(seed_folders(settings))
        yield well("seeds", f"{len(seeds)} articles to hold others against")
    except SeedFileError as error:
        yield bad("seeds", str(error), "correct the file; storywatch story check names every error of story.toml")


def folders(case: Case) -> Iterator[Finding]:
    """Whether this user may read and write where storywatch does."""
    root = case.data_dir.root.absolute()
    there = next(path for path in (root, *root.parents) if os.path.lexists(path))
    places = [there]
    if there == root:
        places += [root / name for name in FOLDERS if os.path.lexists(root / name)]
        places += [path for path in sorted(case.data_dir.private.glob("*")) if path.is_file()]
    wrong = [finding for place in places for finding in _place(place)]
    yield from wrong
    if not wrong:
        where = f"{root}" if there == root else f"{root} is not there yet, it can be made in {there}"
        yield well("folders", f"{where}: may be read and written")


def _place(path: Path) -> Iterator[Finding]:
    if not path.exists():
        yield bad("folders", f"{path} leads nowhere", "remove the link, or mount what it leads to")
    elif path.is_dir() and not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        yield bad("folders", f"{path} may not be written to by this user", f"chown -R $(id -un) {path}")
    elif not path.is_dir() and path.parent.name != "private":
        yield bad("folders", f"{path} is no folder", "move it away, or set another data_dir")
    elif path.is_file() and not os.access(path, os.R_OK | os.W_OK):
        yield bad("folders", f"{path} may not be written to by this user", f"chown $(id -un) {path}")
    elif path.stat().st_uid != path.parent.stat().st_uid and path.parent.name == "private":
        yield bad(
            "folders",
            f"{path} belongs to another user than its folder: a run under the wrong user wrote it",
            f"chown --reference={path.parent} {path}",
        )


def _disk(case: Case) -> Iterator[Finding]:
    root = case.data_dir.root
    if not root.is_dir():
        return
    disk = disk_space(case.data_dir)
    free, least = f"{disk.free_bytes / 1e9:,.1f} GB free", f"{disk.least_free_bytes / 1e9:,.1f} GB"
    if disk.is_nearly_full:
        largest = max(disk.used_bytes, key=lambda name: disk.used_bytes[name], default="nothing")
        remedy = f"make room; of the data folder {largest} takes most: see archive_keep_days and backups_kept"
        yield bad("disk", f"{free}; a publication and a backup need up to {least}", remedy)
    else:
        yield well("disk", f"{free}, of which {least} must stay")


def _clock(case: Case) -> Iterator[Finding]:
    """Against what was written before: a clock that was put back, or was not set yet, is behind it."""
    remedy = "set the clock, best by NTP (timedatectl set-ntp true): what waits for a time would wait too long"
    written = {"the installed program": _modified_at(Path(extractors.__file__))}
    if connect.exists(case.data_dir):
        written["the warehouse"] = _modified_at(case.data_dir.warehouse_path)
        try:
            with connect.reader(case.data_dir, wait_seconds=WAREHOUSE_SECONDS) as con:
                last = read.status(con, case.now).last_run
            if last is not None:
                written[f"the run {last.run_id}"] = last.started_at
        except StorywatchError:
            pass  # told by the check of the warehouse
    what = max(written, key=lambda name: written[name])
    if written[what] > case.now + CLOCK_SLACK:
        told = f"it is {case.now:%Y-%m-%d %H:%M}Z by the clock, and {what} is of {written[what]:%Y-%m-%d %H:%M}Z"
        yield bad("clock", told, remedy)
    else:
        yield well("clock", f"{case.now:%Y-%m-%d %H:%M}Z, after all that was written")


def _modified_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _warehouse(case: Case) -> Iterable[Finding]:
    try:
        return integrity.check(case.data_dir, wait_seconds=WAREHOUSE_SECONDS)
    except WarehouseMissing:
        return [well("warehouse", f"there is none in {case.data_dir.root} yet; storywatch run makes it")]
    except WarehouseBusy as busy:
        return [bad("warehouse", str(busy), "end what holds it, and ask again; clients open the published file")]


def _keeping(case: Case) -> Iterator[Finding]:
    """Backups and maintenance."""
    if not connect.exists(case.data_dir):
        return
    last, made = read_maintained(case.data_dir), backups.backups(case.data_dir)
    failed = [step for step in last.steps if step.state == FAILED] if last else []
    for step in failed:
        yield bad("maintenance", f"{step.name} failed: {step.detail}", "put that right, then storywatch maintain")
    if last is not None and not failed:
        yield well("maintenance", f"last on {last.started_at:%Y-%m-%d %H:%M}Z")
    due = case.settings.backups_kept > 0 and _age(case) > BACKUP_DUE
    if due and (not made or case.now - made[-1].made_at > BACKUP_DUE):
        newest = f"the newest is of {made[-1].made_at:%Y-%m-%d}" if made else "there is none"
        yield bad("backup", newest, "storywatch maintain once a day, as the deployment of that name does")
    elif made:
        yield well("backup", f"{len(made)}, the newest of {made[-1].made_at:%Y-%m-%d %H:%M}Z")


def _age(case: Case) -> timedelta:
    """How long there has been a warehouse, by its oldest run."""
    try:
        with connect.reader(case.data_dir, wait_seconds=WAREHOUSE_SECONDS) as con:
            began = read.first_run_at(con)
    except StorywatchError:
        return timedelta()
    return case.now - began if began else timedelta()
