"""Decide again how the stored articles stand to the story, from their texts: nothing is fetched.

    stored article --score--> Match, if it differs --judge--> verdict, ledger, history      one transaction a batch

An article that comes onto the story is held against everything known, as one that was just fetched; of one that leaves
it the copies are judged anew, for they may be the first of their kind now. What each was to the story before stays in
story_match_history, and every move of the ledger in its history. Stopped at any moment, the same call goes on: what is
decided already comes out the same and is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from extractors import story
from extractors.fingerprints import fingerprint
from extractors.records import Article, Judged, Match, Relevance, RunReport
from flows import aftermath
from flows.notices import Ending
from flows.pipeline import new_run_id, publish_if_due, recorded_steps
from flows.redeciding import decide_again, decided_ones, decision_of, moves
from flows.watch import Watch
from warehouse import alive, load, read
from warehouse.connect import reader, require, writer
from warehouse.rescored import (
    Stored,
    replace_matches,
    stored_articles,
)

BATCH = 200  # articles: bounds memory and the time for which another run waits for the warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An article of another class than before."""

    url: str
    title: str
    was: Relevance
    now: Relevance
    rule: str  # that decided now


@dataclass(slots=True, kw_only=True)
class Rescored:
    """What deciding again came to."""

    articles: int = 0  # looked at
    updated: int = 0  # score, rule, steps or version differ, class or not
    changes: list[Change] = field(default_factory=list)  # of class
    rejudged: int = 0  # verdicts given anew
    published_snapshot: int | None = None


def rescore(watch: Watch, *, dry_run: bool) -> Rescored:
    """Score all stored articles by the story as it is now; with `dry_run` nothing is written.

    Raises WarehouseMissing, and what warehouse.connect.writer raises.
    """
    require(watch.data_dir)
    told = Rescored()
    if dry_run:
        for batch in _batches(watch):
            _note(told, batch, _differing(watch, batch))
        return told
    started_at = watch.world.clock()
    run_id = new_run_id(started_at)
    try:
        with alive.living(watch.data_dir, run_id, wait_seconds=watch.settings.writer_wait_seconds):
            _rescore(watch, told, run_id, started_at)
    except BaseException as error:
        aftermath.after_error(watch, "rescore", run_id, error)
        raise
    aftermath.follow(watch, Ending(run_id=run_id, command="rescore", status="completed"))
    return told


def _rescore(watch: Watch, told: Rescored, run_id: str, started_at: datetime) -> None:
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        load.start_run(con, run_id, started_at, command="rescore")
        alive.close_crashed(con, watch.data_dir, own=run_id)
        load.record_steps(con, recorded_steps(watch.story), run_id)
    try:
        for batch in _batches(watch):
            differing = _differing(watch, batch)
            _note(told, batch, differing)
            told.rejudged += _write(watch, differing, run_id)
    except BaseException as error:
        _finish(watch, run_id, started_at, told, "failed" if isinstance(error, Exception) else "interrupted")
        raise
    # Not only if something was updated: one that was killed before it could publish may have done the work.
    told.published_snapshot = publish_if_due(watch, run_id)
    _finish(watch, run_id, started_at, told, "completed")


def _batches(watch: Watch) -> Iterator[list[Stored]]:
    after = ""
    while True:
        with reader(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
            batch = stored_articles(con, after=after, limit=BATCH)
        if not batch:
            return
        yield batch
        after = batch[-1].article.url


def _differing(watch: Watch, batch: Sequence[Stored]) -> list[tuple[Stored, Match]]:
    """Those of the batch that the story, as it is now, decides otherwise, or that an older one decided."""
    now = watch.world.clock()
    differing = []
    for one in batch:
        article = one.article
        match = story.score(
            watch.story, title=article.title, text=article.text, published_at=article.published_at, now=now
        )
        if _essence(match) != _essence(one.match):
            differing.append((one, match))
    return differing


def _essence(match: Match) -> tuple[object, ...]:
    return match.relevance, match.score, match.rule, sorted(match.steps), match.story_version


def _note(told: Rescored, batch: Sequence[Stored], differing: Sequence[tuple[Stored, Match]]) -> None:
    told.articles += len(batch)
    told.updated += len(differing)
    for one, match in differing:
        was = one.match.relevance
        if match.relevance is not was:
            article = one.article
            told.changes.append(
                Change(url=article.url, title=article.title, was=was, now=match.relevance, rule=match.rule)
            )


def _write(watch: Watch, differing: Sequence[tuple[Stored, Match]], run_id: str) -> int:
    """One transaction; returns how many verdicts were given anew."""
    if not differing:
        return 0
    now = watch.world.clock()
    decided = {one.article.url: _unjudged(one.article, match) for one, match in differing}
    left = [url for (one, _), url in zip(differing, decided, strict=True) if one.verdict and not _is_on(decided[url])]
    entering = [decided[one.article.url] for one, match in differing if not one.verdict]
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        replace_matches(con, list(decided.values()), at=now, run_id=run_id)
        added, superseded = decide_again(
            con,
            watch,
            gone=[decided[url].article for url in left],
            came=[one for one in entering if _is_on(one)],
            run_id=run_id,
            now=now,
        )
        moved = [decision_of(one, now) for one in (*(decided[url] for url in left), *added)]
        decisions = decided_ones(con, moved)
        decisions += moves(con, superseded, now, originals=left, because="its original left the story")
        load.record_decisions(con, decisions, run_id)
    return len(added) + len(superseded)


def _unjudged(article: Article, match: Match) -> Judged:
    return Judged(article=article, match=match, fingerprint=fingerprint(article.text), verdict=None)


def _is_on(one: Judged) -> bool:
    return one.match.relevance is not Relevance.OFF


def _finish(watch: Watch, run_id: str, started_at: datetime, told: Rescored, status: str) -> None:
    """The run's row: it asked nobody and discovered nothing; what it moved stands in its outcomes."""
    with writer(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        discovered, outcomes = read.ledger_counts(con)
        report = RunReport(
            run_id=run_id,
            started_at=started_at,
            ended_at=watch.world.clock(),
            status=status,
            feeds_polled=0,
            feeds_unchanged=0,
            feeds_failed=0,
            discovered=0,
            fetched=0,
            outcomes=read.run_outcomes(con, run_id),
            ledger_discovered=discovered,
            ledger_outcomes=outcomes,
            published_snapshot=told.published_snapshot,
            detail=f"{told.articles} articles scored again, {len(told.changes)} changed their class",
        )
        load.finish_run(con, report)
