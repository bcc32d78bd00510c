"""What an item of a news search says besides: whose article it is. Pure; called by feeds.py alone.

A search's link leads to the search, which sends readers on (redirectors.py knows where to); the outlet stands in
<source url="...">, as RSS 2.0 has it, and Google puts its name behind the headline. The source of any other feed's item
is the feed that it was taken from, which says less than its link does.
"""

from __future__ import annotations

from dataclasses import replace

from extractors.errors import BadUrl
from extractors.feed_items import FeedItem
from extractors.urls import host_of

GOOGLE_HOST = "news.google.com"


def attributed(item: FeedItem, source_name: str, source_url: str) -> FeedItem:
    """The item with the outlet that Google News names, its name off the headline; any other item as it is.

    Google's description is the headline again, with those of other outlets: no summary, and left out.
    """
    if not any(_host(link) == GOOGLE_HOST for link in item.links):
        return item
    return replace(item, title=_headline(item.title, source_name), summary="", outlet=_host(source_url))


def _headline(title: str, source_name: str) -> str:
    ending = f" - {source_name.strip()}"
    is_ending = len(ending) > 3 and title.casefold().endswith(ending.casefold())
    return title[: -len(ending)].rstrip() if is_ending else title


def _host(url: str) -> str | None:
    try:
        return host_of(url)
    except BadUrl:
        return None
