"""Web archives (WARC 1.0 and 1.1, plain or gzip, as Common Crawl publishes them) -> the pages in them. Reads alone:
extractors/archive.py writes. Nothing is fetched, and nothing is held but the record that is being read.

    file --fastwarc--> response record --codings undone--> Response --page_head--> headline, summary

A record that can't be read is a Broken among the others: reading goes on at the next place where a record begins, also
where a record says that it is longer than what is left of the file.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TypeVar

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from extractors.charsets import decode
from extractors.decoding import BodyDecoder, content_codings
from extractors.errors import FetchError
from extractors.plaintext import folded
from extractors.records import Response

# Bytes of a page in which its headline and summary are looked for: the head of a page, with what templates put there.
HEAD_BYTES = 64 * 1024
_SEARCHED_BYTES = 1 << 16  # read at a time while looking for the next record
# Damaged places of a file after which reading goes on; each costs a search, and a file made of nothing else must end.
MAX_DAMAGED = 5_000
_YEARS = range(1990, 2100)  # in which a page can have been crawled
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_GZIP_MEMBER = b"\x1f\x8b\x08"
_RECORD_START = b"WARC/"
_PLAIN_START = re.compile(rb"\nWARC/\d\.\d{1,2}\r?\n[A-Za-z][A-Za-z-]{0,40}:")
_LONGEST_START = 64  # bytes of the longest match of these
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_BODY = re.compile(rb"(?i)<body\b")
_TITLE = re.compile(r"(?is)<title\b[^>]*>(.*?)</title")
_META = re.compile(r"(?is)<meta\b[^>]*>")
_ATTRIBUTE = re.compile(r"""(?is)\b(name|property|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


@dataclass(frozen=True, slots=True)
class Broken:
    """A record of which nothing can be used, and why."""

    problem: str


@dataclass(frozen=True, slots=True)
class NoPage:
    """A sound record that holds no text page: another type or status, no body, or one beyond the cap."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A record that was not wanted, and not looked into."""


Found = Response | Broken | NoPage | Passed
T = TypeVar("T")


class NoArchive(Exception):
    """The file holds no WARC record at all."""


class _CutOff(Exception):
    """The file ends within a record, or so its length says."""


def pages_in(
    path: Path, *, max_body_bytes: int, wanted: Callable[[int], bool] = lambda number: True
) -> Iterator[tuple[int, Found]]:
    """(number from 1, what it holds) of each response record of a file, in order; what is broken between two records
    has the number of the one before it. The numbers are the same for the same file, whatever is wanted.

    Raises NoArchive when there is no record in it, OSError when it can't be read.
    """

    def read(number: int, record: WarcRecord) -> Found:
        return _found(record, max_body_bytes) if wanted(number) else passed(record)

    return read_records(path, read)


def read_records(path: Path, read: Callable[[int, WarcRecord], T]) -> Iterator[tuple[int, T | Broken]]:
    """As pages_in, but with what `read` makes of the number and the record, of which it has to go to the end."""
    number, begins, damaged = 0, 0, 0
    told = -1  # the number at which something broken was last told
    with path.open("rb") as file:
        while True:
            file.seek(begins)
            last = begins
            try:
                for record in ArchiveIterator(file, parse_http=False):
                    last = begins + record.stream_pos
                    if record.record_type == WarcRecordType.response:
                        number += 1
                        found = read(number, record)
                        told = number if isinstance(found, Broken) else told
                        yield number, found
                    else:
                        pass_over(record)
                return
            except (OSError, _CutOff) as error:
                problem = str(error)
            damaged += 1
            again = _next_record(file, last + 1) if damaged <= MAX_DAMAGED else None
            if again is None and not number:
                raise NoArchive(problem)
            if told != number:  # once for each gap; it has no number of its own, as nobody knows what is lost there
                told = number
                yield max(number, 1), Broken(f"after byte {last}: {problem}")
            if again is None:
                return
            begins = again


def page_head(response: Response) -> tuple[str, str]:
    """Headline and summary of a page by its first HEAD_BYTES, as a feed would have them; empty: none. Cheap."""
    start = response.body[:HEAD_BYTES]
    body = _BODY.search(start)
    text = decode(start[: body.start()] if body else start, response.headers.get("content-type"))[0]
    metas: dict[str, str] = {}
    for element in _META.findall(text):
        fields = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(element)}
        name = fields.get("property") or fields.get("name")
        if name and fields.get("content"):
            metas.setdefault(name.lower(), fields["content"])
    titled = _TITLE.search(text)
    title = metas.get("og:title") or (titled[1] if titled else "")
    summary = metas.get("og:description") or metas.get("description", "")
    return folded(html.unescape(title)), folded(html.unescape(summary))


