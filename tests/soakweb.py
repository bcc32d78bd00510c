"""The web of the soak test: feeds and pages on many hosts, one in ten of them at fault. A process of its own.

    python -m tests.soakweb SCALE FEEDS_FILE

Prints one line of JSON with its port and what is planted; when its input ends, one line with the log of all requests:
[host, start, end, what for], in its own seconds.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from extractors.records import FetchKind
from tests.fakeweb import FakeWeb
from tests.faultweb import FEED_FAULTS, HTML, PAGE_FAULTS, ROBOTS_FAULTS, Fault, html, item, rss
from tests.test_collecting import story

HOSTS, FEEDS_PER_HOST, PAGES_PER_FEED = 100, 3, 10
FAULTY_EVERY = 10
# Left out: what needs a look-up of its own, what makes a host rest (it would take its sound pages with it), and pages
# of megabytes that take the extractor all of its time. test_faults.py has them.
LEFT_OUT = frozenset({22, 23, 24, 25, 40})
UNSUITED = frozenset({"giant-node"})


@dataclass
class Planted:
    """What the tables must say afterwards: address -> reason; "loaded" for a page that is stored as a copy or not."""

    port: int
    pages: dict[str, str] = field(default_factory=dict)
    feeds: dict[str, str] = field(default_factory=dict)
    robots: dict[str, str] = field(default_factory=dict)


def suited(faults: tuple[Fault, ...]) -> list[Fault]:
    return [fault for fault in faults if fault.row not in LEFT_OUT and fault.name not in UNSUITED]


def plant(web: FakeWeb, scale: float) -> Planted:
    """Every tenth feed, page and robots.txt is at fault, all kinds in turn; a faulty feed shows no page."""
    planted = Planted(web.http_port)
    of_pages, of_feeds = suited(PAGE_FAULTS), [fault for fault in suited(FEED_FAULTS) if not fault.outcome]
    of_robots = [fault for fault in ROBOTS_FAULTS if fault.reason == "ok"]
    pages = feeds = 0
    for host in range(round(HOSTS * scale)):
        origin = f"http://soak-{host}.example"
        if host % FAULTY_EVERY == 5:
            fault = of_robots[host // FAULTY_EVERY % len(of_robots)]
            fault.plant(web, f"{origin}/robots.txt")
            planted.robots[f"{origin}/robots.txt"] = fault.reason
        for number in range(FEEDS_PER_HOST):
            url = f"{origin}/rss/{number}"
            feeds += 1
            shown = [f"{origin}/{number}/{page}" for page in range(PAGES_PER_FEED)]
            if feeds % FAULTY_EVERY == 0:
                fault = of_feeds[feeds // FAULTY_EVERY % len(of_feeds)]
                fault.plant(web, url)
                planted.feeds[url] = fault.reason
                web.serve(f"{origin}/rss", rss("".join(map(item, shown))))  # another feed shows its pages
                planted.feeds[f"{origin}/rss"] = "ok"
            else:
                web.serve(url, rss("".join(map(item, shown))), etag=f'"{number}"')
                planted.feeds[url] = "ok"
            for page in shown:
                pages += 1
                if pages % FAULTY_EVERY == 0:
                    fault = of_pages[pages // FAULTY_EVERY % len(of_pages)]
                    fault.plant(web, page)
                    planted.pages[page] = "loaded" if fault.outcome == "loaded" else fault.reason
                else:
                    web.serve(page, html(story(pages), f"Page {pages}"), headers=HTML)
                    planted.pages[page] = "independent"
    return planted


def main() -> None:
    """Serve until the input ends."""
    with FakeWeb() as web:
        planted = plant(web, float(sys.argv[1]))
        Path(sys.argv[2]).write_text(
            "".join(f'[[feed]]\nname = "{url}"\nurl = "{url}"\n' for url in planted.feeds), "utf-8"
        )
        print(json.dumps(asdict(planted)), flush=True)
        sys.stdin.read()
        log = list(web.log)
    print(json.dumps([(hit.host, hit.started_at, hit.ended_at or hit.gone_at, kind_of(hit.path)) for hit in log]))


def kind_of(path: str) -> FetchKind:
    if path == "/robots.txt":
        return FetchKind.ROBOTS
    return FetchKind.FEED if path.startswith("/rss") else FetchKind.PAGE


if __name__ == "__main__":
    main()
