"""storywatch url: one canonical form per address, in the same order; what is no address unchanged."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable

import pytest

from flows.commands import main

Url = Callable[..., list[str]]
AMP = "http://amp.lantern.example/news/a-1/amp?utm_source=x"


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Url:
    """Call the command, with bytes for its standard input; the lines that it prints."""

    def call(*arguments: str, stdin: bytes = b"") -> list[str]:
        monkeypatch.setattr(sys, "argv", ["storywatch", "url", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        out = capsys.readouterr().out
        assert not out or out.endswith("\n")
        return out.split("\n")[:-1]

    return call


def test_each_argument_gives_a_line_in_order(url: Url) -> None:
    google = "https://www.google.com/url?q=https%3A%2F%2Flantern.example%2Fb"
    assert url(AMP, "no address", google) == [
        "https://lantern.example/news/a-1",
        "no address",
        "https://lantern.example/b",
    ]


def test_each_line_of_standard_input_gives_a_line_blank_ones_too(url: Url) -> None:
    lines = [AMP.encode(), b"", b"  ", "mailto:a@lámpás.example".encode(), b"https://LANTERN.example/a\r"]
    printed = url("-", stdin=b"\n".join(lines) + b"\n")
    assert printed == [
        "https://lantern.example/news/a-1",
        "",
        "  ",
        "mailto:a@lámpás.example",
        "https://lantern.example/a",
    ]


def test_a_line_break_within_an_argument_makes_no_second_line(url: Url) -> None:
    assert url("no\naddress", "https://lantern.example/a\n-b") == ["no address", "https://lantern.example/a-b"]


def test_a_last_line_without_an_end_counts(url: Url) -> None:
    assert url("-", stdin=b"https://LANTERN.example") == ["https://lantern.example/"]


def test_json_names_the_steps(url: Url) -> None:
    told = [json.loads(line) for line in url("--json", "http://lantern.example/a/", "javascript:x")]
    assert told == [
        {
            "url": "http://lantern.example/a/",
            "canonical_url": "https://lantern.example/a",
            "steps": [
                {"rule": "scheme and host", "result": "https://lantern.example/a/"},
                {"rule": "path", "result": "https://lantern.example/a"},
            ],
        },
        {"url": "javascript:x", "canonical_url": None, "steps": []},
    ]


def test_bytes_that_are_no_text_leave_as_they_came(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(sys, "argv", ["storywatch", "url", "-"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\nhttps://LANTERN.example/\n")))
    with pytest.raises(SystemExit):
        main()
    assert capfdbinary.readouterr().out == b"\xff\xfe\nhttps://lantern.example/\n"
