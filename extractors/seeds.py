"""Seed files: the articles that others are held against. seeds/<slug>.toml holds one.

A seed is title, address, facts in our own words and a fingerprint; never text. Reads and writes files; knows nothing of
the warehouse or of verdicts (dedup.py). Every error of a file names its line.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from extractors.errors import SeedFileError
from extractors.fingerprints import FORMAT_VERSION, SHINGLE_LENGTH, sketch
from extractors.records import Fingerprint, Seed
from extractors.toml_source import Key, TomlSource, read_toml

NO_SEEDS = frozenset({"story", "feeds"})  # files of the folder that are something else
PRECISIONS = ("day", "minute", "second")
HASHES_PER_LINE = 5  # of 19 characters each: lines below 120
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_OUTLET = re.compile(r"[a-z0-9][a-z0-9.-]*")
_CONTENT_HASH = re.compile(r"[0-9a-f]{32}")  # xxh3-128
_SHINGLE = re.compile(r"[0-9a-f]{16}")  # xxh3-64
_SENTENCE = re.compile(r"[0-9a-f]{8}( [0-9a-f]{8})*")  # xxh32 of each content word
# Version 1 had neither quotations nor sentences, and other shingles in scripts without spaces.
WITHOUT_SENTENCES = 1
UNSPACED_LANGUAGES = frozenset({"zh", "ja", "th", "lo", "my", "km"})
_TOP = ("title", "url", "outlet", "published", "published_precision", "language", "facts", "fingerprint")
_FINGERPRINT = ("format_version", "content_hash", "shingle_length", "shingles", "quoted", "sentences")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def load_seeds(folders: Sequence[Path]) -> tuple[Seed, ...]:
    """All seeds of the folders, by slug; of equal slugs the first folder's counts and the other is not read. A folder
    that does not exist holds none. Raises SeedFileError."""
    paths: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            if path.stem not in NO_SEEDS:
                paths.setdefault(path.stem, path)
    return tuple(load_seed(paths[slug]) for slug in sorted(paths))


def load_seed(path: Path) -> Seed:
    """Reads a seed. Raises SeedFileError(file, line, problem) for anything missing, misspelt or malformed."""
    if not _SLUG.fullmatch(path.stem):
        raise SeedFileError(path, None, f"{path.stem!r} is no slug; allowed: lower-case letters, digits, hyphens")
    source = read_toml(path)
    if "fingerprint" not in source.table:
        raise SeedFileError(path, None, "has no [fingerprint] table; make seed files with `storywatch seed add`")
    source.only((), _TOP)
    published_at, precision = _published(source)
    return Seed(
        slug=path.stem,
        title=source.text("title"),
        url=_shaped(source, ("url",), re.compile(r"https?://[^\s/]+\S*"), "an http or https address"),
        outlet=_shaped(source, ("outlet",), _OUTLET, "a host without www"),
        language=_shaped(source, ("language",), _LANGUAGE, "a language code such as en"),
        published_at=published_at,
        published_precision=precision,
        facts=source.texts("facts"),
        fingerprint=_fingerprint(source),
    )


def write_seed(seed: Seed, folder: Path) -> Path:
    """Writes `seed` to <folder>/<slug>.toml: whole or not at all, also when the machine stops. Makes the folder. Raises
    SeedFileError for a slug that can't be a file name, a text that is no clean Unicode, a folder that can't be written
    to.
    """
    path = folder / f"{seed.slug}.toml"
    if not _SLUG.fullmatch(seed.slug) or seed.slug in NO_SEEDS:
        raise SeedFileError(path, None, f"{seed.slug!r} can't be a seed's slug: lower-case letters, digits, hyphens")
    try:
        written = seed_toml(seed).encode()
    except UnicodeEncodeError as error:
        raise SeedFileError(path, None, f"holds what is no character: {error.object[error.start]!r}") from error
    temporary: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{seed.slug}.", suffix=".tmp", delete=False) as file:
            temporary = Path(file.name)
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
        _sync_folder(folder)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise SeedFileError(path, None, f"can't be written: {error.strerror or error}") from error
    return path


def seed_toml(seed: Seed) -> str:
    """The seed file's text. load_seed of it gives the same seed."""
    lines = [
        f"title = {_quoted(seed.title)}",
        f"url = {_quoted(seed.url)}",
        f"outlet = {_quoted(seed.outlet)}",
        *_published_lines(seed),
        f"language = {_quoted(seed.language)}",
        "facts = [  # in our own words",
        *(f"    {_quoted(fact)}," for fact in seed.facts),
        "]",
        "",
        "[fingerprint]  # of the text, which can't be read back from it",
        f"format_version = {seed.fingerprint.format_version}",
        f"content_hash = {_quoted(seed.fingerprint.content_hash)}  # xxh3-128 of the normalised words",
        f"shingle_length = {seed.fingerprint.shingle_length}  # words",
        "shingles = [  # xxh3-64 of each, ascending",
    ]
    lines += [*_hash_lines(seed.fingerprint.shingles), "]"]
    if seed.fingerprint.format_version > WITHOUT_SENTENCES:
        lines += ["quoted = [  # those of them that stand within quotation marks alone"]
        lines += [*_hash_lines(seed.fingerprint.quoted), "]"]
        lines += ["sentences = [  # in order; xxh32 of the stem of each content word of a sentence, ascending"]
        for sentence in seed.fingerprint.sentences:
            lines.append(f'    "{" ".join(f"{word:08x}" for word in sentence)}",')
        lines.append("]")
    return "\n".join([*lines, ""])


