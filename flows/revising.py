"""A stored article whose page was read again: what it said before is kept, the rest follows from what it says now.

    (Article as stored, Scored as read now) --revise--> revision, article, match, verdict, ledger

Who is called a copy of a changed article may not be one any more: those verdicts are made anew as well. Inside the
writer's transaction of whoever calls. Plain functions, no prefect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from extractors.dedup import fingerprint, judge
from extractors.records import (
    Article,
    Candidate,
    Decision,
    Fingerprint,
    Judged,
    Match,
    Outcome,
    Relevance,
    Revision,
    Verdict,
)
from extractors.revisions import as_stored, changed_fields, revision
from flows.polling import OFF_BECAUSE
from flows.watch import Watch
from warehouse import load, read
from warehouse.connect import Connection

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
    changed = {one.old.url: one for one in rereads if one.is_changed}
    revisions = [
        revision(one.old, one.current, fetched_at=one.new.fetched_at, at=now, cause=cause) for one in changed.values()
    ]
    on_story = {
        url: (one.current, one.fingerprint) for url, one in changed.items() if one.match.relevance is not Relevance.OFF
    }
    verdicts, followed = judged_anew(con, watch, on_story, list(changed))
    judged = [
        Judged(article=one.current, match=one.match, fingerprint=one.fingerprint, verdict=verdicts.get(url))
        for url, one in changed.items()
    ]
    load.record_revisions(con, revisions, run_id)
    load.replace_judged(con, judged, run_id)
    decisions = [revised_decision(one, revised, now) for one, revised in zip(judged, revisions, strict=True)]
    return decisions + follow(con, followed, verdicts, run_id, now)


def forget(con: Connection, watch: Watch, revisions: Sequence[Revision], run_id: str, now: datetime) -> list[Decision]:
    """Take out what is no article any more; `revisions` keep what it was. Returns what follows for its copies."""
    urls = [one.article_url for one in revisions]
    verdicts, followed = judged_anew(con, watch, {}, urls)
    load.record_revisions(con, revisions, run_id)
    load.forget_articles(con, urls)
    return follow(con, followed, verdicts, run_id, now)


def judged_anew(
    con: Connection, watch: Watch, changed: dict[str, tuple[Article, Fingerprint]], urls: Iterable[str]
) -> tuple[dict[str, Verdict], list[Article]]:
    """Verdicts of the `changed` articles and of the copies of those at `urls`; and these copies.

    Each is held against what came before it: with its own time, never with one that was called a copy of it, so that
    no two are copies of each other.
    """
    left_out = set(urls)
    followed = read.copies_of(con, sorted(left_out))
    asked = changed | {article.url: (article, fingerprint(article.text)) for article in followed}
    if not asked:
        return {}, followed
    window = timedelta(days=watch.settings.duplicate_window_days)
    start = min(article.first_seen_at for article, _ in asked.values()) - window
    found = read.candidates(con, {url: its for url, (_, its) in asked.items()}, window_start=start)
    stored = {
        url: [one for one in ones if one.url not in left_out and _order(one) < _order(asked[url][0])]
        for url, ones in found.items()
    }
    return judge(list(asked.values()), seeds=watch.seeds, stored=stored), followed


def follow(
    con: Connection, articles: Sequence[Article], verdicts: dict[str, Verdict], run_id: str, now: datetime
) -> list[Decision]:
    """Store the verdicts of those articles that are others than before. Returns where their entries stand now."""
    before = read.verdicts(con, [article.url for article in articles])
    moved = [article for article in articles if before.get(article.url) != verdicts[article.url]]
    load.replace_verdicts(con, [verdicts[article.url] for article in moved], run_id)
    return [
        Decision(
            url=article.entry_url,
            outcome=Outcome.LOADED,
            reason=verdict.kind.value,
            at=now,
            detail=f"{_told(verdict)}; was {_told(was)} until that article changed",
            article_url=article.url,
        )
        for article in moved
        for verdict, was in [(verdicts[article.url], before[article.url])]
        if (verdict.kind, verdict.of) != (was.kind, was.of)
    ]


def revised_decision(judged: Judged, revised: Revision, now: datetime) -> Decision:
    """Where the entry of a changed article stands."""
    verdict, match = judged.verdict, judged.match
    how = f"changed: {', '.join(revised.changed)} ({revised.cause})"
    if verdict is None:
        detail = f"its full text {OFF_BECAUSE.get(match.rule, match.rule)}; score {match.score:.2f}; {how}"
    else:
        detail = f"{_told(verdict)}; {how}"
    return Decision(
        url=judged.article.entry_url,
        outcome=Outcome.LOADED if verdict else Outcome.OFF_STORY,
        reason=verdict.kind.value if verdict else "score",
        at=now,
        detail=detail,
        article_url=judged.article.url,
    )


def standing_again(con: Connection, decisions: Sequence[Decision], now: datetime) -> list[Decision]:
    """Instead of these, which say what came of asking again for pages whose articles are stored: where these entries
    stood before, as the articles do.
    """
    stood = read.stands(con, [one.url for one in decisions], now)
    return [
        replace(stood[one.url][0], attempts=one.attempts, detail=f"shown again: {one.detail or one.reason}")
        for one in decisions
        if one.url in stood
    ]


def _told(verdict: Verdict) -> str:
    return f"{verdict.kind.value} copy of {verdict.of}" if verdict.of else verdict.kind.value


def _order(one: Article | Candidate) -> tuple[datetime, str]:
    return one.published_at or one.first_seen_at, one.url
