"""storywatch why: what became of a URL."""

from __future__ import annotations

import dataclasses
import json as jsonlib
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit
from flows.plain import plain

if TYPE_CHECKING:
    from warehouse.reports import WhyReport


def command(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="As a feed shows it, as published, or in another spelling.")
    ],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Tell the whole way of a URL: who showed it, what was decided when and why, what it is a copy of.

    Exits with 1 when no feed ever showed it.

    [bold]Examples[/bold]

    \b
    storywatch why https://outlet.example/an-article
    storywatch why --json "https://outlet.example/an-article?utm_source=rss"
    """
    from extractors.errors import BadUrl, SettingsError
    from extractors.urls import canonical_url
    from flows.commands.reading import best_source
    from flows.settings import load_settings
    from warehouse import read
    from warehouse.connect import DataDir

    settings = load_settings({"data_dir": data})
    with best_source(DataDir(settings.data_dir)) as (con, source):
        report = read.why(con, url)
        if report is None:
            with_scheme = url if "://" in url else f"https://{url}"
            try:
                report = read.why(con, canonical_url(with_scheme))
            except BadUrl as error:
                raise SettingsError("URL", url, error.detail, "the command line") from None
    if report is None:
        print(f"storywatch: no feed ever showed {url} (read from {source})", file=sys.stderr)
        raise typer.Exit(Exit.ATTENTION)
    if json:
        told = dataclasses.asdict(report) | {"read_from": dataclasses.asdict(source)}
        print(jsonlib.dumps(told, default=plain, ensure_ascii=False))
    else:
        print("\n".join([*lines(report), f"read from       {source}"]))


def lines(report: WhyReport) -> Iterator[str]:
    """The report for people: one fact a line, times in UTC."""
    entry, article, match, verdict = report.entry, report.article, report.match, report.verdict
    yield f"{entry.url}"
    yield f"  stands        {report.outcome}: {report.reason}" + (f" ({report.detail})" if report.detail else "")
    if report.next_attempt_at:
        yield f"  next attempt  {_time(report.next_attempt_at)}"
    yield f"  headline      {entry.title or '(none)'}"
    yield f"  shown by      {report.feed_name or entry.feed_url} ({entry.feed_url})"
    yield f"  published     {_published(entry.published_at, entry.published_precision)}, as the feed says"
    if entry.published_at is None and entry.published_raw:
        yield f"                (its words: {entry.published_raw!r})"
    if entry.canonical_url != entry.url:
        yield f"  canonical     {entry.canonical_url}"
    for spelling in report.spellings:
        yield f"  also shown as {spelling}"
    yield f"{_time(entry.first_seen_at)}  discovered (run {report.run_id})"
    told = [
        (fetch.at, f"fetched: {fetch.status or '-'} {fetch.reason} {fetch.detail}".rstrip()) for fetch in report.fetches
    ]
    told += [
        (decision.at, f"{decision.outcome}: {decision.reason}" + (f": {decision.detail}" if decision.detail else ""))
        for decision in report.decisions
    ]
    for at, what in sorted(told, key=lambda one: one[0]):
        yield f"{_time(at)}  {what}"
    if article:
        yield f"article         {article.url}"
        yield f"  title         {article.title}"
        yield f"  outlet        {article.outlet}, {article.language or 'language unknown'}, {article.word_count} words"
        yield f"  published     {_published(article.published_at, article.published_precision)}" + (
            f", from the {article.published_source}" if article.published_source else ""
        )
    if match:
        groups = ", ".join(f"{hit.group} x{hit.count} ({hit.field})" for hit in match.hits)
        yield f"  story         {match.relevance}, score {match.score:.2f}, by {match.rule}"
        yield f"  matched       {groups or 'nothing'}"
    if verdict:
        of = (
            f" of {verdict.of}" + (f" ({report.verdict_of_title})" if report.verdict_of_title else "")
            if verdict.of
            else ""
        )
        yield f"  verdict       {verdict.kind}{of}"
        yield f"                containment {verdict.containment:.2f}, threshold {verdict.containment_threshold:g}"
        yield f"                resemblance {verdict.resemblance:.2f}, threshold {verdict.resemblance_threshold:g}"
        yield f"                {verdict.shared_shingles} shared shingles"
        yield f"  copies        {report.copies}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def _published(at: datetime | None, precision: str | None) -> str:
    if at is None:
        return "not known"
    return f"{at:%Y-%m-%d}" if precision == "day" else _time(at)
