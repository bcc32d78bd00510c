"""The archive: the answers of pages as they came, one WARC 1.1 file per run, written before anything is read in them.

    Response --Archive.put--> <data>/archive/<run>.warc.gz --pages_of, archived--> Response, years later

Each record is a gzip member of its own, written in one go: a file is readable up to its last whole record, whatever
happened to the run. A record holds a valid HTTP message. Its body is as the extractor gets it, with its codings undone:
the fields that spoke of the transfer are renamed. What WARC has no field for stands in one of our own, as JSON. Not
here: feeds and robots.txt, which are not kept, and what becomes of old files (archive_trim.py).
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

from extractors.errors import ArchiveFailed
from extractors.records import Response
from extractors.warc import Broken, Passed, pass_over, passed, read_records

# zlib's own default. Measured: level 9 takes twice the time for 1 % less.
COMPRESSION_LEVEL = 6
SUFFIX = ".warc.gz"
_EXCHANGE = "Storywatch-Exchange"
# Fields that speak of the body as it was transferred, which is not the body that is kept. The prefix is warcio's.
_OF_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_RENAMED = "X-Archive-Orig-"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an archived page is, and what it is known by."""

    entry_url: str  # the ledger entry whose page it was taken for
    path: Path
    number: int  # of the response record in the file, from 1
    fetched_at: datetime


class Archive:
    """The file of one run, begun with its first page. Use as a context manager."""

    def __init__(self, folder: Path, run_id: str, *, software: str) -> None:
        self.path = folder / f"{run_id}{SUFFIX}"
        self._software = software
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def put(self, entry_url: str, response: Response) -> None:
        """Keep the answer that was taken for the page of a ledger entry. Raises ArchiveFailed."""
        record = packed(_page_record(entry_url, response), hashlib.sha1(response.body, usedforsecurity=False).digest())
        try:
            if self._file is None:
                self._file = self._begun()
            _append(self._file, record)
        except OSError as error:
            raise ArchiveFailed(self.path, error.strerror or str(error)) from error

    def sync(self) -> None:
        """What was put survives a power cut from now on. Raises ArchiveFailed."""
        if self._file is not None:
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                raise ArchiveFailed(self.path, error.strerror or str(error)) from error

    def _begun(self) -> IO[bytes]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("ab", buffering=0)
        _append(file, packed(_info_record(self.path.name, self._software)))
        return file


def packed(record: WarcRecord, payload_digest: bytes | None = None) -> bytes:
    """A record with its digests, as one gzip member."""
    content = io.BytesIO()
    with GzipWriter(content, compression_level=COMPRESSION_LEVEL) as writer:
        record.write(writer, checksum_data=True, payload_digest=payload_digest)
        writer.finish()
        return content.getvalue()


