"""Did a run of rescore write what nobody has published? Below flows/rescoring.py; publishing is publish.py's."""

from __future__ import annotations

from datetime import UTC, datetime

from warehouse.connect import Connection, DataDir
from warehouse.rows import rows
from warehouse.snapshots import last_published

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def has_unpublished_rescore(connection: Connection, data_dir: DataDir, run_id: str) -> bool:
    """Whether a rescore other than `run_id` was killed or failed since the last publication, if there was any."""
    manifest = last_published(data_dir)
    since = manifest.published_at if manifest else NEVER
    [row] = rows(connection, "read/unpublished_rescores", published_at=since, run_id=run_id)
    return bool(row["count"])
