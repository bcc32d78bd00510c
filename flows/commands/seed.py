"""storywatch seed: the articles that others are held against."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from flows.commands import options

app = typer.Typer(no_args_is_help=True, help="The articles that others are held against.")
SEEDS_HERE = Path("seeds")


@app.callback()
def seed() -> None:
    """The articles that others are held against."""


@app.command("list")
def list_seeds(json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """List the seeds: those of ./seeds first, then the packaged ones.

    [bold]Examples[/bold]

    \b
    storywatch seed list
    storywatch seed list --json
    """
    from extractors.seeds import load_seeds
    from flows.commands.show import rows_table, stdout_console
    from flows.settings import load_settings, seed_folders

    seeds = load_seeds(seed_folders(load_settings()))
    if json:
        names = ("slug", "title", "url", "outlet", "language", "published_at", "facts")
        print(
            jsonlib.dumps([{name: getattr(s, name) for name in names} for s in seeds], ensure_ascii=False, default=str)
        )
        return
    columns = ("slug", "title", "outlet", "language", "published", "facts", "shingles")
    rows = (
        (
            s.slug,
            s.title,
            s.outlet,
            s.language,
            s.published_at and s.published_at.date(),
            len(s.facts),
            len(s.fingerprint.shingles),
        )
        for s in seeds
    )
    stdout_console().print(rows_table(columns, rows))


@app.command("add")
def add(
    source: Annotated[str, typer.Argument(metavar="FILE|URL", help="A text file, an HTML file or a web address.")],
    slug: Annotated[str | None, typer.Option(help="Name of the seed and its file.  [default: from the title]")] = None,
    title: Annotated[
        str | None, typer.Option(help="Headline.  [default: the page's; of a text file its first line]")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Where the article was first seen; needed for a file.")] = None,
    outlet: Annotated[str | None, typer.Option(help="Host of the outlet.  [default: from the address]")] = None,
    published: Annotated[
        str | None, typer.Option(help="ISO 8601 date or time with zone.  [default: the page's]")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Such as en.  [default: the page's]")] = None,
    fact: Annotated[list[str] | None, typer.Option(help="A fact in your own words; may be given again.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a seed of the same name.")] = False,
    keep_text: Annotated[
        bool, typer.Option("--keep-text", help="Keep the text too, in the private warehouse; it is never published.")
    ] = False,
    data: options.Data = None,
) -> None:
    """Make ./seeds/SLUG.toml: facts in your own words and a fingerprint, from which the text can't be read back.

    [bold]Examples[/bold]

    \b
    storywatch seed add https://outlet.example/article --fact "Both sides named a place"
    storywatch seed add article.html --url https://outlet.example/article
    storywatch seed add article.txt --url https://outlet.example/article --language en --published 2025-10-16
    """
    from extractors.errors import SettingsError
    from extractors.seeds import load_seed, write_seed
    from flows.seeding import Given, seed_and_text_from
    from flows.world import World

    given = Given(
        slug=slug, title=title, url=url, outlet=outlet, published=published, language=language, facts=fact or ()
    )
    made, text = seed_and_text_from(source, given, World())
    if (SEEDS_HERE / f"{made.slug}.toml").exists() and not force:
        allowed = "there is a seed of this name in ./seeds; choose another with --slug, or --force"
        raise SettingsError("--slug", made.slug, allowed, "the command line")
    with TemporaryDirectory() as trial:  # what load_seed refuses must not lie in ./seeds, where every run would meet it
        load_seed(write_seed(made, Path(trial)))
    path = write_seed(made, SEEDS_HERE)
    if keep_text:
        _keep(made.slug, text, data)
    print(f"{path}: {made.title!r}, {len(made.fingerprint.shingles)} shingles, {len(made.facts)} facts")
    if not made.facts:
        print("Add facts in your own words to the file; they tell the next person what this seed says.")


def _keep(slug: str, text: str, data: Path | None) -> None:
    from flows.settings import load_settings
    from warehouse import load
    from warehouse.connect import DataDir, writer

    settings = load_settings({"data_dir": data})
    with writer(DataDir(settings.data_dir), wait_seconds=settings.writer_wait_seconds) as con:
        load.keep_seed_text(con, slug, text, "seed add")
