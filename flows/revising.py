"""A stored article whose page was read again: what it said before is kept, the rest follows from what it says now.

    (Article as stored, Scored as read now) --revise--> revision, article, match, verdict, ledger

Who is called a copy of a changed article may not be one any more: those verdicts are made anew as well. Inside the
writer's transaction of whoever calls. Plain functions, no prefect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from extractors.records import (
    Article,
    Decision,
    Fingerprint,
    Judged,
    Match,
    Outcome,
    Relevance,
    Revision,
)
from extractors.revisions import as_stored, changed_fields, revision
from flows.redeciding import decide_again, decision_of, moves
from flows.watch import Watch
from warehouse import load, read
from warehouse.connect import Connection
from warehouse.rescored import replace_matches

REFETCH, REEXTRACT = "refetch", "reextract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """A stored article, and what its page gives now."""

    old: Article
    new: Article
    match: Match
    fingerprint: Fingerprint

    @property
    def current(self) -> Article:
        """What the page says now, as the article that it is."""
        return as_stored(self.old, self.new)

    @property
    def is_changed(self) -> bool:
        return bool(changed_fields(self.old, self.current))


def revise(
    con: Connection, watch: Watch, rereads: Sequence[Reread], run_id: str, *, cause: str, now: datetime
) -> list[Decision]:
    """Put what the pages say now in the place of what is stored, which is kept as revisions.

    Returns where the ledger entries of the changed articles stand now, and of those whose verdicts followed.
    """
    load.note_rereads(con, [one.current for one in rereads if not one.is_changed])
    changed = list({one.old.url: one for one in rereads if one.is_changed}.values())
    revisions = [revision(one.old, one.current, fetched_at=one.new.fetched_at, at=now, cause=cause) for one in changed]
    unjudged = [
        Judged(article=one.current, match=one.match, fingerprint=one.fingerprint, verdict=None) for one in changed
    ]
    load.record_revisions(con, revisions, run_id)
    load.replace_articles(con, unjudged, run_id)
    replace_matches(con, unjudged, at=now, run_id=run_id)
    on_story = [one for one in unjudged if one.match.relevance is not Relevance.OFF]
    judged, moved = _decide_again(con, watch, [one.old for one in changed], on_story, run_id, now)
    verdicts = {one.article.url: one for one in judged}
    decisions = [
        _with_reason(decision_of(verdicts.get(one.article.url, one), now), revised)
        for one, revised in zip(unjudged, revisions, strict=True)
    ]
    return decisions + moved


def forget(
    con: Connection, watch: Watch, lost: Sequence[tuple[Article, Revision]], run_id: str, now: datetime
) -> list[Decision]:
    """Take out what is no article any more; the revisions keep what it was. Returns what follows for its copies."""
    load.record_revisions(con, [revised for _, revised in lost], run_id)
    _, moved = _decide_again(con, watch, [article for article, _ in lost], [], run_id, now)
    load.forget_articles(con, [article.url for article, _ in lost])
    return moved


def _decide_again(
    con: Connection, watch: Watch, before: Sequence[Article], came: Sequence[Judged], run_id: str, now: datetime
) -> tuple[list[Judged], list[Decision]]:
    gone = [article for article in before if read.verdict_of(con, article.url) is not None]
    judged, superseded = decide_again(con, watch, gone=gone, came=came, run_id=run_id, now=now)
    originals = {article.url for article in gone}
    return judged, moves(con, superseded, now, originals=originals, because="that article changed")


def _with_reason(decision: Decision, revised: Revision) -> Decision:
    return replace(decision, detail=f"{decision.detail}; changed: {', '.join(revised.changed)} ({revised.cause})")


def standing_again(con: Connection, decisions: Sequence[Decision], own: Mapping[str, Article]) -> list[Decision]:
    """Instead of these, which say what came of asking again for pages whose articles are stored (ledger URL -> article;
    others are left out): where these entries stand, by the verdicts that hold now.
    """
    stand = []
    for one in decisions:
        if one.url not in own:
            continue
        article_url = own[one.url].url
        held = read.verdict_of(con, article_url)
        stand.append(
            replace(
                one,
                outcome=Outcome.LOADED if held else Outcome.OFF_STORY,
                reason=held[0].kind.value if held else "score",
                detail=f"shown again: {one.detail or one.reason}",
                article_url=article_url,
                next_attempt_at=None,
            )
        )
    return stand
