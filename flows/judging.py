"""Hold new articles against the store, inside the writer's transaction: their verdicts, and those that they supersede.

A verdict depends on which articles are stored, not on when they came: an older article that arrives late takes over the
copies of it that came before, and a passage that turns out to be going round makes no copies any more. Called by
collecting.py and redeciding.py; the rules are extractors/dedup.py's. Plain functions, no prefect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from extractors.dedup import OWN_SHARE, Dated, judge
from extractors.fingerprints import FORMAT_VERSION, fingerprint, likeness
from extractors.records import Asked, Candidate, Fingerprint, Seed, Verdict, VerdictKind
from warehouse import load, read
from warehouse.connect import Connection

Judgeable = tuple[Dated, Fingerprint]
Held = tuple[Dated, Verdict, str]  # a stored article, the verdict that holds of it, its ledger entry


@dataclass(frozen=True, slots=True)
class Superseded:
    """A stored article whose verdict is another one now."""

    verdict: Verdict
    before: Verdict
    entry_url: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of a batch."""

    verdicts: Mapping[str, Verdict]  # of the new articles, by URL
    superseded: Sequence[Superseded]


def judged(
    con: Connection,
    fresh: Mapping[str, Judgeable],
    *,
    seeds: Sequence[Seed],
    window: timedelta | None,
    again: Mapping[str, Held] | None = None,
) -> Judgement:
    """Verdicts of `fresh` (URL -> article and fingerprint), and the stored ones that they change.

    `again`: stored articles that are to be judged anew in any case, by URL; none of `fresh`.
    """
    found = read.candidates(con, [_asked(*one) for one in fresh.values()], window=window)
    touched = _touched(con, fresh, found) | dict(again or {})
    if touched:
        anew = {url: (one, fingerprint(one.text)) for url, (one, _, _) in touched.items()}
        stored = found | read.candidates(con, [_asked(*one) for one in anew.values()], window=window)
        verdicts = judge([*fresh.values(), *anew.values()], seeds=seeds, stored=stored, window=window)
    else:
        verdicts = judge(list(fresh.values()), seeds=seeds, stored=found, window=window)
    superseded = [
        Superseded(verdicts[url], before, entry_url)
        for url, (_, before, entry_url) in sorted(touched.items())
        if differs(verdicts[url], before)
    ]
    return Judgement({url: verdicts[url] for url in fresh}, superseded)


def resting_on(con: Connection, gone: Mapping[str, Judgeable], *, window: timedelta | None) -> dict[str, Held]:
    """Stored articles whose verdicts may be others without these (URL -> article and fingerprint), which still have
    their sketches: those whose verdict such an article may change when it comes, and its copies by all means.
    """
    found = read.candidates(con, [_asked(*one) for one in gone.values()], window=window)
    held = _touched(con, gone, found)
    for copy in read.copies_of(con, sorted(gone)):
        its = read.verdict_of(con, copy.url)
        if its is not None:
            held[copy.url] = (copy, *its)
    return {url: one for url, one in held.items() if url not in gone}


def renew_sketches(con: Connection, run_id: str) -> None:
    """After an upgrade that changes fingerprints: make those of the stored articles anew, from their texts."""
    outdated = read.outdated_sketches(con, FORMAT_VERSION)
    load.renew_sketches(con, [_asked(one, fingerprint(one.text)) for one in outdated], run_id)


def _asked(article: Dated, its: Fingerprint) -> Asked:
    return Asked(
        url=article.url, published_at=article.published_at, first_seen_at=article.first_seen_at, fingerprint=its
    )


def _touched(
    con: Connection, fresh: Mapping[str, Judgeable], found: Mapping[str, Iterable[Candidate]]
) -> dict[str, Held]:
    """Stored articles whose verdict the new ones may change, by URL.

    Any that is later than a new one it is held against. An earlier one only if it is a near copy by a part of its text,
    of which the new one has some as well: that part may be a passage that is going round.
    """
    shingles = {url: frozenset(its.shingles) for url, (_, its) in fresh.items()}
    touched: dict[str, Held] = {}
    for candidate, newer in sorted(_by_candidate(found).items(), key=lambda pair: pair[0].url):
        if candidate.url in fresh:
            continue
        is_later = any(_order(fresh[url][0]) < _order(candidate) for url in newer)
        if not is_later and not any(_carries_a_part(shingles[url], candidate) for url in newer):
            continue
        held = read.verdict_of(con, candidate.url)
        if held is not None and (is_later or held[0].kind is VerdictKind.NEAR):
            touched[candidate.url] = (candidate, *held)
    return touched


def _by_candidate(found: Mapping[str, Iterable[Candidate]]) -> dict[Candidate, list[str]]:
    urls: dict[Candidate, list[str]] = {}
    for url, candidates in found.items():
        for candidate in candidates:
            urls.setdefault(candidate, []).append(url)
    return urls


def _order(article: Dated) -> tuple[datetime, str]:
    return article.published_at or article.first_seen_at, article.url


def _carries_a_part(shingles: frozenset[int], candidate: Candidate) -> bool:
    theirs = frozenset(fingerprint(candidate.text).shingles)
    return 0 < likeness(theirs, shingles).containment <= 1 - OWN_SHARE / 2


def differs(verdict: Verdict, before: Verdict) -> bool:
    """In anything but the last digits of a measure."""
    return _rounded(verdict) != _rounded(before)


def _rounded(verdict: Verdict) -> Verdict:
    return replace(
        verdict,
        containment=round(verdict.containment, 9),
        resemblance=round(verdict.resemblance, 9),
        similarity=None if verdict.similarity is None else round(verdict.similarity, 9),
    )
