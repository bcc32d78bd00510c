"""What a run would do: asks the feeds and applies the gate, and writes nothing.

Feeds are asked without their validators, so that everything they hold is shown; what the ledger knows is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from extractors.records import Entry
from flows.polling import Polled, gate, poll, require_network
from flows.watch import Watch, WebSession
from warehouse import connect, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the feeds hold now: entries that a run would fetch, how many it would not, and why."""

    polled: Polled
    to_fetch: tuple[Entry, ...]
    known: int
    off_story: int


def preview(watch: Watch) -> Preview:
    """Ask every feed once. Raises NetworkUnreachable when none could be reached."""
    with WebSession(watch.settings, watch.world) as web:
        polled = poll(watch, web, {})
    require_network(polled)
    by_canonical = {entry.canonical_url: entry for entry in reversed(polled.entries)}
    known: set[str] = set()
    waiting: list[Entry] = []
    if connect.exists(watch.data_dir):
        with connect.reader(watch.data_dir, wait_seconds=watch.settings.writer_wait_seconds) as con:
            known = read.known_canonical_urls(con, list(by_canonical))
            waiting = read.pending(con, watch.world.clock(), watch.settings.max_pages_per_run)
    new = [entry for entry in polled.entries if by_canonical.get(entry.canonical_url) is entry]
    new = [entry for entry in new if entry.canonical_url not in known]
    rejected = {decision.url for decision in gate(watch.story, new, watch.world.clock())}
    return Preview(
        polled=polled,
        to_fetch=(*waiting, *(entry for entry in new if entry.url not in rejected)),
        known=len(polled.entries) - len(new),
        off_story=len(rejected),
    )
