"""The command `harlequin ...` without a terminal: types a query, runs it, and prints the rows of the result's table.

python -m tests.harlequin_screen QUERY ARGUMENT...
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from harlequin import Harlequin, cli


async def _ask(app: Any, query: str) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        while app.connection is None or app.editor is None:
            await pilot.pause(0.05)
        app.editor.text = query
        await pilot.press("ctrl+j")
        while (table := app.results_viewer.get_visible_table()) is None:
            await pilot.pause(0.05)
        for row in range(table.row_count):
            print(*table.get_row_at(row), sep=",")


if __name__ == "__main__":
    query = sys.argv.pop(1)
    Harlequin.run = lambda self, **_: asyncio.run(_ask(self, query))
    cli.harlequin()
