"""storywatch fetch: what one address gives, and why."""

from __future__ import annotations

import dataclasses
import json as jsonlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import options
from flows.commands.exits import Exit
from flows.plain import plain

if TYPE_CHECKING:
    from flows.trial import Answered, Trial


def command(
    url: Annotated[str, typer.Argument(metavar="URL", help="A web address.")],
    story: options.Story = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Write the body, its content codings undone.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Fetch one page as a run would and tell what came and why. Nothing is written to the warehouse.

    Exits with 0 for an article, 1 for anything else, 2 for what is no web address, 3 when its server can't be reached.

    [bold]JSON[/bold]: url, target (what a link of an aggregator leads to), is_article, reason (article, or a reason of
    the ledger), detail, status, transient, attempts, elapsed_seconds, retry_after_seconds, robots_decision (allowed,
    forbidden, unavailable, not asked), robots (a list of url, status, reason, detail), answer (final_url, redirects,
    headers, content_type, charset, codings, wire_bytes, decoded_bytes), article (title, outlet, language, words,
    authors, published_at, published_precision, published_source, canonical_link), story (story, relevance, score, rule,
    is_taken, because). What was not reached is null.

    [bold]Examples[/bold]

    \b
    storywatch fetch https://outlet.example/article
    storywatch fetch https://outlet.example/article --json | jq .reason
    storywatch fetch https://outlet.example/article --save page.html
    """
    from extractors.errors import SettingsError
    from extractors.story import load_story
    from flows.settings import load_settings, seed_file
    from flows.trial import try_url
    from flows.world import current_world

    settings = load_settings({"story_file": story})
    watched = load_story(seed_file("story.toml", settings.story_file, settings))
    trial, body = try_url(url, settings, current_world(), watched)
    if json:
        print(jsonlib.dumps(dataclasses.asdict(trial), default=plain, ensure_ascii=False))
    else:
        print("\n".join(lines(trial)))
    if save is not None and trial.answer is None:
        print("storywatch: no body came; nothing is saved", file=sys.stderr)
    elif save is not None:
        try:
            save.write_bytes(body)
        except OSError as error:
            raise SettingsError(
                "--save", str(save), f"can't be written: {error.strerror}", "the command line"
            ) from None
    if not trial.is_article:
        raise typer.Exit(Exit.NO_NETWORK if trial.is_unreachable else Exit.ATTENTION)


def lines(trial: Trial) -> Iterator[str]:
    """The trial for people: one fact a line."""
    yield trial.url
    if trial.target:
        yield f"  leads to      {trial.target}"
    yield f"  outcome       {trial.reason}" + (f": {trial.detail}" if trial.detail else "")
    if trial.transient:
        wait = f", not before {trial.retry_after_seconds:.0f} s" if trial.retry_after_seconds else ""
        yield f"                may pass: a run would try again{wait}"
    yield f"  robots.txt    {trial.robots_decision}"
    for robots in trial.robots:
        yield f"                {robots.url}: {robots.status or '-'} {robots.reason} {robots.detail}".rstrip()
    yield f"  status        {trial.status or '(none)'}, attempts {trial.attempts}, {trial.elapsed_seconds:.2f} s"
    if trial.answer is not None:
        yield from _answer_lines(trial.answer)
    if trial.article is not None:
        article = trial.article
        yield f"  title         {article.title}"
        yield f"  outlet        {article.outlet}, {article.language or 'language unknown'}, {article.words} words"
        date = f"{article.published_at:%Y-%m-%d %H:%M}Z" if article.published_at else "not known"
        yield f"  published     {date}" + (
            f", precise to the {article.published_precision}" if article.published_at else ""
        )
        if article.canonical_link:
            yield f"  names itself  {article.canonical_link}"
    if trial.story is not None:
        standing = trial.story
        taken = "taken" if standing.is_taken else "not taken"
        how = f"{standing.relevance}, score {standing.score:.2f}, {standing.because}"
        yield f"  story         {standing.story}: {taken}, {how}"


def _answer_lines(answer: Answered) -> Iterator[str]:
    for hop in answer.redirects[1:]:
        yield f"  redirected    {hop}"
    if answer.redirects:
        yield f"  answered by   {answer.final_url}"
    codings = ", ".join(answer.codings) or "none"
    yield f"  body          {answer.content_type or 'no content type'}, read as {answer.charset or 'nothing'}"
    yield f"                {answer.wire_bytes} bytes sent, {answer.decoded_bytes} decoded, content coding {codings}"
    for name, value in answer.headers.items():
        if name not in ("content-type", "content-encoding"):
            yield f"  {name:<13} {value}"
