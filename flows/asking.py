"""Which address is asked for an entry's page, and what an aggregator's answer leads to.

    Entry --address_asked, ask--> answer --go_on, where it is an aggregator's page in between--> answer, or a lead

Between the ledger's entries, keyed by the address as discovered, and the web, which is asked for what a link leads to:
an aggregator's link that carries its target is never asked itself. Plain functions, no prefect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from extractors.errors import BadUrl
from extractors.http import Request, Result
from extractors.records import Decision, Entry, Failure, Outcome, Response
from extractors.redirectors import final_target, is_aggregator, is_still_there, target_in_page
from extractors.urls import canonical_url
from flows.watch import Watch, WebSession
from warehouse import read
from warehouse.connect import reader

PAGE_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
# Outcomes that an aggregator's own refusals and faults don't get: its headline stays, as a lead.
_NO_LEAD = frozenset({Outcome.PENDING, Outcome.LEAD})

Answer = tuple[Entry, Response | Failure]


def address_asked(entry: Entry) -> str:
    """Where the entry's page is: the address that its own carries in itself, else its own."""
    return final_target(entry.url) or entry.url


def ask(
    web: WebSession, addresses: Sequence[tuple[Entry, str]], on_answer: Callable[[Answer], None], seconds: float
) -> list[Answer]:
    """The answer for each entry that was reached in time; one request per address, however many entries lead to it."""
    entries: dict[str, list[Entry]] = {}
    for entry, address in addresses:
        entries.setdefault(address, []).append(entry)
    requests = [Request(url=address, accept=PAGE_ACCEPT) for address in entries]

    def on_result(result: Result) -> None:
        for entry in entries[result[0].url]:
            on_answer((entry, result[1]))

    results = web.fetch_all(requests, on_result, seconds)
    return [(entry, answer) for request, answer in results for entry in entries[request.url]]


def go_on(
    watch: Watch, web: WebSession, answers: Iterable[Answer], on_answer: Callable[[Answer], None], seconds: float
) -> tuple[list[Answer], list[Decision]]:
    """Of the answers, those that are pages of the aggregator that was asked replaced by the pages that they lead to. A
    lead, with its headline kept, is what leads nowhere; a duplicate what leads to an article that is stored.
    """
    done: list[Answer] = []
    decisions: list[Decision] = []
    targets: list[tuple[Entry, str]] = []
    for entry, answer in answers:
        if isinstance(answer, Failure) or not is_in_between(entry.url, answer):
            done.append((entry, answer))
        elif (target := target_in_page(answer)) is not None:
            targets.append((entry, target))
        else:
            decisions.append(_lead(entry, answer))
    known = _known(watch, targets)
    decisions += [_duplicate(watch, entry, known[target]) for entry, target in targets if target in known]
    left = [(entry, target) for entry, target in targets if target not in known]
    if left and seconds > 0:
        done += ask(web, left, on_answer, seconds)
    return done, decisions


def as_lead(entry: Entry, failure: Failure, decision: Decision) -> Decision:
    """The decision on a failed entry. Where an aggregator was asked, its fault is not the article's: once it is final,
    the headline is kept as a lead.
    """
    if decision.outcome in _NO_LEAD or not is_aggregator(failure.url):
        return decision
    detail = f"the aggregator gave no way to the article: {decision.reason}: {decision.detail}"
    return replace(decision, outcome=Outcome.LEAD, reason="unresolved", detail=detail)


def is_in_between(url: str, response: Response) -> bool:
    """Whether the answer to asking for `url` is the aggregator's own page, on the way to the article's."""
    return response.url == url and is_aggregator(url) and is_still_there(url, response.final_url)


def _lead(entry: Entry, response: Response) -> Decision:
    return Decision(
        url=entry.url,
        outcome=Outcome.LEAD,
        reason="unresolved",
        at=response.fetched_at,
        detail=f"the page that answered, {response.final_url[:300]}, names no address outside the aggregator",
        attempts=entry.attempts + 1,
    )


def _duplicate(watch: Watch, entry: Entry, article_url: str) -> Decision:
    return Decision(
        url=entry.url,
        outcome=Outcome.DUPLICATE_URL,
        reason="redirect",
        at=watch.world.clock(),
        detail=f"leads to {article_url}",
        article_url=article_url,
        attempts=entry.attempts + 1,
    )


def _known(watch: Watch, targets: Sequence[tuple[Entry, str]]) -> Mapping[str, str]:
    """Target -> the stored article with that address."""
    canonical: dict[str, str] = {}
    for _, target in targets:
        try:
            canonical[target] = canonical_url(target)
        except BadUrl:  # asked all the same: the fetcher has the words for it
            continue
    if not canonical:
        return {}
    with reader(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
        stored = read.known_articles(con, sorted(set(canonical.values())))
    return {target: url for target, url in canonical.items() if url in stored}
