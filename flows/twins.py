"""Spellings of one address: which of them is tried, and what is theirs when the rules for addresses change.

Called inside the writer's transaction of those who change the ledger. Plain functions, no prefect.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from extractors.errors import BadUrl
from extractors.records import Decision, Outcome
from extractors.urls import canonical_url, rules_digest
from warehouse import load, read
from warehouse.connect import Connection

# Spellings of one address that are tried before it is given up: http and https, the AMP form and the plain one. More
# would ask a page that is gone again for every new parameter that a feed puts behind it.
MOST_TRIED = 3


def revive_twins(con: Connection, urls: Iterable[str], now: datetime, run_id: str) -> int:
    """Where the spelling that was tried for an address of `urls` has ended gone, refused or failed, let the oldest one
    that waits as its duplicate be tried. Returns how many.
    """
    decisions = [
        Decision(
            url=url,
            outcome=Outcome.PENDING,
            reason="queued",
            at=now,
            detail=f"{dead_url}, another spelling of it, is {outcome}: this one gets its chance",
        )
        for url, dead_url, outcome in read.waiting_twins(con, sorted(set(urls)), most_tried=MOST_TRIED)
    ]
    load.record_decisions(con, decisions, run_id)
    return len(decisions)


def respell(con: Connection, now: datetime, run_id: str) -> int:
    """When the rules for addresses are other ones than those of the last run, make the ledger's canonical addresses
    anew, so that nothing is counted twice after an upgrade. What waits and turns out to be another spelling of
    something in the ledger becomes its duplicate. Returns how many addresses changed.
    """
    digest = rules_digest()
    if read.url_rules(con) == digest:
        return 0
    changed: dict[str, str] = {}
    for url, stored in read.spellings(con):
        try:
            canonical = canonical_url(url)
        except BadUrl:  # no address by the new rules: what is stored stays
            continue
        if canonical != stored:
            changed[url] = canonical
    load.respell(con, changed, digest=digest, at=now, run_id=run_id)
    duplicates = [
        Decision(
            url=url,
            outcome=Outcome.DUPLICATE_URL,
            reason="same_canonical",
            at=now,
            detail=f"the same address as {owner_url}, by new rules for addresses",
            article_url=article_url,
        )
        for url, owner_url, article_url in (read.pending_twins(con) if changed else ())
    ]
    load.record_decisions(con, duplicates, run_id)
    return len(changed)
