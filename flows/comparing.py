"""Two texts side by side, and texts or headlines as they arrive: what `storywatch compare` does, without its options.

Reads files and, if asked for a stored address, the warehouse; writes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from extractors.arrivals import Arrivals
from extractors.dedup import LONG_AGO, Compared, compared_seed, verdict
from extractors.errors import SettingsError
from extractors.fingerprints import fingerprint, placed_shingles
from extractors.headlines import Headlines, headline, overlap
from extractors.records import Seed, Verdict
from extractors.tokens import WORD_WEIGHT, is_unspaced, tokens, weight

PASSAGE_WORDS = 8  # shorter runs of shared words are phrases that anybody may use
_SEED = "seed:"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared."""

    given: str  # as the person named it
    compared: Compared
    text: str | None  # None: a seed, of which no text is kept


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `later` is to `earlier`."""

    later: Side
    earlier: Side
    verdict: Verdict
    reverse_containment: float  # share of the earlier one's shingles that the later one has
    passages: tuple[str, ...]  # runs of shared words, in the order of the text that they were taken from


def compare(first: Side, second: Side) -> Comparison:
    """The first is held against the second, unless both have a date and the second is the later one."""
    one, other = first.compared.published_at, second.compared.published_at
    swapped = (one is not None and other is not None and one < other) or (
        first.compared.is_seed and not second.compared.is_seed
    )
    later, earlier = (second, first) if swapped else (first, second)
    after = replace(later.compared, name="later", time=LONG_AGO + timedelta(days=1), is_seed=False)
    before = replace(earlier.compared, name=earlier.given, time=LONG_AGO)
    found = verdict(after, [before])
    shared = after.shingles & before.shingles
    return Comparison(
        later=later,
        earlier=earlier,
        verdict=replace(found, article_url=later.given),
        reverse_containment=len(shared) / len(before.shingles) if shared else 0.0,
        passages=passages(later.text or earlier.text or "", shared),
    )


def passages(text: str, shared: frozenset[int]) -> tuple[str, ...]:
    """Runs of at least PASSAGE_WORDS words of `text` (normalised) that consist of shared shingles.

    In scripts without spaces they are as many characters as make so many words.
    """
    words = tokens(text)
    found: list[str] = []
    start = end = 0
    for hashed, first, after in placed_shingles(words):
        if hashed not in shared:
            continue
        if first > end:
            found += _long_enough(words[start:end])
            start = first
        end = after
    return tuple(found + _long_enough(words[start:end]))


def from_file(path: Path) -> Side:
    """A text file, or an HTML file, of which the main content is taken. Raises SettingsError."""
    try:
        body = path.read_bytes()
        text = body.decode("utf-8")
    except OSError as error:
        raise SettingsError("A, B", str(path), f"can't be read: {error.strerror}", "the command line") from None
    except UnicodeDecodeError as error:
        raise SettingsError("A, B", str(path), f"is no text in UTF-8: {error.reason}", "the command line") from None
    if path.suffix.lower() in (".html", ".htm"):
        from flows.seeding import article_of_html  # trafilatura takes half a second to load

        text = article_of_html(body).text
    return Side(str(path), Compared(str(path), LONG_AGO, None, fingerprint(text), text), text)


def from_seed(given: str, seeds: Sequence[Seed], text: str | None = None) -> Side:
    """`seed:<slug>`, with its text if that was kept. Raises SettingsError for one that is not there."""
    by_slug = {seed.slug: seed for seed in seeds}
    if given.removeprefix(_SEED) not in by_slug:
        allowed = f"there is no such seed; the seeds are {', '.join(by_slug)}"
        raise SettingsError("A, B", given, allowed, "the command line")
    return Side(given, compared_seed(by_slug[given.removeprefix(_SEED)]), text)


def judged_lines(lines: Iterable[str], seeds: Sequence[Seed]) -> Iterator[dict[str, Any]]:
    """For each line {"id", "text", "published", "lang"} its verdict against the seeds and the lines before it.

    A wrong line has a row {"id", "error"} and counts as none for the lines after it.
    """
    arrivals = Arrivals(seeds)
    for number, line in _numbered(lines):
        try:
            row = _row(line, "text")
            published_at = _published(row.get("published"))
        except (ValueError, RecursionError) as error:
            yield _wrong_row(number, error)
            continue
        found = arrivals.judge(row["id"], row["text"], published_at)
        yield {
            "id": row["id"],
            "verdict": found.kind.value,
            "of": found.of,
            "containment": round(found.containment, 4),
            "resemblance": round(found.resemblance, 4),
            "similarity": None if found.similarity is None else round(found.similarity, 4),
            "lead_seconds": found.lead_seconds,
        }


def judged_headlines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """For each line {"id", "title"} whether a line before it announces the same report; wrong lines as above."""
    seen = Headlines()
    for number, line in _numbered(lines):
        try:
            row = _row(line, "title")
        except (ValueError, RecursionError) as error:
            yield _wrong_row(number, error)
            continue
        new = headline(row["title"])
        same = seen.first_same(new)
        kind = "independent" if same is None else "exact" if same[1].words == new.words else "near"
        containment, resemblance = (0.0, 0.0) if same is None else (1.0, 1.0)
        if same is not None and kind == "near":
            containment, resemblance = overlap(new, same[1])
        yield {
            "id": row["id"],
            "verdict": kind,
            "of": None if same is None else same[0],
            "containment": round(containment, 4),
            "resemblance": round(resemblance, 4),
        }
        seen.add(row["id"], new)


def _long_enough(words: Sequence[str]) -> list[str]:
    if sum(map(weight, words)) < PASSAGE_WORDS * WORD_WEIGHT:
        return []
    return [("" if all(map(is_unspaced, words)) else " ").join(words)]


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _row(line: str, wanted: str) -> dict[str, Any]:
    """What a line says. Raises ValueError or RecursionError."""
    row = json.loads(line)
    if not isinstance(row, dict) or not isinstance(row.get("id"), str | int):
        raise ValueError('must be an object with "id", a text or a whole number')
    if not isinstance(row.get(wanted), str):
        raise ValueError(f'must have "{wanted}", a text')
    return row


def _published(value: object) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        # A bare time of day is 2025-10-16T18:30Z; a bare day is its beginning.
        moment = datetime.fromisoformat(re.sub(r"Z$", "+00:00", value) if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(f'"published" is {value!r}; must be an ISO 8601 date or time, or null') from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _wrong_row(number: int, error: Exception) -> dict[str, Any]:
    problem = f"is no JSON: {error}" if isinstance(error, json.JSONDecodeError | RecursionError) else str(error)
    return {"id": None, "error": f"line {number}: {problem}"}
