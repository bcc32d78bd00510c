"""Content codings undone piece by piece, within a bound (RFC 9110, 8.4). Pure: bytes in, bytes or an error out.

Stands between the wire and Response.body. Not the transfer coding (aiohttp does that) and not the charset.

    wire -> [gzip | deflate | br | zstd]* -> body

Each coding hands on pieces of some 64 KiB, so that a bomb costs its window and the cap, never its full size. Each must
come to its own end: a stream cut short is Truncated even where Content-Length agrees. After the end of a complete
stream, further gzip members and zstd frames are decoded too; other bytes there are ignored, as browsers do (after
brotli they are a DecodeError).
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli

from extractors.errors import DecodeError, TooLarge, Truncated

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PIECE_BYTES = 64 * 1024  # enough to make the call overhead vanish, small against any cap
_MOST_CODINGS = 3  # servers stack two by mistake; more is an attack
_MOST_MEMBERS = 1000  # gzip members or zstd frames: a 15 MiB log in bgzip has 240; an empty one costs 20 bytes
_ZSTD_WINDOW_LOG = 23  # 8 MiB: RFC 9659 lets a content coding use no more
_NO_CODING = frozenset({"", "identity", "none", "utf-8", "utf8", "binary"})  # the last four: mistakes seen on the web
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGICS = (b"\x28\xb5\x2f\xfd", *(bytes([low, 0x2A, 0x4D, 0x18]) for low in range(0x50, 0x60)))  # RFC 8878, 3.1


class _Coding(Protocol):
    """One coding of a body. `complete`: the stream has come to its own end."""

    complete: bool

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """What `chunk` decodes to, in bounded pieces. Raises ValueError (or the library's error) if it is broken."""


def content_codings(header: str | None) -> tuple[str, ...]:
    """The codings of a Content-Encoding header in the order in which they were applied, names in lower case.

    What means no coding at all is left out. Nothing is checked.
    """
    names = (name.strip().lower() for name in (header or "").split(","))
    return tuple(name.removeprefix("x-") for name in names if name not in _NO_CODING)


class BodyDecoder:
    """Collects one body: feed it the wire's chunks, then finish.

    `max_bytes` bounds the wire, the result, and what lies between two codings. With `prefix_only` the body's first
    `max_bytes` are the result, however it goes on; else more raises TooLarge.
    """

    def __init__(self, url: str, codings: tuple[str, ...], max_bytes: int, *, prefix_only: bool = False) -> None:
        if len(codings) > _MOST_CODINGS:
            raise DecodeError(url, f"{len(codings)} content codings; at most {_MOST_CODINGS} are undone")
        unknown = [name for name in codings if name not in _CODINGS]
        if unknown:
            raise DecodeError(url, f"content coding {unknown[0][:50]!r}: known are {', '.join(_CODINGS)}")
        self._url, self._max_bytes, self._prefix_only = url, max_bytes, prefix_only
        self._names = codings[::-1]  # the last one applied is undone first
        self._chain: list[_Coding] = [_CODINGS[name]() for name in self._names]
        self._totals = [0] * len(self._chain)
        self._body = bytearray()
        self.wire_bytes = 0

    def feed(self, chunk: bytes) -> bool:
        """Take one chunk; False: no more is needed. Raises TooLarge, DecodeError."""
        self.wire_bytes += len(chunk)
        if not self._prefix_only and self.wire_bytes > self._max_bytes:
            raise TooLarge(self._url, f"more than {self._max_bytes} bytes on the wire")
        for piece in self._through(0, chunk):
            self._body += piece
            if len(self._body) > self._max_bytes:
                if self._prefix_only:
                    return False
                raise TooLarge(self._url, f"more than {self._max_bytes} bytes when decoded")
        return True

    def finish(self) -> bytes:
        """The body. Raises Truncated if a coding has not come to its end; a body without a byte is simply empty."""
        if self.wire_bytes and len(self._body) <= self._max_bytes:
            for name, coding in zip(self._names, self._chain, strict=True):
                if not coding.complete:
                    raise Truncated(self._url, f"the {name} stream breaks off after {self.wire_bytes} bytes")
        return bytes(memoryview(self._body)[: self._max_bytes])

    def _through(self, place: int, chunk: bytes) -> Iterator[bytes]:
        if place == len(self._chain):
            yield chunk
            return
        try:
            for piece in self._chain[place].pieces(chunk):
                self._totals[place] += len(piece)
                if self._totals[place] > self._max_bytes + _PIECE_BYTES * 2 and place + 1 < len(self._chain):
                    raise TooLarge(self._url, f"more than {self._max_bytes} bytes between two content codings")
                yield from self._through(place + 1, piece)
        except (ValueError, zlib.error, brotli.error, zstd.ZstdError) as error:
            raise DecodeError(self._url, f"{self._names[place]}: {error}") from None


class _Gzip:
    """One or more gzip members (RFC 1952, 2.2)."""

    def __init__(self) -> None:
        self.complete = False
        self._stream = zlib.decompressobj(wbits=31)
        self._members = 0
        self._tail = b""  # less than a magic number, after the end of a member
        self._ignoring = False

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        while chunk and not self._ignoring:
            if self.complete:
                chunk = self._tail + chunk
                self._tail = b""
                if len(chunk) < len(_GZIP_MAGIC):
                    self._tail = chunk
                    return
                if not chunk.startswith(_GZIP_MAGIC):
                    self._ignoring = True
                    return
                self._start_member()
            piece = self._stream.decompress(chunk, _PIECE_BYTES)
            if piece:
                yield piece
            self.complete = self._stream.eof
            chunk = self._stream.unused_data if self.complete else self._stream.unconsumed_tail
            while not chunk and len(piece) == _PIECE_BYTES and not self.complete:  # output that waits inside
                piece = self._stream.decompress(b"", _PIECE_BYTES)
                self.complete = self._stream.eof
                if piece:
                    yield piece

    def _start_member(self) -> None:
        self._members += 1
        if self._members >= _MOST_MEMBERS:
            raise ValueError(f"more than {_MOST_MEMBERS} members")
        self._stream = zlib.decompressobj(wbits=31)
        self.complete = False


class _Deflate:
    """zlib (RFC 1950), or, as some servers send it, bare deflate (RFC 1951); told apart by the first two bytes."""

    def __init__(self) -> None:
        self.complete = False
        self._head = b""
        self._stream: zlib._Decompress | None = None

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        if self._stream is None:
            self._head += chunk
            if len(self._head) < 2:
                return
            chunk = self._head
            has_zlib_header = chunk[0] & 0x0F == 8 and int.from_bytes(chunk[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(wbits=15 if has_zlib_header else -15)
        while not self.complete:
            piece = self._stream.decompress(chunk, _PIECE_BYTES)
            chunk = self._stream.unconsumed_tail
            self.complete = self._stream.eof
            if piece:
                yield piece
            if not chunk and len(piece) < _PIECE_BYTES:
                return


class _Brotli:
    """Brotli (RFC 7932): one stream. Its library can't tell where the stream ended, so bytes after it are an error."""

    def __init__(self) -> None:
        self.complete = False
        self._stream = brotli.Decompressor()

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        if self.complete:
            raise ValueError("bytes after the end of the stream")
        while True:
            piece = self._stream.process(chunk, output_buffer_limit=_PIECE_BYTES)
            chunk = b""
            self.complete = self._stream.is_finished()
            if piece:
                yield piece
            if self.complete or self._stream.can_accept_more_data():
                return


class _Zstd:
    """One or more Zstandard frames (RFC 8878, 3), with a window of at most 8 MiB (RFC 9659)."""

    def __init__(self) -> None:
        self.complete = False
        self._stream = self._new_stream()
        self._frames = 0
        self._tail = b""
        self._ignoring = False

    @staticmethod
    def _new_stream() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        more = bool(chunk)
        while more and not self._ignoring:
            if self.complete:
                chunk = self._tail + chunk
                self._tail = b""
                if len(chunk) < 4:
                    self._tail = chunk
                    return
                if not chunk.startswith(_ZSTD_MAGICS):
                    self._ignoring = True
                    return
                self._start_frame()
            piece = self._stream.decompress(chunk, _PIECE_BYTES)
            if piece:
                yield piece
            self.complete = self._stream.eof
            chunk = self._stream.unused_data if self.complete else b""
            more = bool(chunk) or not (self.complete or self._stream.needs_input)

    def _start_frame(self) -> None:
        self._frames += 1
        if self._frames >= _MOST_MEMBERS:
            raise ValueError(f"more than {_MOST_MEMBERS} frames")
        self._stream = self._new_stream()
        self.complete = False


_CODINGS: dict[str, type[_Gzip] | type[_Deflate] | type[_Brotli] | type[_Zstd]] = {
    "gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}
