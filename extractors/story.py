"""Is a feed entry, is an article on the story? Decides by what seeds/story.toml says; no story is named in code.

Between discovery and fetching (`gate`) and between extraction and the duplicate verdict (`score`). Pure: the clock is
an argument. How terms are found is terms.py, how the file is read and checked is story_file.py.

A decision has three parts, each with its reason in the Match:
- the event window: what is dated before it opens is off; what has no date (or an absurd one) is not held against it;
- combinations of term groups ("the ship, the port, and a fire or a rescue"), in the file's order: of
  those that hold, the first one with the highest class names the `rule`. In a long text the groups must stand in one
  passage; what the title says counts for every passage;
- the score: each group's weight times how often it is met (per 2,000 characters, so that a passing mention in a long
  text counts little), brought into [0, 1). Neighbour events, groups of negative weight, lower it by a bounded share:
  they are normal background in real coverage and never veto.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from extractors.records import Match, Relevance, TermHit
from extractors.searches import Query
from extractors.story_file import ANYWHERE, Aside, Combination, Step, Story, load_story, read_story
from extractors.terms import Places

__all__ = ["Aside", "Combination", "Query", "Step", "Story", "gate", "load_story", "read_story", "score"]

PLACES_KEPT = 20  # places of a group in one field that a TermHit keeps; records.TermHit
# A publication time further ahead than this is a mistake and counts as absent. Days; a day-precise date in the
# easternmost time zone is less than one ahead of UTC.
FUTURE_TOLERANCE = timedelta(days=2)
DENSITY_CHARACTERS = 2_000  # mentions are counted per so many characters: about 300 words, a short news report
SATURATION = 2.0  # mentions per DENSITY_CHARACTERS from which more add nothing
TITLE_MENTIONS = 1.0  # what a mention in the title adds, however long the text


def gate(
    story: Story, *, title: str, summary: str, published_at: datetime | None, now: datetime, with_hits: bool = False
) -> Match:
    """Could the page behind a feed entry be on the story? OFF: it need not be fetched. Looser than `score`.

    `summary` may be empty, then the gate is looser still. The class of an entry that may be fetched is RELATED or CORE
    as its score says; it decides nothing. The places of the matched groups are told `with_hits` only: they take a third
    of the time, and nobody reads those of an entry that is fetched or turned away. Times are aware UTC.
    """
    found = _found(story, title=title, summary=summary)
    told = found if with_hits else {}
    day = _day(published_at, now)
    if day is not None and day < story.opens:
        return _match(story, Relevance.OFF, 0.0, "before_window", told)
    points = _score(story, found, len(title) + len(summary))
    met = _met(found)
    title_only = not summary.strip()
    for combination in story.gates:
        if (title_only or not combination.title_only) and _holds(combination, found, met, "summary", day):
            relevance = Relevance.CORE if points >= story.core_threshold else Relevance.RELATED
            return _match(story, relevance, points, combination.name, told)
    return _match(story, Relevance.OFF, points, "no_combination", told)


def score(story: Story, *, title: str, text: str, published_at: datetime | None, now: datetime) -> Match:
    """The class of an article by its full text. `rule` names the combination that decided, or why it is OFF:
    "before_window", "no_combination", "below_threshold". Times are aware UTC.
    """
    found = _found(story, title=title, text=text)
    day = _day(published_at, now)
    if day is not None and day < story.opens:
        return _match(story, Relevance.OFF, 0.0, "before_window", found)
    points = _score(story, found, len(title) + len(text))
    met = _met(found)
    best: Combination | None = None
    for combination in story.combinations:
        if best is not None and (best.relevance is Relevance.CORE or combination.relevance is best.relevance):
            continue  # could not be better
        if _holds(combination, found, met, "text", day):
            best = combination
    if best is None:
        return _match(story, Relevance.OFF, points, "no_combination", found)
    if points < story.related_threshold:
        return _match(story, Relevance.OFF, points, "below_threshold", found)
    if best.relevance is Relevance.RELATED or points < story.core_threshold:
        return _match(story, Relevance.RELATED, points, best.name, found)
    if aside := _aside(story, title, found.get("title", {}), day):
        return _match(story, Relevance.RELATED, points, f"{best.name}, aside: {aside}", found)
    return _match(story, Relevance.CORE, points, best.name, found, _steps(story, found, met, day))


def _found(story: Story, **fields: str) -> dict[str, dict[str, Places]]:
    """Field -> group -> its places."""
    return {field: story.index.places(content) for field, content in fields.items() if content}


def _aside(story: Story, title: str, in_title: Mapping[str, Places], day: date | None) -> str | None:
    """The name of the aside that the title speaks of; None: none, or there is no title."""
    if not title.strip():
        return None
    for aside in story.asides:
        if aside.opens is not None and (day is None or day < aside.opens):
            continue
        if _are_met(aside.title_needs, in_title) and not any(group in in_title for group in aside.unless):
            return aside.name
    return None


def _met(found: Mapping[str, Mapping[str, Places]]) -> set[str]:
    """The groups that are met in any field."""
    return {group for groups in found.values() for group in groups}


def _steps(story: Story, found: Mapping[str, Mapping[str, Places]], met: set[str], day: date | None) -> tuple[str, ...]:
    """The steps of the story that an article reports, in the file's order."""
    return tuple(step.slug for step in story.steps if step.signs and _holds(step.signs, found, met, "text", day))


