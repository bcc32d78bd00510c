"""extractors.decoding: content codings, complete, broken, cut short and hostile."""

from __future__ import annotations

import gzip
import sys
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.decoding import BodyDecoder, content_codings
from extractors.errors import DecodeError, FetchError, TooLarge, Truncated
from tests.fakeweb import bomb

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

URL = "https://news.example/a"
TEXT = b"".join(b"line %d of a page\n" % number for number in range(3000))
MIB = 2**20


def raw_deflate(content: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(content) + stream.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda content: brotli.compress(content, quality=4),
    "zstd": zstd.compress,
}


def decoded(wire: bytes, *codings: str, size: int = 1000, cap: int = MIB, prefix_only: bool = False) -> bytes:
    decoder = BodyDecoder(URL, codings, cap, prefix_only=prefix_only)
    for start in range(0, len(wire), size):
        if not decoder.feed(wire[start : start + size]):
            break
    return decoder.finish()


@pytest.mark.parametrize("size", [1, 7, 65536])
@pytest.mark.parametrize("coding", ENCODERS)
def test_each_coding_is_undone_however_it_is_cut_into_chunks(coding: str, size: int) -> None:
    assert decoded(ENCODERS[coding](TEXT), coding, size=size) == TEXT


def test_bare_deflate_is_told_from_zlib() -> None:
    assert decoded(raw_deflate(TEXT), "deflate", size=1) == TEXT


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=3000), st.lists(st.sampled_from(list(ENCODERS)), max_size=3), st.integers(1, 500))
def test_stacked_codings_give_back_what_went_in(content: bytes, codings: list[str], size: int) -> None:
    wire = content
    for coding in codings:
        wire = ENCODERS[coding](wire)
    assert decoded(wire, *codings, size=size) == content


def test_more_than_three_codings_are_refused() -> None:
    with pytest.raises(DecodeError, match="4 content codings"):
        BodyDecoder(URL, ("gzip",) * 4, MIB)


def test_an_unknown_coding_is_refused_by_name() -> None:
    with pytest.raises(DecodeError, match="compress"):
        BodyDecoder(URL, content_codings("compress"), MIB)


@pytest.mark.parametrize(
    ("header", "codings"),
    [
        (None, ()),
        ("", ()),
        ("identity", ()),
        ("UTF-8", ()),
        ("GZip", ("gzip",)),
        ("x-gzip, , br", ("gzip", "br")),
    ],
)
def test_the_header_names_codings_in_order(header: str | None, codings: tuple[str, ...]) -> None:
    assert content_codings(header) == codings


@pytest.mark.parametrize("coding", ENCODERS)
def test_a_stream_cut_anywhere_is_truncated(coding: str) -> None:
    wire = ENCODERS[coding](TEXT)
    for end in (1, 5, len(wire) // 2, len(wire) - 5, len(wire) - 1):
        with pytest.raises(Truncated):
            decoded(wire[:end], coding)


def test_a_cut_in_the_inner_of_two_codings_is_truncated() -> None:
    with pytest.raises(Truncated):
        decoded(brotli.compress(gzip.compress(TEXT)[:-9]), "gzip", "br")


@pytest.mark.parametrize("coding", ENCODERS)
def test_a_page_that_only_claims_a_coding_is_a_decode_error(coding: str) -> None:
    with pytest.raises(DecodeError):
        decoded(b"<html><body>plain after all</body></html>" * 20, coding)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_a_flipped_byte_in_the_checksum_is_a_decode_error(coding: str) -> None:
    checked: dict[int, int] = {zstd.CompressionParameter.checksum_flag: 1}
    wire = bytearray(zstd.compress(TEXT, options=checked) if coding == "zstd" else ENCODERS[coding](TEXT))
    wire[-1 if coding != "gzip" else -5] ^= 0xFF
    with pytest.raises(DecodeError):
        decoded(bytes(wire), coding)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(list(ENCODERS)))
def test_any_bytes_give_a_body_or_a_known_error(wire: bytes, coding: str) -> None:
    try:
        decoded(wire, coding, size=17)
        decoded(ENCODERS[coding](TEXT[:100])[:10] + wire, coding, size=17)
    except FetchError:
        pass


@pytest.mark.parametrize("size", [1, 5, 65536])
@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_further_members_are_decoded_too(coding: str, size: int) -> None:
    encode = ENCODERS[coding]
    assert decoded(encode(TEXT) + encode(b"") + encode(b"more"), coding, size=size) == TEXT + b"more"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_further_member_cut_short_is_truncated(coding: str) -> None:
    with pytest.raises(Truncated):
        decoded(ENCODERS[coding](TEXT) + ENCODERS[coding](TEXT)[:-3], coding)


@pytest.mark.parametrize("size", [1, 65536])
@pytest.mark.parametrize("rest", [b"\0" * 500, b"<!-- 0.2 s -->", b"\x1f"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_other_bytes_after_the_end_are_ignored(coding: str, rest: bytes, size: int) -> None:
    assert decoded(ENCODERS[coding](TEXT) + rest, coding, size=size) == TEXT


@pytest.mark.parametrize("size", [1, 65536])
def test_bytes_after_brotli_are_a_decode_error_however_they_arrive(size: int) -> None:
    with pytest.raises(DecodeError):
        decoded(brotli.compress(TEXT) + b"rest", "br", size=size)


def test_an_empty_body_is_empty_whatever_coding_is_claimed() -> None:
    assert decoded(b"", "gzip", "br") == b""


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_bomb_of_1_gib_stops_at_the_cap_in_little_memory(coding: str) -> None:
    wire = bomb(coding)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="when decoded"):
            decoded(wire, coding, size=65536, cap=15 * MIB)
        assert tracemalloc.get_traced_memory()[1] < 40 * MIB
    finally:
        tracemalloc.stop()


def test_a_bomb_in_a_bomb_stops_at_the_cap() -> None:
    with pytest.raises(TooLarge):
        decoded(gzip.compress(bomb("gzip", 256)), "gzip", "gzip", cap=4 * MIB)


def test_what_lies_between_two_codings_is_bounded_too() -> None:
    empty_members = gzip.compress(b"") * 200_000  # 4 MB that decode to nothing
    with pytest.raises((TooLarge, DecodeError)):
        decoded(zstd.compress(empty_members), "gzip", "zstd", cap=MIB)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_thousands_of_empty_members_are_refused(coding: str) -> None:
    with pytest.raises(DecodeError, match="more than 1000"):
        decoded(ENCODERS[coding](b"") * 3000, coding, size=65536)


def test_a_zstd_window_over_8_mib_is_refused() -> None:
    wide: dict[int, int] = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    stream = zstd.ZstdCompressor(options=wide)
    with pytest.raises(DecodeError, match="memory"):
        decoded(stream.compress(TEXT) + stream.flush(), "zstd")


def test_the_cap_itself_is_allowed_and_one_byte_more_is_not() -> None:
    assert decoded(b"x" * 1000, cap=1000) == b"x" * 1000
    with pytest.raises(TooLarge):
        decoded(b"x" * 1001, cap=1000)
    assert decoded(gzip.compress(b"x" * 1000), "gzip", cap=1000) == b"x" * 1000
    with pytest.raises(TooLarge):
        decoded(gzip.compress(b"x" * 1001), "gzip", cap=1000)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_of_a_prefix_no_more_is_decoded_than_asked_for(coding: str) -> None:
    assert decoded(ENCODERS[coding](TEXT), coding, cap=1000, prefix_only=True) == TEXT[:1000]
    assert decoded(bomb(coding, 64), coding, cap=1000, prefix_only=True) == bytes(1000)