def _hash_lines(hashes: Sequence[int]) -> Iterator[str]:
    written = [f'"{hashed:016x}"' for hashed in hashes]
    for at in range(0, len(written), HASHES_PER_LINE):
        yield f"    {', '.join(written[at : at + HASHES_PER_LINE])},"


def _quoted(text: str) -> str:
    """A TOML basic string (TOML 1.0, "String"): quotes, backslashes and control characters escaped."""
    escaped = (
        _ESCAPES.get(character) or (f"\\u{ord(character):04x}" if character < " " or character == "\x7f" else character)
        for character in text
    )
    return f'"{"".join(escaped)}"'


def _published_lines(seed: Seed) -> list[str]:
    if seed.published_at is None:
        return []
    moment = seed.published_at.astimezone(UTC)
    if seed.published_precision == "day" and moment.timetz() == time(tzinfo=UTC):
        return [f"published = {moment.date().isoformat()}"]
    lines = [f"published = {moment.isoformat()}"]
    if seed.published_precision is not None:
        lines.append(f"published_precision = {_quoted(seed.published_precision)}")
    return lines


def _published(source: TomlSource) -> tuple[datetime | None, str | None]:
    """Publication and its precision: of a bare date the day, of a time the second unless the file says otherwise."""
    value = source.get("published")
    precision = source.text("published_precision", default="") or None
    if precision is not None and precision not in PRECISIONS:
        raise source.error(("published_precision",), f"is {precision!r}; allowed: {', '.join(PRECISIONS)}")
    if value is None:
        if precision is not None:
            raise source.error(("published_precision",), "there is no `published` that it could be of")
        return None, None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise source.error(("published",), f"is {value.isoformat()}; a time needs its offset, such as Z or +02:00")
        return value.astimezone(UTC), precision or "second"
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC), "day"
    raise source.error(("published",), f"is {value!r}; must be a date or time without quotes, such as 2025-10-16")


def _fingerprint(source: TomlSource) -> Fingerprint:
    at: tuple[Key, ...] = ("fingerprint",)
    source.only(at, _FINGERPRINT)
    version = _version(source, (*at, "format_version"))
    length = source.get(*at, "shingle_length")
    if length != SHINGLE_LENGTH or isinstance(length, bool):
        given = "is missing" if length is None else f"is {length!r}"
        raise source.error((*at, "shingle_length"), f"{given}; this storywatch reads {SHINGLE_LENGTH} alone{_AGAIN}")
    content_hash = _shaped(source, (*at, "content_hash"), _CONTENT_HASH, "32 hexadecimal digits")
    shingles = _hashes(source, (*at, "shingles"))
    if not shingles:
        raise source.error((*at, "shingles"), "must hold at least one hash")
    has_more = version > WITHOUT_SENTENCES
    return Fingerprint(
        content_hash=content_hash,
        shingle_length=SHINGLE_LENGTH,
        shingles=shingles,
        sketch=sketch(shingles),
        quoted=_hashes(source, (*at, "quoted")) if has_more else (),
        sentences=_sentences(source, (*at, "sentences")) if has_more else (),
        format_version=version,
    )


_AGAIN = ": make the seed again with `storywatch seed add --force`"


def _version(source: TomlSource, keys: tuple[Key, ...]) -> int:
    value = source.get(*keys)
    if isinstance(value, bool) or value not in (WITHOUT_SENTENCES, FORMAT_VERSION):
        given = "is missing" if value is None else f"is {value!r}"
        allowed = f"{WITHOUT_SENTENCES} and {FORMAT_VERSION} alone"
        raise source.error(keys, f"{given}; this storywatch reads {allowed}{_AGAIN}")
    language = source.text("language").partition("-")[0]
    if value == WITHOUT_SENTENCES and language in UNSPACED_LANGUAGES:
        raise source.error(keys, f"is 1, which told no copies in {language!r}{_AGAIN}")
    return FORMAT_VERSION if value == FORMAT_VERSION else WITHOUT_SENTENCES


def _hashes(source: TomlSource, keys: tuple[Key, ...]) -> tuple[int, ...]:
    hashes: list[int] = []
    for place, text in enumerate(source.texts(*keys)):
        if not _SHINGLE.fullmatch(text):
            raise source.error((*keys, place), f"is {text!r}; must be 16 hexadecimal digits in lower case")
        if hashes and int(text, 16) <= hashes[-1]:
            raise source.error((*keys, place), f"{text!r} is not above the one before it; must ascend")
        hashes.append(int(text, 16))
    return tuple(hashes)


def _sentences(source: TomlSource, keys: tuple[Key, ...]) -> tuple[tuple[int, ...], ...]:
    sentences = []
    for place, text in enumerate(source.texts(*keys)):
        if not _SENTENCE.fullmatch(text):
            raise source.error((*keys, place), f"is {text!r}; must be words of 8 hexadecimal digits")
        words = tuple(int(word, 16) for word in text.split(" "))
        if list(words) != sorted(set(words)):
            raise source.error((*keys, place), "its words must ascend")
        sentences.append(words)
    return tuple(sentences)


def _shaped(source: TomlSource, keys: tuple[Key, ...], shape: re.Pattern[str], wanted: str) -> str:
    text = source.text(*keys)
    if not shape.fullmatch(text):
        raise source.error(keys, f"is {text!r}; must be {wanted}")
    return text


def _sync_folder(folder: Path) -> None:
    """Makes the new name last as well as the file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
