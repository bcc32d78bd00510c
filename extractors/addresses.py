"""Which IP addresses may be connected to, and which host names are addresses in disguise. Pure: nothing is looked up.

Not the guard itself: `http.py` asks here from its socket factory, about the address that is really connected to, after
every look-up and every redirect. A name can't be judged; only what it leads to can.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# IANA IPv4 Special-Purpose Address Registry (RFC 6890 and later), plus multicast and what clouds keep for themselves.
_CLOSED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network (RFC 791)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598); a metadata service of one cloud lives there
        "127.0.0.0/8",  # loopback (RFC 1122)
        "168.63.129.16/32",  # a public address that one cloud answers from inside the host
        "169.254.0.0/16",  # link-local (RFC 3927); metadata services of most clouds
        "172.16.0.0/12",  # private (RFC 1918)
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.88.99.0/24",  # 6to4 relays, withdrawn (RFC 7526)
        "192.168.0.0/16",  # private (RFC 1918)
        "198.18.0.0/15",  # benchmarking (RFC 2544)
        "198.51.100.0/24",  # documentation (RFC 5737)
        "203.0.113.0/24",  # documentation (RFC 5737)
        "224.0.0.0/4",  # multicast (RFC 5771)
        "240.0.0.0/4",  # reserved (RFC 1112), with the broadcast address
    )
)

# Of IPv6 only global unicast is in use. Outside it: ::, ::1, IPv4-mapped, NAT64 (64:ff9b::/96, 64:ff9b:1::/48),
# discard 100::/64, unique-local fc00::/7, link-local fe80::/10, site-local fec0::/10, multicast ff00::/8.
_OPEN_V6 = IPv6Network("2000::/3")
_CLOSED_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments (RFC 2928): Teredo 2001::/32, benchmarking, ORCHID
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4 (RFC 3056): holds any IPv4 address
        "3fff::/20",  # documentation (RFC 9637)
    )
)

_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_LONGEST_NUMBER = 40  # characters: 2**32 in octal with a good many leading zeros; more is no address that people write


def is_public(address: str | IPv4Address | IPv6Address) -> bool:
    """True if a host of the public internet can have this address.

    False for private, loopback, link-local, shared, reserved, multicast and documentation ranges, for every IPv6 form
    that carries an IPv4 address inside (mapped, NAT64, 6to4, Teredo), for addresses with a zone, and for what is no
    IP address at all.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _CLOSED_V4)
    return ip.scope_id is None and ip in _OPEN_V6 and not any(ip in network for network in _CLOSED_V6)


def host_literal(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a URL's host spells, None if the host is a name.

    `host`: without port, with or without brackets and final dot. IPv4 in every spelling that inet_aton and browsers
    take (WHATWG URL, 3.5): 127.1, 2130706433, 0x7f.1, 0177.0.0.1. Raises ValueError for a host that ends in a number
    and is no address, such as 1.2.3.4.5 or 256.0.0.1, and for a malformed IPv6 address.
    """
    if ":" in host or host.startswith("["):
        return IPv6Address(host.removeprefix("[").removesuffix("]"))
    labels = host.removesuffix(".").split(".")
    if not _NUMBER.fullmatch(labels[-1]):
        return None
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        raise ValueError(f"{host!r} ends in a number and is no IPv4 address")
    *heads, last = (_number(label) for label in labels)
    if any(number > 255 for number in heads) or last >= 256 ** (4 - len(heads)):
        raise ValueError(f"{host!r} is beyond the range of an IPv4 address")
    return IPv4Address(last + sum(number << 8 * (3 - place) for place, number in enumerate(heads)))


def _number(label: str) -> int:
    """One part of an IPv4 address: decimal, octal after a leading 0, hexadecimal after 0x."""
    if len(label) > _LONGEST_NUMBER:
        raise ValueError(f"a number of {len(label)} digits is no part of an IPv4 address")
    if label[:2] in ("0x", "0X"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if len(label) > 1 and label[0] == "0" else 10)


def is_public_looking(host: str) -> bool:
    """Whether a host name, as an address has it, can lead to a public server at all. Only a look-up tells for sure.

    False for IP addresses in any spelling, names without a point and names that never leave a network (RFC 6761).
    """
    if "." not in host or host.startswith("[") or host.endswith((".localhost", ".local", ".internal")):
        return False
    return not host.rpartition(".")[2].isdigit()
