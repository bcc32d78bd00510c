"""A run's report for people and programs: one table that says where every URL went, and adds up.

Pure: from a RunReport to rows, a rich table, JSON. Who prints or stores them is not decided here.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from rich.table import Table

from extractors.records import Outcome, RunReport, SliceState
from flows.plain import plain

# For people: what each outcome means, in the order of the table.
MEANING: Mapping[Outcome, str] = {
    Outcome.LOADED: "on the story, stored",
    Outcome.DUPLICATE_URL: "another address of something known",
    Outcome.OFF_STORY: "not on the story",
    Outcome.NOT_ARTICLE: "a page, but no article",
    Outcome.GONE: "not there any more",
    Outcome.REFUSED: "may not be fetched",
    Outcome.FAILED: "attempts used up",
    Outcome.LEAD: "a headline without a page",
    Outcome.PENDING: "waits for its next attempt",
}


def destinations(outcomes: Mapping[str, Mapping[str, int]]) -> list[tuple[Outcome, str, int]]:
    """(outcome, reason, URLs), outcomes in the order of MEANING, the commonest reason first."""
    return [
        (outcome, reason, count)
        for outcome in MEANING
        for reason, count in sorted(outcomes.get(outcome, {}).items(), key=lambda item: (-item[1], item[0]))
    ]


def totals(outcomes: Mapping[str, Mapping[str, int]]) -> int:
    """URLs over all outcomes and reasons."""
    return sum(sum(reasons.values()) for reasons in outcomes.values())


def outcome_table(outcomes: Mapping[str, Mapping[str, int]], title: str) -> Table:
    """Where every URL went, and the sum."""
    table = Table(title=title, title_justify="left", title_style="bold", footer_style="bold", show_footer=True)
    table.add_column("outcome", footer="all")
    table.add_column("reason")
    table.add_column("URLs", justify="right", footer=str(totals(outcomes)))
    table.add_column("meaning", style="dim")
    previous = None
    for outcome, reason, count in destinations(outcomes):
        first = outcome is not previous
        table.add_row(outcome.value if first else "", reason, str(count), MEANING[outcome] if first else "")
        previous = outcome
    return table


def summary(report: RunReport) -> str:
    """Two lines: the feeds and pages of this run, and the ledger's sum."""
    feeds = f"{report.feeds_polled} asked, {report.feeds_unchanged} unchanged, {report.feeds_failed} failed"
    seconds = (report.ended_at - report.started_at).total_seconds()
    ledger = " + ".join(f"{report.ledger_outcomes[o]} {o}" for o in MEANING if report.ledger_outcomes.get(o))
    published = f"; published snapshot {report.published_snapshot}" if report.published_snapshot is not None else ""
    asked = f"feeds: {feeds}" if not report.slices else f"slices: {slices_line(report)}"
    if report.reread:
        counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report.reread.items() if count)
        asked = f"pages read again: {counts or 'none'}"
    return (
        f"{asked}; URLs discovered: {report.discovered}; pages asked for: {report.fetched}; {seconds:.1f} s"
        f"{published}\nledger: {report.ledger_discovered} discovered = {ledger or 0}"
    )


def slices_line(report: RunReport) -> str:
    """How many slices of a backfill stand where."""
    return ", ".join(f"{report.slices[state]} {state}" for state in SliceState if report.slices.get(state))


def as_json(report: RunReport) -> str:
    """The report as one JSON object; times in ISO 8601, UTC."""
    return json.dumps(dataclasses.asdict(report), default=plain, ensure_ascii=False)


def artifact_rows(report: RunReport) -> list[dict[str, Any]]:
    """Rows of the table artifact that Prefect shows with the run; the last one is the sum."""
    rows: list[dict[str, Any]] = [
        {"outcome": outcome.value, "reason": reason, "URLs": count}
        for outcome, reason, count in destinations(report.outcomes)
    ]
    return [*rows, {"outcome": "all", "reason": "", "URLs": totals(report.outcomes)}]