def _are_met(needs: Sequence[frozenset[str]], found: Mapping[str, Places]) -> bool:
    return all(not groups.isdisjoint(found) for groups in needs)


def _day(published_at: datetime | None, now: datetime) -> date | None:
    """The day of publication in UTC; None if there is none to believe."""
    if published_at is None or published_at > now + FUTURE_TOLERANCE:
        return None
    return published_at.date()


def _holds(
    combination: Combination, found: Mapping[str, Mapping[str, Places]], met: set[str], body: str, day: date | None
) -> bool:
    for groups in combination.needs:  # first, for it decides most; a loop, for it is a third of the gate's time
        if groups.isdisjoint(met):
            return False
    if day is None and combination.dated_only:
        return False
    if day is not None and (
        (combination.opens is not None and day < combination.opens)
        or (combination.closes is not None and day > combination.closes)
    ):
        return False
    in_title, in_body = found.get("title", {}), found.get(body, {})
    if combination.title_needs and not _are_met(combination.title_needs, in_title):
        return False
    if combination.within >= ANYWHERE:
        return True
    # The title stands over every passage.
    wanted = [groups for groups in combination.needs if groups.isdisjoint(in_title)]
    if len(wanted) < 2:
        return True
    starts = [[start for group in groups for start, _ in in_body.get(group, ())] for groups in wanted]
    return _one_passage(starts, combination.within)


def _one_passage(wanted: Sequence[Sequence[int]], within: int) -> bool:
    """Is there a passage of `within` characters with one of each list of places?"""
    marks = sorted((start, kind) for kind, starts in enumerate(wanted) for start in starts)
    last: dict[int, int] = {}  # kind -> its latest place
    for start, kind in marks:
        last[kind] = start
        if len(last) == len(wanted) and start - min(last.values()) <= within:
            return True
    return False


def _score(story: Story, found: Mapping[str, Mapping[str, Places]], length: int) -> float:
    """[0, 1): weighted mentions, neighbour events bounded."""
    lengths = max(1.0, length / DENSITY_CHARACTERS)
    mentions: dict[str, float] = {}
    for field, groups in found.items():
        for group, places in groups.items():
            bonus = TITLE_MENTIONS if field == "title" else 0.0
            mentions[group] = mentions.get(group, 0.0) + len(places) / lengths + bonus
    points = neighbours = 0.0
    for group, count in mentions.items():
        weighed = story.weights[group] * min(count, SATURATION) / SATURATION
        if weighed > 0:
            points += weighed
        else:
            neighbours -= weighed
    if not points:
        return 0.0
    lowered = 1.0 - story.neighbour_share * neighbours / (neighbours + points)
    return points / (points + story.half_points) * lowered


def _match(
    story: Story,
    relevance: Relevance,
    points: float,
    rule: str,
    found: Mapping[str, Mapping[str, Places]],
    steps: tuple[str, ...] = (),
) -> Match:
    hits = tuple(
        TermHit(group=group, field=field, count=len(places), places=tuple(places[:PLACES_KEPT]))
        for field, groups in found.items()
        for group, places in groups.items()
    )
    return Match(
        relevance=relevance, score=round(points, 4), rule=rule, hits=hits, steps=steps, story_version=story.version
    )
