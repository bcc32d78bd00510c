"""The SQL of this room by name: every statement that is run lies in sql/, none is composed. It runs nothing itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path

SQL_FOLDER = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> str:
    """The text of sql/<name>.sql, such as "load/entry"; its parameters are `$named`."""
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
