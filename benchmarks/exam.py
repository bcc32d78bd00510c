"""The exam of extraction: real pages with their true text, what plain trafilatura makes of them, and what we do.

    measured(folder) -> Figures        used by benchmarks/extraction.py and by the gate, tests/test_gate_extraction.py

Text is scored by F1 over 4-word shingles (multisets; words are runs of letters and digits, without regard to case), per
page. Metadata on the pages whose truth has them: the true title stands in ours, the sets of authors are equal, the day
is the same, all without regard to case and width of characters.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trafilatura
from trafilatura.metadata import extract_metadata

from extractors.page_class import ARTICLE_CLASSES
from extractors.pages import page_of
from extractors.records import Page
from flows.extracting import Extracted, extracted, stated_time
from flows.isolation import ExtractionPool
from flows.world import utc_now

_SHINGLE_WORDS = 4
_RESAMPLES = 2000  # of the bootstrap
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A page of the exam. `truth` has set, url, body, and for some title, authors, published."""

    file: str
    body: bytes
    truth: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What an extractor made of a page."""

    is_article: bool = False  # ours only
    text: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""  # ISO 8601


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one run over the exam gives; ours and plain trafilatura's, shares and means in [0, 1]."""

    pages: int
    refused: tuple[str, ...]  # files that came out as no article
    f1: Mapping[str, float]  # by set
    plain_f1: Mapping[str, float]
    changes: Mapping[str, float]  # by file: our F1 minus plain trafilatura's
    interval: tuple[float, float]  # of the mean change, 95 %, by bootstrap
    metadata: Mapping[str, float]  # title, authors, date
    plain_metadata: Mapping[str, float]

    @property
    def mean_change(self) -> float:
        return sum(self.changes.values()) / len(self.changes)


def rows_of(folder: Path) -> list[Row]:
    """The exam in `folder`: truth.jsonl and the pages that it names."""
    lines = (folder / "truth.jsonl").read_text("utf-8").splitlines()
    return [
        Row(file=truth["file"], body=gzip.decompress((folder / truth["file"]).read_bytes()), truth=truth)
        for truth in map(json.loads, lines)
    ]


def digest_of(rows: Sequence[Row]) -> str:
    """SHA-256 over everything that the exam asks and takes for true; another exam has another one."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row.truth, sort_keys=True, ensure_ascii=False).encode())
        digest.update(hashlib.sha256(row.body).digest())
    return digest.hexdigest()


def pages_of(rows: Sequence[Row]) -> list[Page]:
    """The pages as if they had been fetched just now."""
    now = utc_now()
    return [page_of(row.body, row.truth["url"], now) for row in rows]


def measured(rows: Sequence[Row], *, workers: int = 2) -> Figures:
    """Plain trafilatura and our extractor over all pages, in worker processes."""
    with ProcessPoolExecutor(workers) as processes:
        plain = list(processes.map(_plain, rows, chunksize=8))
    with ExtractionPool(workers=workers) as pool:
        ours = [_ours(extracted(told)) for told in pool.extract(pages_of(rows), lambda _: None)]
    scores = [shingle_f1(made.text, row.truth["body"]) for row, made in zip(rows, ours, strict=True)]
    plain_scores = [shingle_f1(made.text, row.truth["body"]) for row, made in zip(rows, plain, strict=True)]
    changes = {row.file: ours - plain for row, ours, plain in zip(rows, scores, plain_scores, strict=True)}
    return Figures(
        pages=len(rows),
        refused=tuple(row.file for row, made in zip(rows, ours, strict=True) if not made.is_article),
        f1=_by_set(rows, scores),
        plain_f1=_by_set(rows, plain_scores),
        changes=changes,
        interval=_interval(list(changes.values())),
        metadata=_right(rows, ours),
        plain_metadata=_right(rows, plain),
    )


def _by_set(rows: Sequence[Row], scores: Sequence[float]) -> dict[str, float]:
    """Mean score of each set."""
    of_set: dict[str, list[float]] = {}
    for row, score in zip(rows, scores, strict=True):
        of_set.setdefault(row.truth["set"], []).append(score)
    return {name: sum(found) / len(found) for name, found in of_set.items()}


def _right(rows: Sequence[Row], made: Sequence[Made]) -> dict[str, float]:
    """Share of the pages on which each field is right, of those whose truth has it."""
    answers: dict[str, list[bool]] = {}
    for row, one in zip(rows, made, strict=True):
        for name in _known(row.truth):
            answers.setdefault(name, []).append(_is_right(name, one, row.truth))
    return {name: sum(found) / len(found) for name, found in answers.items()}


def shingle_f1(text: str, truth: str) -> float:
    """F1 of the text's shingles against the truth's."""
    ours, true = _shingles(text), _shingles(truth)
    return 2 * (ours & true).total() / max(1, ours.total() + true.total())


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    starts = range(max(1, len(words) - _SHINGLE_WORDS + 1)) if words else range(0)
    return Counter(tuple(words[at : at + _SHINGLE_WORDS]) for at in starts)


def _ours(found: Extracted) -> Made:
    article = found.article if found.page_class in ARTICLE_CLASSES else None
    if article is None:
        return Made()
    return Made(
        is_article=True,
        text=article.text,
        title=article.title,
        authors=article.authors,
        date=stated_time(article) or "",
    )


def _plain(row: Row) -> Made:
    """Text and metadata by trafilatura alone; at the top for the worker processes."""
    logging.disable(logging.CRITICAL)
    text = trafilatura.extract(row.body, include_comments=False) or ""
    if not _known(row.truth):
        return Made(text=text)
    document = extract_metadata(row.body, default_url=row.truth["url"])
    authors = tuple(name for name in (document.author or "").split("; ") if name)
    return Made(text=text, title=document.title or "", authors=authors, date=document.date or "")


def _known(truth: Mapping[str, Any]) -> tuple[str, ...]:
    fields = {"title": "title", "authors": "authors", "date": "published"}
    return tuple(name for name, field in fields.items() if truth.get(field))


def _is_right(name: str, made: Made, truth: Mapping[str, Any]) -> bool:
    if name == "title":
        return _folded(truth["title"]) in _folded(made.title)
    if name == "authors":
        return {_folded(author) for author in made.authors} == {_folded(author) for author in truth["authors"]}
    return bool(made.date[:10] == truth["published"][:10])


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _interval(changes: Sequence[float]) -> tuple[float, float]:
    """Bootstrap interval of the mean, the same at every call."""
    drawn = random.Random(4)
    means = sorted(sum(drawn.choices(changes, k=len(changes))) / len(changes) for _ in range(_RESAMPLES))
    tail = round(_RESAMPLES * (1 - _CONFIDENCE) / 2)
    return means[tail], means[-tail - 1]
