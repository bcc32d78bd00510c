"""storywatch compare: is one text a copy of another?"""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit

if TYPE_CHECKING:
    from flows.comparing import Comparison, Side

_SIDE = "A file, the address of a stored article, or seed:SLUG."
_IN_WORDS = {
    "exact": "the same text as",
    "near": "a near copy of",
    "rewrite": "a rewrite of",
    "independent": "independent of",
}


def command(
    a: Annotated[str | None, typer.Argument(metavar="A", help=_SIDE, show_default=False)] = None,
    b: Annotated[str | None, typer.Argument(metavar="B", help=_SIDE, show_default=False)] = None,
    data: options.Data = None,
    json: options.Json = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Judge lines of JSON as they come, from the file A or standard input.")
    ] = False,
    headlines: Annotated[
        bool, typer.Option("--headlines", help="The lines have titles alone: do they announce the same report?")
    ] = False,
) -> None:
    """Show what A is to B: verdict, measures, shared passages. Needs a warehouse for stored addresses alone.

    The later one is held against the earlier one where both have a date, else A against B. With --jsonl each line
    {"id", "text", "published", "lang"} is judged against the seeds and the lines before it; with --headlines each line
    {"id", "title"} against the lines before it. A wrong line is answered by its "error"; then the exit code is 1.

    [bold]Examples[/bold]

    \b
    storywatch compare article.txt seed:tdpel-two-hour-call
    storywatch compare --json https://outlet.example/a https://other.example/b
    storywatch compare --jsonl < texts.jsonl
    storywatch compare --headlines titles.jsonl
    """
    if jsonl or headlines:
        if b is not None:
            raise typer.BadParameter("with --jsonl or --headlines there is at most one file", param_hint="B")
        _lines(a, headlines=headlines)
        return
    if a is None or b is None:
        raise typer.BadParameter("give two texts, or --jsonl", param_hint="A B")
    from flows.comparing import compare

    found = compare(_side(a, data), _side(b, data))
    if json:
        print(jsonlib.dumps(_as_json(found), ensure_ascii=False))
    else:
        _show(found)


def _lines(path: str | None, *, headlines: bool) -> None:
    from extractors.seeds import load_seeds
    from flows.comparing import judged_headlines, judged_lines
    from flows.settings import load_settings, seed_folders

    with _opened(path) as lines:
        rows = judged_headlines(lines) if headlines else judged_lines(lines, load_seeds(seed_folders(load_settings())))
        wrong = 0
        for row in rows:
            print(jsonlib.dumps(row, ensure_ascii=False), flush=True)
            if "error" in row:
                print(f"storywatch: {row['error']}", file=sys.stderr)
                wrong += 1
    if wrong:
        raise typer.Exit(Exit.ATTENTION)


@contextmanager
def _opened(path: str | None) -> Iterator[Iterator[str]]:
    from extractors.errors import SettingsError

    if path is None or path == "-":
        yield (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
        return
    try:
        with Path(path).open("rb") as file:
            yield (line.decode("utf-8", "replace") for line in file)
    except OSError as error:
        raise SettingsError("A", path, f"can't be read: {error.strerror}", "the command line") from None


def _side(given: str, data: Path | None) -> Side:
    from extractors.seeds import load_seeds
    from flows.comparing import from_file, from_seed
    from flows.settings import load_settings, seed_folders

    if given.startswith("seed:"):
        return from_seed(given, load_seeds(seed_folders(load_settings())), _kept_text(given, data))
    if given.lower().startswith(("http://", "https://")):
        return _stored(given, data)
    return from_file(Path(given))


def _kept_text(given: str, data: Path | None) -> str | None:
    """The text of a seed that was added with --keep-text, where the private warehouse can be read."""
    from extractors.errors import WarehouseBusy, WarehouseMissing
    from flows.commands.reading import WAIT_SECONDS
    from flows.settings import load_settings
    from warehouse import connect, read

    data_dir = connect.DataDir(load_settings({"data_dir": data}).data_dir)
    try:
        with connect.reader(data_dir, wait_seconds=WAIT_SECONDS) as con:
            return read.seed_text(con, given.removeprefix("seed:"))
    except (WarehouseMissing, WarehouseBusy):
        return None


def _stored(url: str, data: Path | None) -> Side:
    from extractors.dedup import compared
    from extractors.errors import SettingsError
    from extractors.fingerprints import fingerprint
    from extractors.urls import canonical_url
    from flows.commands.reading import best_reader
    from flows.comparing import Side
    from flows.settings import load_settings
    from warehouse import read
    from warehouse.connect import DataDir

    canonical = canonical_url(url)
    with best_reader(DataDir(load_settings({"data_dir": data}).data_dir)) as con:
        stored = read.stored_text(con, url, canonical)
    if stored is None:
        raise SettingsError(
            "A, B", url, "is no stored article; `storywatch why` tells what became of it", "the command line"
        )
    return Side(url, compared(stored, fingerprint(stored.text)), stored.text)


def _as_json(found: Comparison) -> dict[str, object]:
    its = found.verdict
    return {
        "a": found.later.given,
        "b": found.earlier.given,
        "verdict": its.kind.value,
        "of": its.of,
        "containment": its.containment,
        "reverse_containment": found.reverse_containment,
        "resemblance": its.resemblance,
        "shared_shingles": its.shared_shingles,
        "similarity": its.similarity,
        "containment_threshold": its.containment_threshold,
        "resemblance_threshold": its.resemblance_threshold,
        "similarity_threshold": its.similarity_threshold,
        "lead_seconds": its.lead_seconds,
        "passages": list(found.passages),
    }


def _show(found: Comparison) -> None:
    its = found.verdict
    print(f"{found.later.given} is {_IN_WORDS[its.kind.value]} {its.of or found.earlier.given}")
    print(f"  containment   {its.containment:.3f} (near from {its.containment_threshold:.2f})")
    print(f"  the other way {found.reverse_containment:.3f}")
    print(f"  resemblance   {its.resemblance:.3f} (near from {its.resemblance_threshold:.2f})")
    print(f"  shared word 3-grams  {its.shared_shingles}")
    if its.similarity is not None and its.similarity_threshold is not None:
        print(f"  similarity    {its.similarity:.3f} (rewrite from {its.similarity_threshold:.2f})")
    for passage in found.passages:
        print(f"  shared: {passage}")
