"""A TOML file that remembers on which line each value stands, so that what a person wrote wrong can be pointed at.

The one reader of the files of seeds/ (feeds.toml, story.toml, <slug>.toml); what the values mean is the business of
feeds.py, story.py and seeds.py. tomllib reads the values; as it keeps no positions, a second pass over the text, which
by then is known to be valid TOML, notes the lines.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractors.errors import SeedFileError

Key = str | int  # a name in a table, or a place in an array (from 0)

_TOKEN = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"""(?:"{0,2})'  # basic string over several lines; may end in up to two quotes of its own
    r"|'''[\s\S]*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<space>[ \t\r]+)"
    r"|\n|[\[\]{}=,.]"
    r"|[^\s\[\]{}=,.\"'\#]+"
)
_POSITION = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class TomlSource:
    """A TOML file read whole. Keys are a path into it: ("feed", 2, "url") is `url` of the third [[feed]]."""

    path: Path
    table: dict[str, Any]
    lines: dict[tuple[Key, ...], int]  # from 1
    raw: bytes  # the file as it was read

    def line_of(self, *keys: Key) -> int | None:
        """Line (from 1) of the value at `keys`; where there is none, of the nearest table around it; None: the file."""
        for length in range(len(keys), 0, -1):
            if (line := self.lines.get(tuple(keys[:length]))) is not None:
                return line
        return None

    def error(self, keys: Sequence[Key], problem: str) -> SeedFileError:
        """The error to raise for the value at `keys`; names it, its line and the file."""
        return SeedFileError(self.path, self.line_of(*keys), f"{dotted(keys)}: {problem}" if keys else problem)

    def get(self, *keys: Key) -> Any:
        """The value at `keys`; None where it is missing (TOML itself has no null)."""
        value: Any = self.table
        for key in keys:
            if isinstance(value, dict):
                value = value.get(str(key))
            elif isinstance(value, list) and isinstance(key, int) and key < len(value):
                value = value[key]
            else:
                return None
        return value

    def only(self, keys: Sequence[Key], allowed: Sequence[str]) -> None:
        """Raises SeedFileError if the table at `keys` has a key not in `allowed`: a misspelt key is never lost."""
        for name in self.tables(keys):
            if name not in allowed:
                raise self.error((*keys, name), f"unknown key; allowed: {', '.join(allowed)}")

    def tables(self, keys: Sequence[Key]) -> dict[str, Any]:
        """The table at `keys`; empty if it is missing. Raises SeedFileError if something else stands there."""
        value = self.get(*keys)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.error(keys, f"must be a table, not {_kind(value)}")
        return value

    def text(self, *keys: Key, default: str | None = None) -> str:
        """The string at `keys`, stripped, not empty. Raises SeedFileError; a missing one has the default, if given."""
        value = self.get(*keys)
        if value is None and default is not None:
            return default
        if value is None:
            raise self.error(keys, "is missing; must be a text in quotes")
        if not isinstance(value, str):
            raise self.error(keys, f"must be a text in quotes, not {_kind(value)} ({value!r})")
        if not value.strip():
            raise self.error(keys, "must not be empty")
        return value.strip()

    def texts(self, *keys: Key) -> tuple[str, ...]:
        """The array of strings at `keys`; empty if missing. Raises SeedFileError with the line of the wrong element."""
        value = self.get(*keys)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.error(keys, f"must be a list of texts in brackets, not {_kind(value)}")
        return tuple(self.text(*keys, place) for place in range(len(value)))

    def number(self, *keys: Key, low: float, high: float, default: float | None = None) -> float:
        """The number at `keys`, in [low, high]. Raises SeedFileError; a missing one has the default, if given."""
        value = self.get(*keys)
        if value is None and default is not None:
            return default
        if value is None or isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            given = "is missing" if value is None else f"is {value!r}"
            raise self.error(keys, f"{given}; must be a number from {low:g} to {high:g}")
        return float(value)


def read_toml(path: Path) -> TomlSource:
    """Reads a TOML file in UTF-8. Raises SeedFileError(file, line, problem) if it can't be read or is no TOML."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SeedFileError(path, None, f"can't be read: {error.strerror or error}") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SeedFileError(path, line, f"not UTF-8: byte 0x{raw[error.start]:02x}") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _POSITION.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1  # else it says "at end of document"
        raise SeedFileError(path, line, f"not valid TOML: {_POSITION.sub('', str(error)).strip()}") from error
    except RecursionError as error:
        raise SeedFileError(path, None, "not valid here: nested too deeply") from error
    return TomlSource(path=path, table=table, lines=_Lines(text).found, raw=raw)


def dotted(keys: Sequence[Key]) -> str:
    """A path of keys for people: ("feed", 2, "url") is `feed[3].url`; places count from 1 there."""
    shown = "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in keys)
    return shown.removeprefix(".")


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")


class _Lines:
    """The second pass: line of every key and element. Its text must be valid TOML."""

    def __init__(self, text: str) -> None:
        self.found: dict[tuple[Key, ...], int] = {}
        self._counts: dict[tuple[Key, ...], int] = {}  # arrays of tables: elements so far
        self._tokens = list(self._split(text))
        self._at = 0
        self._document()

    @staticmethod
    def _split(text: str) -> Iterator[tuple[str, int]]:
        line = 1
        for token in _TOKEN.finditer(text):
            if token["comment"] is None and token["space"] is None:
                yield token[0], line
            line += token[0].count("\n")
        yield "", line

    def _next(self) -> str:
        return self._tokens[self._at][0]

    def _skip_newlines(self) -> None:
        while self._next() == "\n":
            self._at += 1

    def _note(self, keys: tuple[Key, ...], line: int) -> None:
        for length in range(1, len(keys) + 1):
            self.found.setdefault(keys[:length], line)

    def _document(self) -> None:
        around: tuple[Key, ...] = ()
        while self._next():
            line = self._tokens[self._at][1]
            if self._next() == "\n":
                self._at += 1
            elif self._next() == "[":
                self._at += 1
                is_array = self._next() == "["
                self._at += is_array
                around = self._header(self._dotted_key(), is_array=is_array)
                self._at += 1 + is_array
                self._note(around, line)
            else:
                self._pair(around)

    def _header(self, names: list[str], *, is_array: bool) -> tuple[Key, ...]:
        keys: tuple[Key, ...] = ()
        for place, name in enumerate(names):
            keys = (*keys, name)
            if is_array and place == len(names) - 1:
                self._counts[keys] = self._counts.get(keys, 0) + 1
            if keys in self._counts:
                keys = (*keys, self._counts[keys] - 1)
        return keys

    def _dotted_key(self) -> list[str]:
        names = []
        while self._next() not in ("=", "]"):
            part = self._next()
            if part != ".":
                names.append(next(iter(tomllib.loads(f"{part} = 0"))))  # undoes quotes and escapes
            self._at += 1
        return names

    def _pair(self, around: tuple[Key, ...]) -> None:
        line = self._tokens[self._at][1]
        keys = (*around, *self._dotted_key())
        self._at += 1
        self._note(keys, line)
        self._value(keys)

    def _value(self, keys: tuple[Key, ...]) -> None:
        opening = self._next()
        if opening not in ("[", "{"):
            while self._next() not in (",", "]", "}", "\n", ""):
                self._at += 1
            return
        self._at += 1
        place = 0
        while True:
            self._skip_newlines()
            if self._next() in ("]", "}"):
                break
            if self._next() == ",":
                self._at += 1
            elif opening == "{":
                self._pair(keys)
            else:
                self._note((*keys, place), self._tokens[self._at][1])
                self._value((*keys, place))
                place += 1
        self._at += 1
