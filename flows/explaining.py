"""Why something is on the story or not: for programs one JSON object, for people lines with the matches marked.

Pure: what is explained comes in as Told, from the warehouse, a file or a line of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from rich.text import Text

from extractors import story
from extractors.records import Match, Relevance
from extractors.story import Story

SUMMARY_CHARACTERS = 300  # of a text, that stand for the summary of its feed entry
OFF_WORDS = {
    "before_window": "it is older than the story",
    "no_combination": "no combination of terms holds",
    "below_threshold": "a combination holds, but the story's terms are too few for the length of the text",
}
MARK_STYLE = "bold reverse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A text that is to be explained."""

    id: str
    title: str
    text: str
    published_at: datetime | None
    summary: str | None = None  # of its feed entry; None: the beginning of the text stands for it
    fetched: bool = True  # False: there is nothing but the entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Both decisions on a text."""

    told: Told
    gate: Match
    match: Match


def told_of(line: bytes) -> Told:
    """A line `{"id", "title", "text", "published", "lang"}` in UTF-8. Raises ValueError with what is wrong."""
    try:
        row = json.loads(line.decode("utf-8-sig"))  # a file's first line may begin with a byte order mark
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if not isinstance(row, dict):
        raise ValueError("is no JSON object")
    texts = {name: row.get(name) or "" for name in ("title", "text")}
    if wrong := [name for name, value in texts.items() if not isinstance(value, str)]:
        raise ValueError(f"{wrong[0]} is no text")
    if row.get("id") is None:
        raise ValueError("id is missing")
    return Told(id=row["id"], title=texts["title"], text=texts["text"], published_at=_time(row.get("published")))


def explain(watched: Story, told: Told, now: datetime) -> Explained:
    """What gate and score say of it."""
    summary = told.text[:SUMMARY_CHARACTERS] if told.summary is None else told.summary
    at = told.published_at
    return Explained(
        told=told,
        gate=story.gate(watched, title=told.title, summary=summary, published_at=at, now=now, with_hits=True),
        match=story.score(watched, title=told.title, text=told.text, published_at=at, now=now),
    )


def as_json(one: Explained) -> dict[str, Any]:
    """id, class, score, gate, then the reasons; in this order."""
    match = one.match
    return {
        "id": one.told.id,
        "class": match.relevance.value,
        "score": match.score,
        "gate": one.gate.relevance is not Relevance.OFF,
        "rule": match.rule,
        "gate_rule": one.gate.rule,
        "steps": list(match.steps),
        "matched": [
            {"group": hit.group, "field": hit.field, "count": hit.count, "places": [list(at) for at in hit.places]}
            for hit in match.hits
        ],
    }


def as_line(one: Explained) -> str:
    """`as_json` in one line of JSON; half a character, which an id may hold, is escaped."""
    written = json.dumps(as_json(one), ensure_ascii=False)
    return written.encode("utf-8", "backslashreplace").decode("utf-8")


def lines(watched: Story, one: Explained) -> Iterator[Text]:
    """The decision for people: the class and why, what was matched, and the text with the matches marked."""
    told, match, gate = one.told, one.match, one.gate
    at = f"{told.published_at:%Y-%m-%d}" if told.published_at else "not known"
    yield Text(str(told.id), style="bold")
    yield Text(f"  published     {at}; the story begins on {watched.opens}")
    fetched = "would be fetched" if gate.relevance is not Relevance.OFF else "would not be fetched"
    yield Text(f"  feed entry    {fetched}: {_because(gate)}, score {gate.score:.2f}")
    if told.fetched:
        yield Text(f"  class         {match.relevance}: {_because(match)}")
        thresholds = f"related from {watched.related_threshold:g}, core from {watched.core_threshold:g}"
        yield Text(f"  score         {match.score:.2f} ({thresholds})")
        for step in (step for step in watched.steps if step.slug in match.steps):
            yield Text(f"  reports       {step.day} {step.slug}" + (f" ({step.state})" if step.state else ""))
    shown = {"title": told.title, "text": told.text} if told.fetched else {"title": told.title, "summary": told.summary}
    found = {field: watched.index.places(content or "") for field, content in shown.items()}
    for group, weight in watched.weights.items():
        counts = [f"{len(groups[group])}x in the {field}" for field, groups in found.items() if group in groups]
        if counts:
            words = sorted({(shown[field] or "")[a:b] for field in found for a, b in found[field].get(group, ())})
            yield Text(f"  {group:<13} {weight:+g}, {', '.join(counts)}: {', '.join(words)}")
    for field, content in shown.items():
        if content:
            yield Text("")
            yield _marked(content, found[field])


def _because(match: Match) -> str:
    return OFF_WORDS.get(match.rule, f"by {match.rule}")


def _marked(content: str, found: Mapping[str, list[tuple[int, int]]]) -> Text:
    """The text with each match between brackets, which a pipe keeps, and in a style, which a terminal shows."""
    marked, end = Text(), 0
    for start, stop in sorted({place for places in found.values() for place in places}):
        if start < end:
            continue
        marked.append(content[end:start])
        marked.append(f"[{content[start:stop]}]", style=MARK_STYLE)
        end = stop
    marked.append(content[end:])
    return marked


def _time(value: object) -> datetime | None:
    """ISO 8601; a day or a time without a zone is UTC. Raises ValueError."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"published is {value!r}; must be a time in ISO 8601, such as 2025-10-16T18:30:00Z")
    try:
        if len(value) == len("2025-10-16"):
            return datetime.combine(date.fromisoformat(value), time(), tzinfo=UTC)
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):  # overflow: the first day of all, and a zone in which it was the day before
        raise ValueError(f"published is {value!r}; must be a time in ISO 8601, such as 2025-10-16T18:30:00Z") from None
