"""extractors/toml_source.py: TOML with the line of each value."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.errors import SeedFileError
from extractors.toml_source import dotted, read_toml

AWKWARD = '''# comment
a = 1
"b.c" = """
[not a table]
# not a comment
"""
d = [  # [not, a, list]
  "x",
  'y # still text', [1,
  2.5], { k = 1, l = [
   3 ] },
]
[t.u]
v = 2025-10-16 12:00:00
[[feed]]
url = "x"
[[feed]]
url = "y"
[feed.sub]
z = 1
'''


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "file.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("a",), 2),
        (("b.c",), 3),
        (("d",), 7),
        (("d", 1), 9),
        (("d", 2, 1), 10),
        (("d", 3, "l", 0), 11),
        (("t", "u", "v"), 14),
        (("feed", 0, "url"), 16),
        (("feed", 1, "url"), 18),
        (("feed", 1, "sub", "z"), 20),
        (("feed", 1, "missing"), 17),
        (("nowhere",), None),
    ],
)
def test_every_value_knows_its_line_and_a_missing_one_that_of_its_table(
    tmp_path: Path, keys: tuple[str | int, ...], line: int | None
) -> None:
    assert read_toml(written(tmp_path, AWKWARD)).line_of(*keys) == line


def test_windows_line_ends_and_a_byte_order_mark_do_not_move_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff" + AWKWARD.replace("\n", "\r\n"))
    assert read_toml(path).line_of("feed", 1, "url") == 18


@pytest.mark.parametrize(
    ("text", "line"), [(b"a = 1\nb = \n", 2), (b'a = 1\nb = "\xff"', 2), (b"a = 1\na = 2\n", 2), (b"\n\nx=[1,\n", None)]
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, text: bytes, line: int | None) -> None:
    with pytest.raises(SeedFileError) as caught:
        read_toml(written(tmp_path, text))
    assert caught.value.line is not None
    if line is not None:
        assert caught.value.line == line


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SeedFileError, match="can't be read") as caught:
        read_toml(tmp_path / "absent.toml")
    assert caught.value.line is None


def test_wrong_values_are_told_with_path_and_line(tmp_path: Path) -> None:
    source = read_toml(written(tmp_path, 'name = 3\nempty = " "\nlist = ["a",\n 4]\nshare = 7\nodd = 1\n'))
    for ask, line, said in (
        (lambda: source.text("name"), 1, "must be a text in quotes"),
        (lambda: source.text("empty"), 2, "must not be empty"),
        (lambda: source.text("absent"), None, "is missing"),
        (lambda: source.texts("list"), 4, r"list\[2\]"),
        (lambda: source.number("share", low=0, high=1), 5, "must be a number from 0 to 1"),
        (lambda: source.only((), ("name", "empty", "list", "share")), 6, "odd: unknown key"),
    ):
        with pytest.raises(SeedFileError, match=said) as caught:
            ask()
        assert caught.value.line == line


def test_paths_of_keys_read_as_people_count() -> None:
    assert dotted(("feed", 2, "url")) == "feed[3].url"
