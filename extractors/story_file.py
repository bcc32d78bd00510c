"""The story as data: the records that seeds/story.toml is read into, the reading and the checking.

Every error names file and line. What is decided with it: story.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import xxhash

from extractors.errors import SeedFileError
from extractors.feed_items import language_tag
from extractors.records import Relevance
from extractors.searches import Query
from extractors.terms import NOT, TermIndex, build_index, spelling_of
from extractors.toml_source import Key, TomlSource, read_toml

T = TypeVar("T")

_TOP = ("name", "slug", "window", "score", "group", "combination", "aside", "gate", "query", "step")
_COMBINATION = ("name", "class", "all", "title", "within", "opens", "closes", "dated_only")
_ASIDE = ("name", "title", "unless", "opens")
_STEP = ("slug", "date", "what", "state", "all", "title", "within", "closes")
_GATE = ("name", "all", "opens", "closes", "title_only")
WITHIN_CHARACTERS = 700  # default passage: two or three paragraphs of a news report
ANYWHERE = 10**9  # characters: no bound
# GDELT refuses longer ones as "too long"; 213 were taken, 290 were not (reported by users of its API).
MAX_QUERY_CHARACTERS = 200
_COUNTRY = re.compile(r"[A-Z]{2}")
# What a step may say of the event that a story is about: it is to be, it was, later than planned, not at all, wanted
# again.
STATES = ("planned", "held", "postponed", "cancelled", "revived")
EVERYTHING = "*"  # stands for a group that every text meets: for feeds that carry the story and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Groups that decide together."""

    name: str
    relevance: Relevance  # the highest class that it can give; of the gate's: CORE
    needs: tuple[frozenset[str], ...]  # of each set one group must be met
    title_needs: tuple[frozenset[str], ...] = ()  # of each set one group must be met in the title
    within: int = WITHIN_CHARACTERS  # of the passage in which they must stand
    opens: date | None = None  # holds for what is published from this day on (UTC); None: from the event window on
    closes: date | None = None  # up to and with this day; None: open end
    dated_only: bool = False  # does not hold for what has no date
    title_only: bool = False  # gate: holds where there is a title and no summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """Titles of articles that are about something else, and have the story for a background."""

    name: str
    title_needs: tuple[frozenset[str], ...]  # of each set one group must be met in the title
    unless: frozenset[str]  # and none of these
    opens: date | None = None  # holds for what is published from this day on (UTC); None: always


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A dated step of the story, in own words, and how an article is known to report it."""

    slug: str
    day: date
    what: str
    state: str | None = None  # what it says of the event, one of STATES; None: nothing
    signs: Combination | None = None  # None: no article is tied to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """seeds/story.toml, compiled. Pickles."""

    name: str
    slug: str
    version: str  # digest of the file
    opens: date  # first day of the event window, UTC
    weights: Mapping[str, float]  # of each group; negative: a neighbour event
    index: TermIndex
    gates: tuple[Combination, ...]
    combinations: tuple[Combination, ...]
    asides: tuple[Aside, ...]
    half_points: float  # points at which the score is .5
    core_threshold: float
    related_threshold: float
    neighbour_share: float  # [0, 1): neighbour events lower a score by at most this share of it
    queries: tuple[Query, ...] = ()
    steps: tuple[Step, ...] = ()


def load_story(path: Path) -> Story:
    """Reads a story. Raises SeedFileError(file, line, problem) for anything missing, misspelt or out of range."""
    story, problems = read_story(path)
    if problems:
        raise problems[0]
    return story


def read_story(path: Path) -> tuple[Story, tuple[SeedFileError, ...]]:
    """A story with everything that is wrong in its file; with problems it is not fit for use.

    Raises SeedFileError if the file can't be read at all.
    """
    source = read_toml(path)
    problems: list[SeedFileError] = []

    def told(read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except SeedFileError as problem:
            problems.append(problem)
            return otherwise

    def rows(kind: str, row: Callable[[int], T], *, needed: bool = False) -> tuple[T, ...]:
        read: list[T] = []
        for place in told(lambda: _rows(source, kind, needed=needed), range(0)):
            told(partial(_append, read, row, place), None)
        return tuple(read)

    told(lambda: source.only((), _TOP), None)
    told(lambda: source.only(("window",), ("opens",)), None)
    told(lambda: source.only(("score",), ("half_points", "core", "related", "neighbour_share")), None)
    no_groups: Collection[str] = ()
    groups = told(lambda: _groups(source), no_groups)
    weights = {name: told(partial(_weight, source, name), 0.0) for name in groups}
    no_stems: list[str] = []
    stems = {name: told(partial(_stems, source, name), no_stems) for name in groups}
    related = told(lambda: source.number("score", "related", low=0, high=1), 0.0)
    story = Story(
        name=told(lambda: source.text("name"), ""),
        slug=told(lambda: source.text("slug"), ""),
        version=xxhash.xxh3_64_hexdigest(source.raw),
        opens=told(lambda: _needed_date(source, ("window", "opens")), date.max),
        weights=weights,
        index=build_index(stems),
        gates=rows("gate", lambda place: _combination(source, "gate", place, groups), needed=True),
        combinations=rows("combination", lambda place: _combination(source, "combination", place, groups), needed=True),
        asides=rows("aside", lambda place: _aside(source, place, groups)),
        half_points=told(lambda: source.number("score", "half_points", low=0.01, high=1000), 1.0),
        core_threshold=told(lambda: source.number("score", "core", low=related, high=1), 1.0),
        related_threshold=related,
        neighbour_share=told(lambda: source.number("score", "neighbour_share", low=0, high=0.9), 0.0),
        queries=rows("query", lambda place: _query(source, place)),
        steps=rows("step", lambda place: _step(source, place, groups)),
    )
    return story, tuple(problems)


def _append(read: list[T], row: Callable[[int], T], place: int) -> None:
    read.append(row(place))


def _groups(source: TomlSource) -> Collection[str]:
    groups = source.tables(("group",))
    if not groups:
        raise source.error(("group",), "a story needs at least one group of terms")
    return groups


def _rows(source: TomlSource, key: str, *, needed: bool = True) -> range:
    rows = source.get(key)
    if rows is None and not needed:
        return range(0)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
        raise source.error((key,), f"must be one or more [[{key}]] tables")
    return range(len(rows))


def _weight(source: TomlSource, group: str) -> float:
    source.only(("group", group), ("weight", "stems"))
    return source.number("group", group, "weight", low=-100, high=100)


def _stems(source: TomlSource, group: str) -> list[str]:
    """The stems of a group, of all languages, as written: a space at the end means something."""
    keys = ("group", group, "stems")
    languages = source.tables(keys)
    if not languages:
        raise source.error(keys, 'needs stems by language, such as en = ["summit"]')
    stems: list[str] = []
    for language in languages:
        checked = source.texts(*keys, language)
        if not checked:
            raise source.error((*keys, language), "must not be an empty list")
        for place in range(len(checked)):
            stem: str = source.get(*keys, language, place)
            try:
                spelling_of(stem.removeprefix(NOT))
            except ValueError as error:
                raise source.error((*keys, language, place), str(error)) from error
            stems.append(stem)
    known = {spelling_of(stem).strip() for stem in stems if not stem.startswith(NOT)}
    for language in languages:
        for place, stem in enumerate(source.texts(*keys, language)):
            if stem.startswith(NOT) and (problem := _excepts_wrongly(stem.removeprefix(NOT).strip(), known)):
                raise source.error((*keys, language, place), f"{stem!r} {problem}")
    return stems


def _excepts_wrongly(spelling: str, known: Collection[str]) -> str | None:
    """What is wrong with a spelling that is said to be another word than the stems of its group; None: nothing."""
    folded = spelling_of(spelling).strip()
    if folded not in known:
        return "excepts nothing: no stem of the group reads so without its accents"
    return "has no accents: it excepts the stem itself" if folded == spelling.lower() else None


def _combination(source: TomlSource, kind: str, place: int, groups: Collection[str]) -> Combination:
    at: tuple[Key, ...] = (kind, place)
    source.only(at, _GATE if kind == "gate" else _COMBINATION)
    needs, title_needs = _needs(source, (*at, "all"), groups), _needs(source, (*at, "title"), groups)
    if not source.texts(*at, "all") and not source.texts(*at, "title"):
        problem = 'must name groups, such as ["place", "summit|call"], or be ["*"] for everything'
        raise source.error((*at, "all"), problem)
    relevance = source.text(*at, "class", default="core")
    if relevance not in ("core", "related"):
        raise source.error((*at, "class"), f"is {relevance!r}; allowed: core, related")
    opens, closes = _date(source, (*at, "opens")), _date(source, (*at, "closes"))
    if opens is not None and closes is not None and closes < opens:
        raise source.error((*at, "closes"), f"{closes} is before it opens, {opens}: it would never hold")
    return Combination(
        name=source.text(*at, "name"),
        relevance=Relevance(relevance),
        needs=needs,
        title_needs=title_needs,
        within=_within(source, at, WITHIN_CHARACTERS if kind == "combination" else ANYWHERE),
        opens=opens,
        closes=closes,
        dated_only=_flag(source, (*at, "dated_only")),
        title_only=_flag(source, (*at, "title_only")),
    )


def _needs(source: TomlSource, keys: tuple[Key, ...], groups: Collection[str]) -> tuple[frozenset[str], ...]:
    """One set of alternatives for each text of the list; "*" asks for nothing."""
    wanted = enumerate(source.texts(*keys))
    return tuple(_alternatives(source, (*keys, number), text, groups) for number, text in wanted if text != EVERYTHING)


def _alternatives(source: TomlSource, keys: tuple[Key, ...], text: str, groups: Collection[str]) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split("|"))
    if unknown := sorted(names - set(groups)):
        raise source.error(keys, f"no such group: {', '.join(unknown)}; there are: {', '.join(groups)}")
    return names


def _within(source: TomlSource, at: tuple[Key, ...], default: int) -> int:
    return int(source.number(*at, "within", low=1, high=ANYWHERE, default=default))


def _aside(source: TomlSource, place: int, groups: Collection[str]) -> Aside:
    at: tuple[Key, ...] = ("aside", place)
    source.only(at, _ASIDE)
    if not source.texts(*at, "title"):
        raise source.error((*at, "title"), 'must name groups, such as ["place"], or be ["*"] for every title')
    return Aside(
        name=source.text(*at, "name"),
        title_needs=_needs(source, (*at, "title"), groups),
        unless=_alternatives(source, (*at, "unless"), source.text(*at, "unless"), groups),
        opens=_date(source, (*at, "opens")),
    )


def _query(source: TomlSource, place: int) -> Query:
    at: tuple[Key, ...] = ("query", place)
    source.only(at, ("language", "country", "text"))
    written = source.text(*at, "language")
    language = language_tag(written)
    if language is None:
        raise source.error((*at, "language"), f"{written!r} is no language tag such as hu or pt-BR")
    country = source.text(*at, "country", default="")
    if country and not _COUNTRY.fullmatch(country):
        raise source.error((*at, "country"), f"{country!r} is no country such as HU (two capital letters, ISO 3166)")
    text = source.text(*at, "text")
    if len(text) > MAX_QUERY_CHARACTERS:
        problem = f"{len(text)} characters; the news searches take at most {MAX_QUERY_CHARACTERS}"
        raise source.error((*at, "text"), problem)
    return Query(language=language, country=country or None, text=text)


def _step(source: TomlSource, place: int, groups: Collection[str]) -> Step:
    at: tuple[Key, ...] = ("step", place)
    source.only(at, _STEP)
    day, closes = _needed_date(source, (*at, "date")), _date(source, (*at, "closes"))
    state = source.text(*at, "state", default="")
    if state and state not in STATES:
        raise source.error((*at, "state"), f"is {state!r}; allowed: {', '.join(STATES)}")
    if closes is not None and closes < day:
        raise source.error((*at, "closes"), f"{closes} is before the step, {day}: no article could report it")
    needs, title_needs = _needs(source, (*at, "all"), groups), _needs(source, (*at, "title"), groups)
    slug = source.text(*at, "slug")
    signs = Combination(
        name=slug,
        relevance=Relevance.CORE,
        needs=needs,
        title_needs=title_needs,
        within=_within(source, at, WITHIN_CHARACTERS),
        opens=day,
        closes=closes,
        dated_only=True,
    )
    has_signs = bool(needs or title_needs)
    return Step(
        slug=slug,
        day=day,
        what=source.text(*at, "what"),
        state=state or None,
        signs=signs if has_signs else None,
    )


def _date(source: TomlSource, keys: Sequence[Key]) -> date | None:
    value = source.get(*keys)
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise source.error(keys, f"is {value!r}; must be a day without quotes, such as 2025-10-14")


def _needed_date(source: TomlSource, keys: Sequence[Key]) -> date:
    day = _date(source, keys)
    if day is None:
        raise source.error(keys, "is missing; must be a day without quotes, such as 2025-10-14")
    return day


def _flag(source: TomlSource, keys: Sequence[Key]) -> bool:
    value = source.get(*keys)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise source.error(keys, f"is {value!r}; must be true or false")