def passed(record: WarcRecord) -> Passed:
    """Go to the end of a record that is not wanted."""
    pass_over(record)
    return Passed()


def pass_over(record: WarcRecord) -> None:
    """Go to the end of a record. Raises _CutOff where the file ends before it."""
    announced = record.content_length
    passed = record.reader.consume(announced)
    if passed < announced:
        raise _CutOff(f"cut off after {passed} of {announced} bytes")


def _crawled_at(record: WarcRecord) -> datetime | None:
    """When a record was made, in UTC; None where it has no date, or one that no page can have."""
    try:
        at = record.record_date.astimezone(UTC) if record.record_date else None
    except (OverflowError, ValueError):  # 0001-01-01T00:00:00+14:00
        return None
    return at if at is not None and at.year in _YEARS else None


def _found(record: WarcRecord, max_body_bytes: int) -> Found:
    record.parse_http()
    fields = record.http_headers
    url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
    crawled_at = _crawled_at(record)
    if fields is None or crawled_at is None or not url.lower().startswith(("http://", "https://")):
        pass_over(record)
        return Broken("a response without an address, a date or a head")
    headers = {name.lower(): value for name, value in fields.items()}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if fields.status_code != 200 or media_type not in _PAGE_TYPES or record.content_length > max_body_bytes:
        pass_over(record)
        return NoPage()
    announced = record.content_length
    raw: bytes = record.reader.read(announced)
    if len(raw) < announced:
        raise _CutOff(f"{url}: cut off after {len(raw)} of {announced} bytes")
    if "chunked" in headers.get("transfer-encoding", "").lower():
        raw = unchunked(raw)
    try:
        decoder = BodyDecoder(url, content_codings(headers.get("content-encoding")), max_body_bytes)
        decoder.feed(raw)
        body = decoder.finish()
    except FetchError as error:
        return Broken(f"{url}: {error.reason}: {error.detail}")
    if not body.strip():
        return NoPage()
    return Response(
        url=url,
        final_url=url,
        status=200,
        headers=headers,
        body=body,
        fetched_at=crawled_at,
        elapsed_seconds=0.0,
        wire_bytes=len(raw),
        attempts=0,
    )


def unchunked(raw: bytes) -> bytes:
    """A body with its chunks joined (RFC 9112, 7.1); what is not in chunks, as archives often have it, as it is."""
    parts: list[bytes] = []
    position = 0
    while size := _CHUNK_SIZE.match(raw, position):
        length = int(size[1], 16)
        if length == 0:
            return b"".join(parts)
        if not parts and size.end() + length > len(raw):
            return raw
        parts.append(raw[size.end() : size.end() + length])
        position = size.end() + length
        position += 2 if raw[position : position + 2] == b"\r\n" else raw[position : position + 1] == b"\n"
    return raw if not parts or position < len(raw) else b"".join(parts)


def _next_record(file: IO[bytes], start: int) -> int | None:
    """Where the next record begins from `start` on; None: nowhere."""
    file.seek(0)
    is_packed = file.read(2) == _GZIP_MEMBER[:2]
    position = start
    while True:
        file.seek(position)
        piece = file.read(_SEARCHED_BYTES)
        if not is_packed and (begins := _PLAIN_START.search(piece)):
            return position + begins.start() + 1
        at = piece.find(_GZIP_MEMBER) if is_packed else -1
        while at >= 0:
            if _begins_a_record(file, position + at):
                return position + at
            at = piece.find(_GZIP_MEMBER, at + 1)
        if len(piece) < _SEARCHED_BYTES:
            return None
        position += len(piece) - _LONGEST_START


def _begins_a_record(file: IO[bytes], position: int) -> bool:
    file.seek(position)
    try:
        return zlib.decompressobj(wbits=31).decompress(file.read(512), len(_RECORD_START)) == _RECORD_START
    except zlib.error:
        return False
