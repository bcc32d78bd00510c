"""Write flows/replay/seeds/: feeds.toml and the two demo seeds, from the replay's own articles.

    python -m tools.replay_seeds

Run it after a change of the replay's outlets or seed articles, or of the fingerprint's format; a test compares.
"""

from __future__ import annotations

import json
from pathlib import Path

from extractors.fingerprints import seed_fingerprint
from extractors.records import Feed, Seed
from extractors.seeds import write_seed
from flows.replay import REPLAY_SEEDS
from flows.replay.site import feeds, load_site


def demo_seeds() -> tuple[Seed, ...]:
    """The articles of the replay that are marked as seeds."""
    site = load_site()
    return tuple(
        Seed(
            slug=article.seed.slug,
            title=article.headline,
            url=site.url(article),
            outlet=site.outlet(article.outlet).host.removeprefix("www."),
            language=site.outlet(article.outlet).language,
            published_at=article.published,
            published_precision="second",
            facts=article.seed.facts,
            fingerprint=seed_fingerprint(article.text),
        )
        for article in site.articles
        if article.seed is not None
    )


def feed_table(feed: Feed) -> str:
    """One [[feed]] of feeds.toml. JSON strings are TOML strings too."""
    return "".join(
        f"{key} = {json.dumps(str(value), ensure_ascii=False)}\n"
        for key, value in [
            ("url", feed.url),
            ("name", feed.name),
            ("outlet", feed.outlet),
            ("language", feed.language),
            ("kind", feed.kind.value),
        ]
        if value is not None
    )


def write_all(folder: Path) -> None:
    """Write every file of the folder anew."""
    folder.mkdir(exist_ok=True)
    head = "# The feeds of the replay. Made by tools/replay_seeds.py from flows/replay/outlets.\n"
    tables = "".join(f"\n[[feed]]\n{feed_table(feed)}" for feed in feeds())
    (folder / "feeds.toml").write_text(head + tables, "utf-8")
    for seed in demo_seeds():
        write_seed(seed, folder)


if __name__ == "__main__":
    write_all(REPLAY_SEEDS)
