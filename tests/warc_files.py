"""WARC files for tests, written by hand so that they can be broken by hand."""

from __future__ import annotations

import gzip


def record(
    url: str, body: bytes, *, content_type: str = "text/html; charset=utf-8", status: str = "200 OK", **headers: str
) -> bytes:
    """A response record. `headers`: further fields of the HTTP head, _ for -."""
    fields = {"Content-Type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    head = f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    return _framed("response", url, head.encode() + body)


def request(url: str) -> bytes:
    """A request record, as archives have one beside each response."""
    return _framed("request", url, b"GET / HTTP/1.1\r\nHost: x.example\r\n\r\n")


def _framed(kind: str, url: str, block: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2025-10-16T18:30:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{len(block):012}>\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def packed(records: list[bytes]) -> list[bytes]:
    """Each record a gzip member of its own, as Common Crawl does it."""
    return [gzip.compress(one, mtime=0) for one in records]
