"""Example questions about the views: sql/examples/<name>.sql, a statement each, run by tests with the rows expected.

A name begins with that of the view that it is about; its header's purpose is its title.
"""

from __future__ import annotations

from dataclasses import dataclass

from extractors.errors import SettingsError
from warehouse.statements import SQL_FOLDER, statement

_PURPOSE = "-- Purpose: "


@dataclass(frozen=True, slots=True)
class Example:
    """A question that can be asked as it stands."""

    name: str
    title: str  # what it asks for, for people
    sql: str  # one statement, its header included


def examples() -> list[Example]:
    """All, in the order of their names."""
    return [_example(path.stem) for path in sorted((SQL_FOLDER / "examples").glob("*.sql"))]


def example(name: str) -> Example:
    """Raises SettingsError with the names that there are."""
    known = [one.name for one in examples()]
    if name not in known:
        raise SettingsError("--example", name, f"there is none of that name; there are {', '.join(known)}", _GIVEN)
    return _example(name)


_GIVEN = "the command line"


def _example(name: str) -> Example:
    sql = statement(f"examples/{name}")
    return Example(name, sql.splitlines()[0].removeprefix(_PURPOSE), sql)
