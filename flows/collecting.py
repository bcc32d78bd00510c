"""The second half of the pipe: fetch what is due, extract, score, hold against everything known, load.

    ledger --due--> Entry --fetch--> Page --extract--> Scored --judge_and_load--> tables, ledger

Works in a few batches, hosts interleaved, so that memory stays small; what servers have answered is in the spool until
its batch is committed, so that a killed run asks nobody twice. Judging and loading a batch happen in one short writer
transaction: two runs at once never both call a copy independent. Plain functions, no prefect.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import repeat

from extractors import story
from extractors.archive import Archive
from extractors.dedup import is_copy
from extractors.fingerprints import fingerprint
from extractors.http import Request
from extractors.records import (
    REASONS,
    Article,
    Decision,
    Entry,
    Failure,
    Fetch,
    FetchKind,
    Fingerprint,
    Judged,
    Match,
    Outcome,
    Page,
    Relevance,
    Response,
)
from flows import judging
from flows.asking import PAGE_ACCEPT, Answer, address_asked, as_lead, ask, go_on
from flows.isolation import ExtractionPool
from flows.judging import Superseded
from flows.redeciding import decided_ones, decision_of, moves
from flows.revising import REFETCH, Reread, revise, standing_again
from flows.spool import Spool
from flows.twins import revive_twins
from flows.watch import Watch, WebSession
from warehouse import load, read
from warehouse.connect import Connection, writer

# Batches of one run: bounds what a kill can cost and, with three tasks each, the Prefect task runs of a run (at most
# 25).
MAX_BATCHES = 6
SMALLEST_BATCH = 50
# A page that failed for a passing reason is tried again after this time, then four times as long, up to a day.
FIRST_RETRY = timedelta(minutes=10)
LONGEST_RETRY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of asking for a batch of pages. Entries that were not reached by the deadline are in neither."""

    pages: tuple[Page, ...]
    decisions: tuple[Decision, ...]  # of pages that could not be fetched
    fetches: tuple[Fetch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """An extracted article with its place in the story and its fingerprint, not yet held against others."""

    article: Article
    match: Match
    fingerprint: Fingerprint
    redirected: bool  # whether the address of the entry led elsewhere
    attempts: int  # fetches of the entry, this one included


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What came of a batch of pages."""

    scored: tuple[Scored, ...]
    decisions: tuple[Decision, ...]  # of pages that gave no article


def batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """At most MAX_BATCHES slices, none smaller than SMALLEST_BATCH unless it is the last."""
    size = max(SMALLEST_BATCH, -(-len(entries) // MAX_BATCHES))
    return (entries[start : start + size] for start in range(0, len(entries), size))


def fetch(
    watch: Watch,
    web: WebSession,
    entries: Sequence[Entry],
    deadline_seconds: float,
    spool: Spool | None = None,
    archive: Archive | None = None,
) -> Fetched:
    """Ask for each entry's page, or take the answer from the spool that a killed run got. One page's fault is its
    decision, never an exception. Every page is in the archive before anything is read in it; raises ArchiveFailed.
    """
    answered = [(entry, spool.answers[entry.url][1]) for entry in entries if spool and entry.url in spool.answers]
    known = {entry.url for entry, _ in answered}
    asked = [entry for entry in entries if entry.url not in known]
    ends = time.monotonic() + deadline_seconds
    with watch.world.progress.stage("fetch", len(asked)) as stage:

        def keep(answer: Answer) -> None:
            if archive and isinstance(answer[1], Response):
                archive.put(answer[0].url, answer[1])
            if spool:
                spool.put((Request(url=answer[0].url, accept=PAGE_ACCEPT), answer[1]))

        def on_answer(answer: Answer) -> None:
            keep(answer)
            stage.advance(failed=isinstance(answer[1], Failure))

        first = [*answered, *ask(web, [(entry, address_asked(entry)) for entry in asked], on_answer, deadline_seconds)]
        last, decided = go_on(watch, web, first, keep, ends - time.monotonic())
    if archive:
        archive.sync()
    in_between = {id(answer) for _, answer in first} - {id(answer) for _, answer in last}
    fetches = [*web.new_robots_fetches(), *(_page_fetch(*one) for one in first if id(one[1]) in in_between)]
    fetches += [_page_fetch(*one) for one in last]
    pages, decisions = [], list(decided)
    for entry, answer in last:
        if isinstance(answer, Failure):
            # Not asked because its host rests after other pages' failures: that is no attempt of this page.
            is_attempt = answer.attempts > 0 or answer.reason == "robots_unavailable"
            decision = decision_after_failure(answer, entry.attempts + is_attempt, watch.settings.max_attempts)
            decisions.append(as_lead(entry, answer, replace(decision, url=entry.url)))
        else:
            pages.append(Page(entry=entry, response=answer))
    return Fetched(pages=tuple(pages), decisions=tuple(decisions), fetches=tuple(fetches))


def decision_after_failure(failure: Failure, attempts: int, max_attempts: int) -> Decision:
    """Wait for another attempt if the reason may pass and there are attempts left, else the reason's outcome. Pure."""
    if failure.transient and attempts < max_attempts:
        rest = min(FIRST_RETRY * 4 ** max(0, min(attempts - 1, 6)), LONGEST_RETRY)
        if failure.retry_after_seconds is not None:
            rest = min(max(rest, timedelta(seconds=failure.retry_after_seconds)), LONGEST_RETRY)
        return Decision(
            url=failure.url,
            outcome=Outcome.PENDING,
            reason="retry",
            at=failure.at,
            detail=f"attempt {attempts} of {max_attempts}: {failure.reason}: {failure.detail}",
            attempts=attempts,
            next_attempt_at=failure.at + rest,
        )
    return Decision(
        url=failure.url,
        outcome=REASONS[failure.reason],
        reason=failure.reason,
        at=failure.at,
        detail=failure.detail,
        attempts=attempts,
    )


def extract(watch: Watch, pool: ExtractionPool, pages: Sequence[Page]) -> Extracted:
    """Turn pages into scored articles. A page that gives none, or takes too long, is a decision; a bug raises."""
    now = watch.world.clock()
    with watch.world.progress.stage("extract", len(pages)) as stage:
        told = pool.extract(pages, lambda one: stage.advance(failed=not isinstance(one, Article)))
    scored, decisions = [], []
    for page, one in zip(pages, told, strict=True):
        if isinstance(one, Article):
            scored.append(_scored(watch, page, one, now))
        else:
            decisions.append(
                Decision(
                    url=page.entry.url,
                    outcome=REASONS[one.reason],
                    reason=one.reason,
                    at=now,
                    detail=one.detail,
                    attempts=page.entry.attempts + 1,
                )
            )
    return Extracted(scored=tuple(scored), decisions=tuple(decisions))


def judge_and_load(watch: Watch, fetched: Fetched, extracted: Extracted, run_id: str) -> Mapping[str, int]:
    """Candidates, verdicts and load of a batch in one writer transaction. Returns outcome -> number of URLs decided.

    What another run has decided in the meantime stays as it is.
    """
    now = watch.world.clock()
    settings = watch.settings
    with writer(watch.data_dir, wait_seconds=settings.writer_wait_seconds) as con:
        waiting = read.still_pending(con, [*_urls(fetched, extracted)])
        scored = [one for one in extracted.scored if one.article.entry_url in waiting]
        # Each step's decisions are in the ledger before the next: an article that it decides may move once more.
        decided = _take_in_again(con, watch, fetched, extracted, waiting, run_id, now)
        load.record_decisions(con, decided, run_id)
        left = waiting - {decision.url for decision in decided}
        scored, other_links = _split_same_guid(
            con, watch, [one for one in scored if one.article.entry_url in left], run_id, now
        )
        load.record_decisions(con, other_links, run_id)
        failed = [one for one in (*fetched.decisions, *extracted.decisions) if one.url in left]
        taken = [*failed, *take_in(con, watch, scored, run_id, now)]
        load.record_fetches(con, fetched.fetches, run_id)
        load.record_decisions(con, taken, run_id)
        ours = {one.url: one.outcome.value for one in (*decided, *other_links, *taken) if one.url in waiting}
        revive_twins(con, ours, now, run_id)
    return Counter(ours.values())


def take_in(con: Connection, watch: Watch, scored: Sequence[Scored], run_id: str, now: datetime) -> list[Decision]:
    """Judge and store the articles that are new. Returns where their entries stand now, and those of the stored ones
    whose verdicts they changed.
    """
    fresh, duplicates = _split_known(con, scored, now)
    judging.renew_sketches(con, run_id)
    judged, superseded = _judged(con, watch, fresh)
    load.load_judged(con, judged, run_id)
    load.supersede_verdicts(con, [one.verdict for one in superseded], run_id, at=now)
    return [*duplicates, *map(_decision_of, fresh, judged, repeat(now)), *moves(con, superseded, now)]


def _take_in_again(
    con: Connection,
    watch: Watch,
    fetched: Fetched,
    extracted: Extracted,
    waiting: set[str],
    run_id: str,
    now: datetime,
) -> list[Decision]:
    """Revise the articles whose own entries were fetched again; where that gave no article, the stored one stands."""
    own = read.own_articles(con, sorted(waiting))
    rereads, moved = [], []
    for one in extracted.scored:
        old = own.get(one.article.entry_url)
        if old is None:
            continue
        if one.article.url == old.url or is_copy(one.fingerprint, fingerprint(old.text)):
            rereads.append((one, old))
        else:
            moved.append(_duplicate(one, "redirect", one.article.url, now))
    revised = revise(con, watch, [reread_of(*pair) for pair in rereads], run_id, cause=REFETCH, now=now)
    attempts = {one.article.entry_url: one.attempts for one, _ in rereads}
    decided = {decision.url for decision in revised}
    same = [
        Decision(url=url, outcome=Outcome.PENDING, reason="shown_again", at=now, detail="unchanged", attempts=tried)
        for url, tried in attempts.items()
        if url not in decided
    ]
    failed = [one for one in (*fetched.decisions, *extracted.decisions) if one.outcome is not Outcome.PENDING]
    stand = standing_again(con, [*failed, *moved, *same], own)
    return [*(replace(one, attempts=attempts.get(one.url)) for one in revised), *stand]


def _split_same_guid(
    con: Connection, watch: Watch, scored: Sequence[Scored], run_id: str, now: datetime
) -> tuple[list[Scored], list[Decision]]:
    """Part those that are a stored article under another link: its feed gives them the same guid, and their texts agree
    (there are feeds whose every entry has the same one). What has changed is a revision of that article.
    """
    twins = read.same_guid(con, [one.article.entry_url for one in scored])
    own = read.own_articles(con, sorted(set(twins.values())))
    others, rereads, links = [], [], []
    for one in scored:
        old = own.get(twins.get(one.article.entry_url, ""))
        if old is None or old.url == one.article.url or not is_copy(one.fingerprint, fingerprint(old.text)):
            others.append(one)
            continue
        rereads.append(reread_of(one, old))
        links.append(_duplicate(one, "same_guid", old.url, now))
    return others, [*links, *decided_ones(con, revise(con, watch, rereads, run_id, cause=REFETCH, now=now))]


def reread_of(one: Scored, old: Article) -> Reread:
    """A page that was read again, held against its stored article."""
    return Reread(old=old, new=one.article, match=one.match, fingerprint=one.fingerprint)


def _duplicate(one: Scored, reason: str, article_url: str, now: datetime) -> Decision:
    return Decision(
        url=one.article.entry_url,
        outcome=Outcome.DUPLICATE_URL,
        reason=reason,
        at=now,
        detail=f"leads to {article_url}",
        article_url=article_url,
        attempts=one.attempts,
    )


def _urls(fetched: Fetched, extracted: Extracted) -> Iterator[str]:
    """The ledger entries that the batch has something to say of."""
    yield from (decision.url for decision in (*fetched.decisions, *extracted.decisions))
    yield from (one.article.entry_url for one in extracted.scored)


def _scored(watch: Watch, page: Page, article: Article, now: datetime) -> Scored:
    match = story.score(watch.story, title=article.title, text=article.text, published_at=article.published_at, now=now)
    return Scored(
        article=article,
        match=match,
        fingerprint=fingerprint(article.text),
        redirected=bool(page.response.redirects) or page.response.url != page.entry.url,
        attempts=page.entry.attempts + 1,
    )


def _split_known(con: Connection, scored: Sequence[Scored], now: datetime) -> tuple[list[Scored], list[Decision]]:
    """Part those that are another address of a stored article, or of one earlier in the batch, from the others.

    The same address is the same article. Where only a canonical link ties two addresses, their texts must agree: there
    are sites whose every page names one and the same address.
    """
    fresh: list[Scored] = []
    duplicates: list[Decision] = []
    addresses = {address for one in scored for address in _addresses(one.article.url, one.article.canonical_link)}
    known = [
        _Known(_addresses(stored.url, stored.canonical_link), stored.url, fingerprint(stored.text))
        for stored in read.same_address(con, sorted(addresses))
    ]
    for one in sorted(scored, key=lambda one: (one.article.first_seen_at, one.article.entry_url)):
        article = one.article
        mine = _addresses(article.url, article.canonical_link)
        same = next((other for other in known if other.url == article.url), None)
        tied = (other for other in known if mine & other.addresses and is_copy(one.fingerprint, other.fingerprint))
        twin = same or next(tied, None)
        if twin is None:
            known.append(_Known(mine, article.url, one.fingerprint))
            fresh.append(one)
            continue
        reason = "canonical_link" if twin is not same else "redirect" if one.redirected else "same_canonical"
        duplicates.append(_duplicate(one, reason, twin.url, now))
    return fresh, duplicates


@dataclass(frozen=True, slots=True)
class _Known:
    """An article with the addresses under which it may be met."""

    addresses: frozenset[str]
    url: str
    fingerprint: Fingerprint


def _addresses(url: str, canonical_link: str | None) -> frozenset[str]:
    return frozenset({url}) if canonical_link is None else frozenset({url, canonical_link})


def _judged(con: Connection, watch: Watch, scored: Sequence[Scored]) -> tuple[list[Judged], list[Superseded]]:
    """What each of them is to what is stored and to each other, and the stored verdicts that this changes."""
    on_story = [one for one in scored if one.match.relevance is not Relevance.OFF]
    fresh = {one.article.url: (one.article, one.fingerprint) for one in on_story}
    judgement = judging.judged(
        con, fresh, seeds=watch.seeds, window=timedelta(days=watch.settings.duplicate_window_days)
    )
    judged = [
        Judged(
            article=one.article,
            match=one.match,
            fingerprint=one.fingerprint,
            verdict=judgement.verdicts.get(one.article.url),
        )
        for one in scored
    ]
    return judged, list(judgement.superseded)


def _decision_of(one: Scored, judged: Judged, now: datetime) -> Decision:
    return replace(decision_of(judged, now), attempts=one.attempts)


def _page_fetch(entry: Entry, answer: Response | Failure) -> Fetch:
    """The row of `fetch`, under the entry's address, of an exchange about its page."""
    asked = "" if answer.url == entry.url else f"asked {answer.url}"
    if isinstance(answer, Failure):
        detail = f"{answer.detail}; {asked}" if asked else answer.detail
        at, reason, wire_bytes = answer.at, answer.reason, 0
    else:
        detail, at, reason, wire_bytes = asked, answer.fetched_at, "ok", answer.wire_bytes
    return Fetch(
        url=entry.url, kind=FetchKind.PAGE, at=at, status=answer.status, reason=reason, detail=detail,
        wire_bytes=wire_bytes,
    )  # fmt: skip
