"""Finished snapshots: their numbers, manifests, the link to the current one, and what is cleared away.

    <data>/public/snapshots/<n>/coverage.duckdb + manifest.json + parquet/   immutable, files of mode 0444
    <data>/public/current -> snapshots/<n>                                   replaced in one step

A snapshot has a directory of its own because a file is never replaced in place: DuckDB replays a log that lies beside
a file of the same name, and an old client's log would be replayed into the new file in silence. Clients that opened
an older snapshot keep reading it: its files stay until their last reader closes them, wherever their names are.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from extractors.errors import WarehouseForeign
from warehouse.connect import DataDir, sync

# Number of snapshots kept: the current one, and two for clients that resolved the link before it moved.
KEPT = 3
FILE_NAME = "coverage.duckdb"
MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetFile:
    """A month of articles as Parquet."""

    path: str  # below the snapshot's directory
    month: str  # of first_seen_at in UTC, such as "2025-10"
    rows: int
    digest: str  # of its rows, hex; the same digest: the same rows
    sha256: str  # of the file, hex
    size_bytes: int  # of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What lies beside a published file, as manifest.json."""

    number: int  # of the snapshot, ascending
    run_id: str  # run that published it
    published_at: datetime
    schema_version: int  # number of the last migration
    publish_text: bool  # False: texts, leads and summaries are left out
    rows: Mapping[str, int]  # table -> rows
    news: Mapping[str, str]  # table of the private file that readers come for -> digest of its rows, hex
    sha256: str  # of the file, hex
    size_bytes: int  # of the file
    parquet: Sequence[ParquetFile]  # by month, ascending


def finished(data_dir: DataDir) -> list[int]:
    """Numbers of the snapshots whose directory has its final name, ascending."""
    if not data_dir.snapshots.is_dir():
        return []
    names = [path.name for path in data_dir.snapshots.iterdir()]
    return sorted(int(name) for name in names if name.isdecimal() and name == str(int(name)))


def last_published(data_dir: DataDir) -> Manifest | None:
    """Manifest of the snapshot that `current` names; None: nothing was published, or it is not whole any more."""
    manifest = read_manifest(data_dir.current_path)
    return manifest if manifest is not None and data_dir.published_path.is_file() else None


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of the snapshot in `folder`; None: there is none, or not one of this version."""
    try:
        content = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
        content["published_at"] = datetime.fromisoformat(content["published_at"])
        content["parquet"] = tuple(ParquetFile(**one) for one in content["parquet"])
        content["rows"] = {str(table): int(rows) for table, rows in content["rows"].items()}
        manifest = Manifest(**content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):  # a hint, and easily made anew
        return None
    return manifest if manifest.published_at.tzinfo is not None else None


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write manifest.json into `folder`, to the disk."""
    path = folder / MANIFEST_NAME
    content = asdict(manifest) | {"published_at": manifest.published_at.isoformat()}
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    path.chmod(0o444)
    sync(path)


def make_current(data_dir: DataDir, folder: Path, number: int) -> None:
    """Give the complete `folder` its name and let `current` name it, each in one step, in this order on the disk."""
    folder.chmod(0o755)
    sync(folder)
    folder.rename(data_dir.snapshots / str(number))
    sync(data_dir.snapshots)
    link = data_dir.public / "current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("snapshots") / str(number))  # relative: the data folder may be moved or mounted elsewhere
    link.replace(data_dir.current_path)
    sync(data_dir.public)


def clear_unfinished(data_dir: DataDir) -> None:
    """Remove what a killed publication, or restore, left. Only for the holder of publish.lock."""
    private = data_dir.private
    for path in [*data_dir.snapshots.glob("*.partial"), *private.glob("*.copy*"), *private.glob("*.restored")]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def require_link(data_dir: DataDir) -> None:
    """Nothing but a link is in the place of `current`: whoever copies a data folder may have made a folder of it."""
    path = data_dir.current_path
    if path.exists() and not path.is_symlink():
        raise WarehouseForeign(path, "it has to be a link to the published snapshot; move it away and publish again")


def clear_old(data_dir: DataDir, *, publish_text: bool) -> None:
    """Remove all but the last KEPT snapshots and the current one; without `publish_text` also those with texts."""
    current = data_dir.current_path.readlink().name
    numbers = finished(data_dir)
    for number in numbers:
        folder = data_dir.snapshots / str(number)
        is_old = number not in numbers[-KEPT:] or (not publish_text and _may_have_text(folder))
        if is_old and folder.name != current and folder.is_dir():
            shutil.rmtree(folder)


def _may_have_text(folder: Path) -> bool:
    manifest = read_manifest(folder)
    return manifest is None or manifest.publish_text


def digest(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
