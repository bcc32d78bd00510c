"""flows/extracting.py and `storywatch extract`: what the extractor makes of pages that somebody names."""

from __future__ import annotations

import errno
import gzip
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.commands import main
from flows.commands.exits import Exit
from flows.extracting import extract_lines, stated_time
from tests.class_pages import ClassPage, class_pages
from tests.records_factory import make_article

NOW = datetime(2025, 10, 20, tzinfo=UTC)
KEYS = ["file", "class", "title", "authors", "published_at", "language", "text"]
PAGES = {(page.page_class, page.language): page for page in class_pages()}
ARTICLE, STUB = PAGES["article", "hu"], PAGES["paywall_stub", "de"]


def line(page: ClassPage, path: Path) -> str:
    body = page.html.encode()
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return json.dumps({"file": str(path), "url": page.url})


def rows(lines: list[str]) -> list[dict[str, Any]]:
    return list(extract_lines(lines, NOW, workers=2))


def test_each_line_gets_its_row_in_order_with_the_same_keys(tmp_path: Path) -> None:
    lines = [line(page, tmp_path / f"{number}.html.gz") for number, page in enumerate(PAGES.values())]
    told = rows(lines)
    assert [row["class"] for row in told] == [page.page_class for page in PAGES.values()]
    assert [row["file"] for row in told] == [json.loads(one)["file"] for one in lines]
    assert all(list(row) == KEYS for row in told)


def test_a_page_that_is_no_article_still_has_its_text(tmp_path: Path) -> None:
    (row,) = rows([line(STUB, tmp_path / "stub.html")])
    assert row["class"] == "paywall_stub"
    assert "Reederei" in row["text"]


def test_a_bad_line_is_a_row_with_an_error_and_the_others_go_on(tmp_path: Path) -> None:
    good = line(ARTICLE, tmp_path / "good.html")
    (tmp_path / "cut.html.gz").write_bytes(gzip.compress(ARTICLE.html.encode())[:-20])
    (tmp_path / "broken.html.gz").write_bytes(b"\x1f\x8bnot really")
    (tmp_path / "bomb.html.gz").write_bytes(gzip.compress(b"<p>" * 8_000_000))
    bad = ["{", "[]", '{"url": "https://x.example/"}', '{"file": 3}', '{"file": "x\\u0000"}']
    bad += [
        json.dumps({"file": str(tmp_path / name)})
        for name in ("none.html", "cut.html.gz", "broken.html.gz", "bomb.html.gz")
    ]
    bad += [json.dumps({"file": str(tmp_path / "good.html"), "url": url}) for url in ("ftp://x.example/", 3)]
    told = rows([good, *bad, "", "  \n", good])
    assert ["error" in row for row in told] == [False, *[True] * len(bad), False]
    assert told[0] == told[-1]
    assert all("file" in row for row in told)


def test_a_file_without_an_address_is_extracted_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(ARTICLE.html, "utf-8")
    (row,) = rows([json.dumps({"file": str(tmp_path / "page.html")})])
    assert (row["class"], row["language"]) == ("article", "hu")


def test_lines_are_read_as_they_are_needed(tmp_path: Path) -> None:
    one = line(ARTICLE, tmp_path / "page.html")
    read = []

    def lines() -> Any:
        for number in range(60):
            read.append(number)
            yield one

    assert next(extract_lines(lines(), NOW, workers=1))["class"] == "article"
    assert len(read) < 60


@pytest.mark.parametrize(
    ("precision", "offset", "written"),
    [
        ("second", 120, "2025-10-16T23:30:09+02:00"),
        ("second", None, "2025-10-16T21:30:09+00:00"),
        ("minute", 180, "2025-10-17T00:30+03:00"),
        ("day", None, "2025-10-16"),
    ],
)
def test_a_time_is_written_in_its_own_zone_and_no_more_exactly_than_it_was_stated(
    precision: str, offset: int | None, written: str
) -> None:
    at = datetime(2025, 10, 16, 21, 30, 9, tzinfo=UTC)
    article = make_article(published_at=at, published_precision=precision, published_offset_minutes=offset)
    assert stated_time(article) == written
    assert stated_time(make_article()) is None


# -- the command ----------------------------------------------------------------------------------------------------


def stdin_of(content: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")


def storywatch(*arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["storywatch", "extract", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    return int(ended.value.code or 0)


def test_a_file_is_shown_with_class_evidence_and_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line(ARTICLE, tmp_path / "page.html")
    assert storywatch(str(tmp_path / "page.html"), "--url", ARTICLE.url) == Exit.DONE
    out = capsys.readouterr().out
    assert out.startswith("article: ")
    assert "komptársaság" in out


def test_json_has_every_field_of_the_article(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line(STUB, tmp_path / "page.html.gz")
    assert storywatch(str(tmp_path / "page.html.gz"), "--url", STUB.url, "--json") == Exit.DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["class"], told["page_class"], told["language"]) == ("paywall_stub", "paywall_stub", "de")
    assert told["evidence"]


def test_jsonl_reads_standard_input_and_an_error_makes_the_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = line(ARTICLE, tmp_path / "page.html")
    monkeypatch.setattr(sys, "stdin", stdin_of(f"{good}\n".encode()))
    assert storywatch("--jsonl") == Exit.DONE
    monkeypatch.setattr(sys, "stdin", stdin_of(f"{good}\nnonsense\n".encode()))
    assert storywatch("--jsonl") == Exit.ATTENTION
    told = [json.loads(one) for one in capsys.readouterr().out.splitlines()]
    assert [row.get("class") for row in told] == ["article", "article", None]


def test_bytes_and_names_that_are_no_unicode_are_rows_with_an_error_and_the_lines_after_them_are_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = line(ARTICLE, tmp_path / "page.html").encode()
    given = b"\xef\xbb\xbf" + good + b'\n\xff\xfe\n{"file": "\\ud800.html"}\r\n' + good
    monkeypatch.setattr(sys, "stdin", stdin_of(given))
    assert storywatch("--jsonl") == Exit.ATTENTION
    told = [json.loads(one) for one in capfd.readouterr().out.splitlines()]
    assert [row.get("class") for row in told] == ["article", None, None, "article"]
    assert told[2]["file"] == "\ud800.html"


@pytest.mark.parametrize("arguments", [(), ("--jsonl", "page.html"), ("no-such-file.html",)])
def test_a_wrong_command_line_is_said_in_a_line(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert storywatch(*arguments) == Exit.USAGE
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_reader_that_has_gone_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    line(ARTICLE, tmp_path / "page.html")
    monkeypatch.setattr(sys, "stdout", Gone())
    assert storywatch(str(tmp_path / "page.html")) == Exit.DONE
