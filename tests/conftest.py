"""What holds in every test: nothing leaves this machine.

The guard is an audit hook, so that C libraries and threads meet it as well: connecting or sending to an address off
loopback, and looking up a name that is not this machine's, raise an AssertionError. Local sockets (AF_UNIX) pass.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from tests import warm

_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKING_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_OWN_NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost", socket.gethostname()})


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if event in _SENDING:
        own, place = arguments[0], arguments[1]
        is_internet = isinstance(own, socket.SocketType) and own.family in (socket.AF_INET, socket.AF_INET6)
        if is_internet and isinstance(place, tuple) and not _is_local(str(place[0])):
            raise AssertionError(f"a test may not send to {place[0]}")
    elif event in _LOOKING_UP:
        host = arguments[0]
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
        if name.lower().rstrip(".") not in _OWN_NAMES and not _is_address(name):
            raise AssertionError(f"a test may not look up {name}")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_local(host: str) -> bool:
    """True for loopback, in either family, and for the names that lead there."""
    if not _is_address(host):
        return host in _OWN_NAMES
    ip = ip_address(host)
    mapped = getattr(ip, "ipv4_mapped", None)
    return ip.is_loopback or ip.is_unspecified or (mapped is not None and mapped.is_loopback)


sys.addaudithook(_guard)


@pytest.fixture(scope="session", autouse=True)
def shared() -> Iterator[None]:
    """See warm.py."""
    with pytest.MonkeyPatch.context() as patch:
        warm.share(patch)
        yield
    warm.end()


# Files that take minutes: begun first, so that none is left alone at the end (see SIDE_BY_SIDE in the Makefile).
_LONGEST = (
    "test_up",
    "test_monitor",
    "test_kills",
    "test_soak_warehouse",
    "test_soak",
    "test_faults",
    "test_gate_extraction",
    "test_real",
    "test_backfill_kill",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
