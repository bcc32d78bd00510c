"""What holds for single outlets alone: outlets.toml, read once. Pure otherwise.

Its own knowledge is how to look a host up, not what the rules say: urls.py applies them.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("outlets.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRules:
    """The rules of one outlet; names of parameters in lower case."""

    drop: frozenset[str]  # parameters that say nothing about which page it is
    keep: frozenset[str]  # parameters that do, though their names are tracking elsewhere
    rewrites: tuple[tuple[re.Pattern[str], str], ...]  # applied in order to path and query


def outlet_host(host: str) -> str:
    """The host under which an outlet's pages are known: bbc.co.uk -> bbc.com. `host`: without www."""
    return _table()[0].get(host, host)


def rules_of(host: str) -> OutletRules | None:
    """The rules of the outlet that `host` belongs to; None: it has none."""
    _, by_host, by_domain = _table()
    found = by_host.get(host)
    while found is None and "." in host:
        found = by_domain.get(host)
        host = host.partition(".")[2]
    return found


@cache
def _table() -> tuple[dict[str, str], dict[str, OutletRules], dict[str, OutletRules]]:
    """Twin host -> host; host -> rules; domain, subdomains included -> rules."""
    twins: dict[str, str] = {}
    by_host: dict[str, OutletRules] = {}
    by_domain: dict[str, OutletRules] = {}
    for outlet in tomllib.loads(FILE.read_text(encoding="utf-8"))["outlet"]:
        hosts = [outlet["host"], *outlet.get("like", ())]
        twins |= dict.fromkeys(outlet.get("twins", ()), outlet["host"])
        rules = OutletRules(
            drop=frozenset(outlet.get("drop", ())),
            keep=frozenset(outlet.get("keep", ())),
            rewrites=tuple((re.compile(pattern), to) for pattern, to in outlet.get("rewrites", ())),
        )
        (by_domain if outlet.get("subdomains") else by_host).update(dict.fromkeys(hosts, rules))
    return twins, by_host, by_domain
