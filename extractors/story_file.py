"""The story as data: the records that seeds/story.toml is read into, the reading and the checking.

Every error names file and line. What is decided with it: story.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xxhash

from extractors.feed_items import language_tag
from extractors.records import Relevance
from extractors.searches import Query
from extractors.terms import TermIndex, build_index
from extractors.toml_source import Key, TomlSource, read_toml

_TOP = ("name", "slug", "window", "score", "group", "combination", "gate", "query", "step")
_COMBINATION = ("name", "class", "all", "within", "opens", "closes", "dated_only")
_GATE = ("name", "all", "opens", "closes", "title_only")
WITHIN_CHARACTERS = 700  # default passage: two or three paragraphs of a news report
ANYWHERE = 10**9  # characters: no bound
# GDELT refuses longer ones as "too long"; 213 were taken, 290 were not (reported by users of its API).
MAX_QUERY_CHARACTERS = 200
_COUNTRY = re.compile(r"[A-Z]{2}")
EVERYTHING = "*"  # stands for a group that every text meets: for feeds that carry the story and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Groups that decide together."""

    name: str
    relevance: Relevance  # the highest class that it can give; of the gate's: CORE
    needs: tuple[frozenset[str], ...]  # of each set one group must be met
    within: int  # characters of the passage in which they must stand
    opens: date | None = None  # holds for what is published from this day on (UTC); None: from the event window on
    closes: date | None = None  # up to and with this day; None: open end
    dated_only: bool = False  # does not hold for what has no date
    title_only: bool = False  # gate: holds where there is a title and no summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A dated step of the story, in own words."""

    slug: str
    day: date
    what: str


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
    half_points: float  # points at which the score is .5
    core_threshold: float
    related_threshold: float
    neighbour_share: float  # [0, 1): neighbour events lower a score by at most this share of it
    queries: tuple[Query, ...] = ()
    steps: tuple[Step, ...] = ()


def load_story(path: Path) -> Story:
    """Reads a story. Raises SeedFileError(file, line, problem) for anything missing, misspelt or out of range."""
    source = read_toml(path)
    source.only((), _TOP)
    source.only(("window",), ("opens",))
    source.only(("score",), ("half_points", "core", "related", "neighbour_share"))
    groups = source.tables(("group",))
    if not groups:
        raise source.error(("group",), "a story needs at least one group of terms")
    weights = {name: _weight(source, name) for name in groups}
    spellings = {name: _stems(source, name) for name in groups}
    related = source.number("score", "related", low=0, high=1)
    return Story(
        name=source.text("name"),
        slug=source.text("slug"),
        version=xxhash.xxh3_64_hexdigest(source.raw),
        opens=_date(source, ("window", "opens")) or _missing(source, ("window", "opens")),
        weights=weights,
        index=build_index(spellings),
        gates=tuple(_combination(source, "gate", place, weights) for place in _rows(source, "gate")),
        combinations=tuple(
            _combination(source, "combination", place, weights) for place in _rows(source, "combination")
        ),
        half_points=source.number("score", "half_points", low=0.01, high=1000),
        core_threshold=source.number("score", "core", low=related, high=1),
        related_threshold=related,
        neighbour_share=source.number("score", "neighbour_share", low=0, high=0.9),
        queries=tuple(_query(source, place) for place in _rows(source, "query", needed=False)),
        steps=tuple(_step(source, place) for place in _rows(source, "step", needed=False)),
    )


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
                build_index({group: [stem]})
            except ValueError as error:
                raise source.error((*keys, language, place), str(error)) from error
            stems.append(stem)
    return stems


def _combination(source: TomlSource, kind: str, place: int, groups: dict[str, float]) -> Combination:
    at: tuple[Key, ...] = (kind, place)
    source.only(at, _GATE if kind == "gate" else _COMBINATION)
    needs = []
    wanted = source.texts(*at, "all")
    for number, alternatives in enumerate(wanted):
        if alternatives == EVERYTHING:
            continue
        names = frozenset(name.strip() for name in alternatives.split("|"))
        if unknown := sorted(names - set(groups)):
            problem = f"no such group: {', '.join(unknown)}; there are: {', '.join(groups)}"
            raise source.error((*at, "all", number), problem)
        needs.append(names)
    if not wanted:
        raise source.error(
            (*at, "all"), 'must name groups, such as ["place", "summit|call"], or be ["*"] for everything'
        )
    relevance = source.text(*at, "class", default="core")
    if relevance not in ("core", "related"):
        raise source.error((*at, "class"), f"is {relevance!r}; allowed: core, related")
    within = WITHIN_CHARACTERS if kind == "combination" else ANYWHERE
    return Combination(
        name=source.text(*at, "name"),
        relevance=Relevance(relevance),
        needs=tuple(needs),
        within=int(source.number(*at, "within", low=1, high=ANYWHERE, default=within)),
        opens=_date(source, (*at, "opens")),
        closes=_date(source, (*at, "closes")),
        dated_only=_flag(source, (*at, "dated_only")),
        title_only=_flag(source, (*at, "title_only")),
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


def _step(source: TomlSource, place: int) -> Step:
    at: tuple[Key, ...] = ("step", place)
    source.only(at, ("slug", "date", "what"))
    day = _date(source, (*at, "date")) or _missing(source, (*at, "date"))
    return Step(slug=source.text(*at, "slug"), day=day, what=source.text(*at, "what"))


def _date(source: TomlSource, keys: Sequence[Key]) -> date | None:
    value = source.get(*keys)
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise source.error(keys, f"is {value!r}; must be a day without quotes, such as 2025-10-14")


def _missing(source: TomlSource, keys: Sequence[Key]) -> date:
    raise source.error(keys, "is missing; must be a day without quotes, such as 2025-10-14")


def _flag(source: TomlSource, keys: Sequence[Key]) -> bool:
    value = source.get(*keys)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise source.error(keys, f"is {value!r}; must be true or false")
