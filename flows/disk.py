"""How full the disk is, and with what of ours. Reads names and sizes alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from warehouse.connect import DataDir

# Below it something fails soon: a day of pages and a log take some 100 MB.
LEAST_FREE_BYTES = 1 << 30
# A publication has two copies of the private file for a moment, a backup is a third.
COPIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSpace:
    """The file system of the data folder."""

    free_bytes: int  # for this user
    total_bytes: int
    least_free_bytes: int  # below it the disk counts as nearly full
    used_bytes: Mapping[str, int]  # folder below the data folder -> size of the files in it

    @property
    def is_nearly_full(self) -> bool:
        """Whether somebody should make room."""
        return self.free_bytes < self.least_free_bytes


def disk_space(data_dir: DataDir) -> DiskSpace:
    """As it is now. Raises OSError when the data folder is not there."""
    usage = shutil.disk_usage(data_dir.root)
    warehouse = data_dir.warehouse_path.stat().st_size if data_dir.warehouse_path.is_file() else 0
    folders = sorted(path for path in data_dir.root.iterdir() if path.is_dir())
    return DiskSpace(
        free_bytes=usage.free,
        total_bytes=usage.total,
        least_free_bytes=max(LEAST_FREE_BYTES, COPIES * warehouse),
        used_bytes={path.name: _size(path) for path in folders},
    )


def _size(folder: Path) -> int:
    """Of all files in it; what goes while it is counted counts nothing."""
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(base) / name).lstat().st_size
            except OSError:
                continue
    return total
