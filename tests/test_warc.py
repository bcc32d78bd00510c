"""extractors/warc.py: what stands in web archives, whole ones and broken ones."""

from __future__ import annotations

import gzip
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from extractors.records import Response
from extractors.warc import Broken, Found, NoArchive, NoPage, Passed, page_head, pages_in, unchunked
from tests.warc_files import packed, record, request

CAP = 1 << 20
PAGES = [record(f"https://n.example/{number}", f"<p>page {number} {'word ' * 300}".encode()) for number in range(5)]


def found(tmp_path: Path, content: bytes, name: str = "a.warc.gz") -> list[tuple[int, Found]]:
    path = tmp_path / name
    path.write_bytes(content)
    return list(pages_in(path, max_body_bytes=CAP))


def urls(read: list[tuple[int, Found]]) -> list[str]:
    return [one.url for _, one in read if isinstance(one, Response)]


@pytest.mark.parametrize("pack", [packed, list])
def test_every_page_of_an_archive_is_read_with_its_address_and_the_time_of_its_crawl(
    pack: type[list[bytes]], tmp_path: Path
) -> None:
    read = found(tmp_path, b"".join(pack([request("https://n.example/0"), *PAGES])))
    assert [number for number, _ in read] == [1, 2, 3, 4, 5]
    assert urls(read) == [f"https://n.example/{number}" for number in range(5)]
    first = read[0][1]
    assert isinstance(first, Response)
    assert first.body.startswith(b"<p>page 0 word")
    assert first.fetched_at == datetime(2025, 10, 16, 18, 30, tzinfo=UTC)
    assert first.headers["content-type"] == "text/html; charset=utf-8"


def test_content_codings_and_chunks_are_undone(tmp_path: Path) -> None:
    body = gzip.compress(b"<p>inside</p>")
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    one = record("https://n.example/a", chunks, Content_Encoding="gzip", Transfer_Encoding="chunked")
    [(_, response)] = found(tmp_path, gzip.compress(one))
    assert isinstance(response, Response)
    assert response.body == b"<p>inside</p>"


def test_chunks_that_the_archive_has_joined_already_are_left_alone() -> None:
    assert unchunked(b"<p>no chunk</p>") == b"<p>no chunk</p>"
    assert unchunked(b"face\nlift is a word, not a chunk") == b"face\nlift is a word, not a chunk"


def test_what_is_no_text_page_is_passed_over(tmp_path: Path) -> None:
    others = [
        record("https://n.example/a.pdf", b"%PDF-1.7", content_type="application/pdf"),
        record("https://n.example/gone", b"<p>gone", status="404 Not Found"),
        record("https://n.example/empty", b" "),
        record("https://n.example/large", b"x" * (CAP + 1)),
    ]
    assert [one for _, one in found(tmp_path, b"".join(packed(others)))] == [NoPage()] * 4


def test_what_is_not_wanted_is_not_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(packed(PAGES)))
    read = list(pages_in(path, max_body_bytes=CAP, wanted=lambda number: number == 3))
    assert [number for number, one in read if one != Passed()] == [3]


@pytest.mark.parametrize("damage", ["flipped", "beginning", "junk", "cut"])
def test_after_a_broken_member_the_rest_of_a_gzip_archive_is_read(damage: str, tmp_path: Path) -> None:
    members = packed(PAGES)
    middle = members[2]
    members[2] = {
        "flipped": middle[:100] + b"\xff" * 8 + middle[108:],
        "beginning": b"garbage 1234" + middle[12:],
        "junk": b"junk between \x1f\x8b\x08 members" + middle,
        "cut": middle[:60],
    }[damage]
    read = found(tmp_path, b"".join(members))
    whole = [0, 1, 2, 3, 4] if damage == "junk" else [0, 1, 3, 4]
    assert urls(read) == [f"https://n.example/{number}" for number in whole]
    assert sum(isinstance(one, Broken) for _, one in read) == 1


def test_after_a_broken_record_the_rest_of_a_plain_archive_is_read(tmp_path: Path) -> None:
    broken = [*PAGES[:2], b"garbage" + PAGES[2][7:], *PAGES[3:]]
    read = found(tmp_path, b"".join(broken), "a.warc")
    assert urls(read) == [f"https://n.example/{number}" for number in (0, 1, 3, 4)]


