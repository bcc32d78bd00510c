"""robots.txt read and asked (RFC 9309), by protego. Pure: `http.py` fetches it and keeps the result.

protego decides on the rules of a group; which group is ours is decided here, by the RFC: the one that names our product
token, else "*". That also keeps strangers' groups away from protego, which takes minutes for 30,000 of them.
"""

from __future__ import annotations

import re

from protego import Protego

MAX_ROBOTS_BYTES = 500 * 1024  # what RFC 9309, 2.5 makes us read; the rest is ignored
_MOST_RULES = 10_000  # lines of our groups: the largest honest files have some 5,000; each costs about 1 KB of memory
# protego reads the name with a blank or without, and the value with a colon or without; so do we.
_AGENT_LINE = re.compile(r"\s*user[- ]?agent\s*(?::|\s)\s*(?P<token>[^\s/]*)", re.IGNORECASE | re.ASCII)
_SITE_WIDE_LINE = re.compile(r"(site-?maps?|host)\b", re.IGNORECASE)  # belongs to no group, and ends none


class RobotsRules:
    """What one robots.txt lets one crawler do."""

    def __init__(self, text: str, user_agent: str) -> None:
        """`user_agent`: the whole header; its product token (what stands before the first slash or space) counts."""
        self._token = product_token(user_agent)
        self._rules = Protego.parse(_our_groups(text, self._token))

    def allows(self, url: str) -> bool:
        return self._rules.can_fetch(url, self._token)

    def crawl_delay_seconds(self, cap_seconds: float) -> float:
        """The delay that is asked for, in [0, cap_seconds]; 0.0: none is."""
        delay = self._rules.crawl_delay(self._token)
        return min(max(delay, 0.0), cap_seconds) if delay is not None else 0.0


def parse_robots(body: bytes, user_agent: str) -> RobotsRules:
    """The rules of a robots.txt as it came, whatever it is: never an error. Only the first 500 KiB count."""
    return RobotsRules(body[:MAX_ROBOTS_BYTES].decode("utf-8-sig", "replace"), user_agent)


def product_token(user_agent: str) -> str:
    """The part of a User-Agent that robots.txt names (RFC 9309, 2.2.1), in lower case."""
    return re.split(r"[/\s]", user_agent.strip(), maxsplit=1)[0].lower()


def _our_groups(text: str, token: str) -> str:
    """The lines of the groups that name `token`, or, if there is none, of those that name "*"."""
    groups: dict[str, list[str]] = {token: [], "*": []}
    named: set[str] = set()  # which of the two the current group is for
    is_named = False  # a group for our token was seen, be it empty
    in_names = False  # the last line was a User-agent line
    for line in text.splitlines():
        content = line.partition("#")[0].strip()
        agent = _AGENT_LINE.match(content)
        if agent:
            name = agent["token"].lower()
            named = (named if in_names else set()) | ({name} & groups.keys())
            is_named, in_names = is_named or name == token, True
        elif content and not _SITE_WIDE_LINE.match(content):
            in_names = False
            for name in named:
                if len(groups[name]) < _MOST_RULES:
                    groups[name].append(content)
    return "\n".join(["User-agent: *", *groups[token if is_named else "*"]])