def files(folder: Path) -> list[Path]:
    """The files of an archive, the oldest run first."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def places_in(path: Path) -> Iterator[Place | Broken]:
    """The pages that a file holds, in the order in which they came; bodies are not looked into.

    Raises OSError when it can't be read, warc.NoArchive when there is no record in it.
    """

    def read(number: int, record: WarcRecord) -> Place | Broken:
        pass_over(record)
        return place_of(path, number, record)

    return (found for _, found in read_records(path, read))


def place_of(path: Path, number: int, record: WarcRecord) -> Place | Broken:
    """Of the response record with this number."""
    try:
        return Place(_exchange(record)["entry_url"], path, number, _moment(record))
    except (ValueError, KeyError, TypeError) as error:
        return Broken(f"record {number}: no page of ours: {type(error).__name__}: {error}")


def pages_of(path: Path, numbers: Collection[int]) -> Iterator[tuple[int, Response | Broken]]:
    """(number, page) of the records of a file with these numbers. Raises what places_in raises."""

    def read(number: int, record: WarcRecord) -> Response | Broken | Passed:
        return _response(record) if number in numbers else passed(record)

    for number, found in read_records(path, read):
        if not isinstance(found, Passed) and number in numbers:
            yield number, found


# -- writing ------------------------------------------------------------------------------------------------------


def _page_record(entry_url: str, response: Response) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(WarcRecordType.response)
    record.headers["WARC-Date"] = f"{response.fetched_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    record.headers["WARC-Target-URI"] = "".join(response.final_url.split())
    record.headers["Content-Type"] = "application/http; msgtype=response"
    exchange = {
        "entry_url": entry_url,
        "url": response.url,
        "final_url": response.final_url,
        "redirects": response.redirects,
        "elapsed_seconds": response.elapsed_seconds,
        "wire_bytes": response.wire_bytes,
        "attempts": response.attempts,
    }
    record.headers[_EXCHANGE] = json.dumps(exchange)
    record.set_bytes_content(_head(response) + response.body)
    return record


def _head(response: Response) -> bytes:
    """Status line and fields of an HTTP message with this body."""
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {response.status} {phrase}"]
    for name, value in response.headers.items():
        lines.append(f"{_RENAMED if name in _OF_TRANSFER else ''}{name}: {' '.join(value.splitlines())}")
    lines.append(f"Content-Length: {len(response.body)}")
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("utf-8", "surrogateescape")


def _info_record(name: str, software: str) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(WarcRecordType.warcinfo)
    record.headers["WARC-Filename"] = name
    record.headers["Content-Type"] = "application/warc-fields"
    fields = {
        "software": software,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "description": "Pages as they were answered. Content codings are undone; Storywatch-Exchange is JSON.",
    }
    record.set_bytes_content("".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode())
    return record


def _append(file: IO[bytes], content: bytes) -> None:
    """Whole, or not at all: what a full disk let through of it is taken back."""
    end = file.seek(0, os.SEEK_END)
    try:
        left = memoryview(content)
        while left:
            left = left[file.write(left) :]
    except OSError:
        file.truncate(end)
        raise


# -- reading ------------------------------------------------------------------------------------------------------


def _exchange(record: WarcRecord) -> dict[str, Any]:
    found = json.loads(record.headers.get(_EXCHANGE) or "null")
    if not isinstance(found, dict):
        raise ValueError(f"it has no {_EXCHANGE}")
    return found


def _moment(record: WarcRecord) -> datetime:
    return datetime.fromisoformat(record.headers.get("WARC-Date") or "").astimezone(UTC)


def _response(record: WarcRecord) -> Response | Broken:
    content: bytes = record.reader.read(record.content_length)
    head, separator, body = content.partition(b"\r\n\r\n")
    digest = f"sha1:{_base32_sha1(body)}"
    try:
        if len(content) < record.content_length or not separator:
            raise ValueError(f"cut off after {len(content)} of {record.content_length} bytes")
        if record.headers.get("WARC-Payload-Digest") != digest:
            raise ValueError("its body is not the one that was written: the digests differ")
        exchange = _exchange(record)
        status, *fields = head.decode("utf-8", "surrogateescape").split("\r\n")
        return Response(
            url=exchange["url"],
            final_url=exchange["final_url"],
            status=int(status.split(" ")[1]),
            headers=_headers(fields),
            body=body,
            fetched_at=_moment(record),
            elapsed_seconds=float(exchange["elapsed_seconds"]),
            wire_bytes=int(exchange["wire_bytes"]),
            attempts=int(exchange["attempts"]),
            redirects=tuple(exchange["redirects"]),
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        return Broken(f"{record.headers.get('WARC-Target-URI')}: {type(error).__name__}: {error}")


def _headers(fields: list[str]) -> dict[str, str]:
    """As they were answered; the one of ours is left out."""
    headers = {}
    for field in fields:
        name, _, value = field.partition(": ")
        if name != "Content-Length":
            headers[name.removeprefix(_RENAMED)] = value
    return headers


def _base32_sha1(content: bytes) -> str:
    return base64.b32encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode("ascii")