@pytest.mark.parametrize("pack", [packed, list])
def test_a_file_that_was_cut_off_gives_what_is_whole(pack: type[list[bytes]], tmp_path: Path) -> None:
    records = pack(PAGES)
    read = found(tmp_path, b"".join(records[:4]) + records[4][: len(records[4]) // 2])
    assert urls(read) == [f"https://n.example/{number}" for number in range(4)]


@pytest.mark.parametrize("pack", [packed, list])
@pytest.mark.parametrize("date", [b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00", b"1066-10-14T09:00:00Z"])
def test_a_record_of_an_impossible_time_is_broken_and_the_others_are_read(
    date: bytes, pack: type[list[bytes]], tmp_path: Path
) -> None:
    records = [PAGES[0], PAGES[1].replace(b"2025-10-16T18:30:00Z", date), PAGES[2]]
    read = found(tmp_path, b"".join(pack(records)))
    assert urls(read) == ["https://n.example/0", "https://n.example/2"]
    assert isinstance(read[1][1], Broken)


@pytest.mark.parametrize("pack", [packed, list])
@pytest.mark.parametrize("kind", ["page", "request", "other type"])
@pytest.mark.parametrize("wanted", [True, False])
def test_a_record_that_says_it_is_longer_than_the_file_swallows_no_others(
    kind: str, wanted: bool, pack: type[list[bytes]], tmp_path: Path
) -> None:
    middle = {
        "page": PAGES[1],
        "request": request("https://n.example/1"),
        "other type": record("https://n.example/1", b"%PDF", content_type="application/pdf"),
    }[kind]
    middle = re.sub(rb"Content-Length: \d+", b"Content-Length: 9999999999", middle)
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(pack([PAGES[0], middle, *PAGES[2:]])))
    read = list(pages_in(path, max_body_bytes=CAP, wanted=lambda number: wanted or number != 2))
    assert [number for number, one in read if isinstance(one, Broken)] == [1 if kind == "request" else 2]
    if wanted:
        assert urls(read) == [f"https://n.example/{number}" for number in (0, 2, 3, 4)]


@pytest.mark.parametrize("junk", [b"\nWARC/", b"\nWARC/1.0\r\nA: b\r\n: \r\n\r\n", b"\x1f\x8b\x08"])
def test_a_file_of_nothing_but_beginnings_costs_a_bounded_number_of_searches(junk: bytes, tmp_path: Path) -> None:
    first, second = packed(PAGES[:2]) if junk.startswith(b"\x1f") else PAGES[:2]
    began = time.process_time()
    read = found(tmp_path, first + junk * (2_000_000 // len(junk)) + b"\r\n" + second)
    assert read[0][0] == 1
    assert time.process_time() - began < 30  # some 2 s; it took minutes, and four times as long for twice the size


def test_the_same_file_gives_the_same_numbers_also_when_it_is_broken(tmp_path: Path) -> None:
    members = packed(PAGES)
    members[1] = members[1][:50]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(members))
    some = dict(pages_in(path, max_body_bytes=CAP, wanted=lambda number: number > 3))
    every = dict(pages_in(path, max_body_bytes=CAP))
    assert some.keys() == every.keys()
    assert some[4] == every[4]


@pytest.mark.parametrize("content", [b"no archive at all\n" * 40, gzip.compress(b"nor this", mtime=0)])
def test_what_is_no_archive_is_told(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(NoArchive):
        found(tmp_path, content)


def test_headline_and_summary_come_from_the_head_of_a_page(tmp_path: Path) -> None:
    page = (
        "<html><head><title>Csúcs &amp; más</title><meta name='description' content='Budapest &#8211; csúcs'></head>"
        "<body><meta property='og:title' content='not this'>"
    )
    [(_, one)] = found(tmp_path, gzip.compress(record("https://n.example/a", page.encode())))
    assert isinstance(one, Response)
    assert page_head(one) == ("Csúcs & más", "Budapest – csúcs")
