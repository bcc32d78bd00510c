"""Stored articles that are no longer what they were: what they are to others now, and others to them.

    articles as they were, as they are --decide_again--> verdicts, sketches --moves--> ledger

An article leaves the store of candidates as what it was and comes in as what it is. Whose verdict may rest on it is
judged anew. Called inside the writer's transaction of whoever changes them: revising.py (another text) and rescoring.py
(another place in the story). Plain functions, no prefect.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from extractors.fingerprints import fingerprint
from extractors.records import Article, Decision, Judged, Outcome, Verdict
from flows import judging
from flows.judging import Superseded
from flows.polling import OFF_BECAUSE
from flows.watch import Watch
from warehouse import load, read
from warehouse.connect import Connection
from warehouse.rescored import add_verdicts, remove_sketches, remove_verdicts


def decide_again(
    con: Connection, watch: Watch, *, gone: Sequence[Article], came: Sequence[Judged], run_id: str, now: datetime
) -> tuple[list[Judged], list[Superseded]]:
    """Give verdicts and sketches to articles as they are now, and take those from them that they had before.

    `gone`: as they were, each with a verdict; `came`: as they are, each on the story. An article in both has changed.
    Returns the latter with their verdicts, and the other stored articles whose verdicts are others now.
    """
    if not gone and not came:
        return [], []
    judging.renew_sketches(con, run_id)
    window = timedelta(days=watch.settings.duplicate_window_days)
    left = {article.url: (article, fingerprint(article.text)) for article in gone}
    fresh = {one.article.url: (one.article, one.fingerprint) for one in came}
    resting = judging.resting_on(con, left, window=window)
    remove_sketches(con, list(left))
    judgement = judging.judged(
        con,
        fresh,
        seeds=watch.seeds,
        window=window,
        again={url: one for url, one in resting.items() if url not in fresh},
    )
    remove_verdicts(con, [url for url in left if url not in fresh])
    add_verdicts(con, [its for url, its in judgement.verdicts.items() if url not in left], run_id)
    load.insert_sketches(con, came, run_id)
    changed = [its for url, its in judgement.verdicts.items() if url in left and _is_another(con, its)]
    load.supersede_verdicts(con, [*changed, *(one.verdict for one in judgement.superseded)], run_id, at=now)
    return [replace(one, verdict=judgement.verdicts[one.article.url]) for one in came], list(judgement.superseded)


def _is_another(con: Connection, verdict: Verdict) -> bool:
    held = read.verdict_of(con, verdict.article_url)
    return held is not None and judging.differs(verdict, held[0])


def decision_of(judged: Judged, now: datetime) -> Decision:
    """Where the ledger entry of an article stands by its match and its verdict; attempts are left as they are."""
    verdict, match = judged.verdict, judged.match
    if verdict is None:
        outcome, reason = Outcome.OFF_STORY, "score"
        detail = f"its full text {OFF_BECAUSE.get(match.rule, match.rule)}; score {match.score:.2f}"
    else:
        outcome, reason = Outcome.LOADED, verdict.kind.value
        detail = f"{verdict.kind.value} copy of {verdict.of}" if verdict.of else f"on the story by {match.rule}"
    return Decision(
        url=judged.article.entry_url,
        outcome=outcome,
        reason=reason,
        at=now,
        detail=detail,
        article_url=judged.article.url,
    )


def moves(
    con: Connection,
    superseded: Iterable[Superseded],
    now: datetime,
    *,
    originals: Collection[str] = (),
    because: str = "",
) -> list[Decision]:
    """Where the ledger entries of stored articles stand whose verdicts others have taken the place of.

    `because`: what became of `originals`, for those that were copies of these. An entry that waits is left out: what
    comes of asking for its page again decides where it stands.
    """
    found = []
    for one in superseded:
        verdict, before = one.verdict, one.before
        if (verdict.kind, verdict.of) == (before.kind, before.of):
            continue
        was = f"{before.kind.value} of {before.of}" if before.of else before.kind.value
        what = f"{verdict.kind.value} copy of {verdict.of}" if verdict.of else "independent"
        why = because if before.of in originals else "an older article came"
        found.append(
            Decision(
                url=one.entry_url,
                outcome=Outcome.LOADED,
                reason=verdict.kind.value,
                at=now,
                detail=f"{what}; was {was} until {why}",
                article_url=verdict.article_url,
            )
        )
    return decided_ones(con, found)


def decided_ones(con: Connection, decisions: Sequence[Decision]) -> list[Decision]:
    """Without those on entries that wait."""
    waiting = read.still_pending(con, [one.url for one in decisions])
    return [one for one in decisions if one.url not in waiting]
