"""The lines of a page's main content -> those that are the article: without the headline said again, without links to
other pages, requests to the reader, and what follows the end.

Pure; articles.py calls it on what trafilatura brought back. Each rule takes lines away and never adds one; each has a
reason that holds for any outlet, and gained on pages of outlets that did not suggest it (docs/design.md has the
figures, and the rules that did not). What a page may be (a cookie wall, a stub) is decided before, on the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from extractors import line_phrases

# Lines at the beginning among which the headline is looked for: above it stand a section, a kicker, a date.
_HEADLINE_LINES = 4
_MIN_LINKED_WORDS = 4  # words of a line that is nothing but a link; a shorter one may be a word of a list
_LINK_RUN = 2  # such lines in a row from which they are a box of links; one alone may be a source that is quoted
_MAX_LABEL_LENGTH = 80  # characters
_MAX_LEAD_IN_WORDS = 30
_MAX_CALL_WORDS = 45  # longer paragraphs have more to say than the request
_MAX_CALL_LENGTH = 500  # characters, for scripts without spaces
_RELATED_AFTER = 0.4  # share of the words before a heading such as "More from ..." may be the end
_MIN_PARAGRAPH_SPACES = 20  # of a paragraph that is no card's headline or excerpt
_SHINGLE_WORDS = 4
# The body that a page states for machines is believed about its end when it holds so much of the text, is no excerpt
# of a few sentences, and ends with the very words of a line.
_MIN_STATED_SHINGLES, _STATED_SHARE, _BEYOND_SHARE, _LAST_WORDS = 100, 0.6, 0.2, 6
# Share of the words that must be left: rules that take more have misread the page.
_MIN_LEFT = 0.5
_DATE_LINES, _MAX_DATE_WORDS = 5, 14

_WORD = re.compile(r"\w+")
_QUOTE = re.compile(r"[“\"„«‘'‹]")
# Stripped, not matched: a pattern for the end of a line would take quadratic time on half a million points.
_LEADING, _TRAILING = " \t-–—•>»*|([", " \t|:.…!→›»)]"
_BULLET = re.compile(r"^[\s\-–—•>»*|(\[]+")
_LEAD_IN = re.compile(rf"(?:{line_phrases.LEAD_IN.pattern})\s*[:|–—：]\s*\S.*", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_SENTENCE_END = re.compile(r"[.!?][\"'”»’)]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What else the page says, against which its lines are read."""

    headlines: Sequence[str] = ()  # every form in which the page gives its headline
    linked: Set[str] = frozenset()  # texts of links to other pages, and of the blocks within them; on one line each
    stated: str = ""  # the article's body as the page states it for machines; empty: it doesn't


def article_lines(text: str, page: Surroundings) -> str:
    """The text of the article, one paragraph per line."""
    lines = text.split("\n")
    kept = _after_headline(lines, page.headlines)
    kept = _without_links(kept, page.linked)
    kept = _up_to_stated_end(kept, page.stated)
    kept = [line for line in _before_related(kept) if not _is_about_the_page(line)]
    kept = [line for at, line in enumerate(kept) if not (at < _DATE_LINES and _is_date_or_reading_time(line))]
    if _words(kept) < _MIN_LEFT * _words(lines):
        kept = lines
    return "\n".join(kept)


def bare_line(line: str) -> str:
    """A line without bullets, bars, arrows and points around it."""
    return line.lstrip(_LEADING).rstrip(_TRAILING)


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """The distinct runs of four words of a text, without regard to case."""
    words = _WORD.findall(text.lower())
    return frozenset(tuple(words[at : at + _SHINGLE_WORDS]) for at in range(len(words) - _SHINGLE_WORDS + 1))


def _words(lines: Sequence[str]) -> int:
    return sum(len(_WORD.findall(line)) for line in lines)


def _spoken(text: str) -> str:
    """The words of a text alone: what two spellings of a headline have in common."""
    return " ".join(_WORD.findall(text.lower()))


def _after_headline(lines: list[str], headlines: Sequence[str]) -> list[str]:
    """The headline is a field of its own; it and what stands over it are no paragraphs."""
    known = {_spoken(headline) for headline in headlines} - {""}
    for at, line in enumerate(lines[:_HEADLINE_LINES]):
        if _spoken(line) in known:
            return lines[at + 1 :]
    return lines


def _without_links(lines: list[str], linked: Set[str]) -> list[str]:
    """Without boxes of links: lines in a row, or points of a list, that are nothing but a link to another page."""
    bare = [bare_line(line) for line in lines]
    is_link = [
        (line in linked or short in linked) and len(short.split()) >= _MIN_LINKED_WORDS
        for line, short in zip(lines, bare, strict=True)
    ]
    kept = []
    for at, line in enumerate(lines):
        in_run = any(is_link[max(0, at - _LINK_RUN + 1) : at]) or any(is_link[at + 1 : at + _LINK_RUN])
        if not (is_link[at] and (in_run or line.startswith("- "))):
            kept.append(line)
    return kept


def _up_to_stated_end(lines: list[str], stated: str) -> list[str]:
    """Without what follows the line with which the body that the page states ends."""
    known = shingles(stated)
    if len(known) < _MIN_STATED_SHINGLES:
        return lines
    found = [shingles(line) for line in lines]
    if sum(len(of_line & known) for of_line in found) < _STATED_SHARE * sum(map(len, found)):
        return lines
    last_words = _WORD.findall(stated.lower())[-_LAST_WORDS:]
    for at in range(len(lines) - 1, -1, -1):
        if _WORD.findall(lines[at].lower())[-_LAST_WORDS:] == last_words:
            return lines[: at + 1]
        if len(found[at] & known) > _BEYOND_SHARE * len(found[at]):
            return lines
    return lines


def _is_about_the_page(line: str) -> bool:
    """A label, a pointer to another page, a request to the reader, a credit."""
    words = line.count(" ") + 1
    bare = bare_line(line)
    if len(bare) <= _MAX_LABEL_LENGTH and line_phrases.LABEL.fullmatch(bare):
        return True
    if words <= _MAX_LEAD_IN_WORDS and _LEAD_IN.fullmatch(_BULLET.sub("", line)):
        return True
    if words > _MAX_CALL_WORDS or len(line) > _MAX_CALL_LENGTH or _QUOTE.match(line):
        return False
    return bool(line_phrases.CREDIT.fullmatch(bare) or line_phrases.CALL.search(line))


def _before_related(lines: list[str]) -> list[str]:
    """What stands before the heading over the outlet's other articles."""
    total, before = _words(lines), 0
    for at, line in enumerate(lines):
        bare = bare_line(line)
        is_late = before >= _RELATED_AFTER * total and len(bare) <= _MAX_LABEL_LENGTH
        if is_late and line_phrases.RELATED.fullmatch(bare) and not _are_paragraphs(lines[at + 1 :]):
            return lines[:at]
        before += _words([line])
    return lines


def _are_paragraphs(lines: list[str]) -> bool:
    """Whether most of the words stand in whole paragraphs: then the heading is one of the article's own."""
    whole = [line for line in lines if line.count(" ") >= _MIN_PARAGRAPH_SPACES and _SENTENCE_END.search(line)]
    return 2 * _words(whole) > _words(lines)


def _is_date_or_reading_time(line: str) -> bool:
    """A line that says when, or how long it takes to read, and nothing else."""
    if not _DIGIT.search(line) or line.count(" ") >= _MAX_DATE_WORDS:
        return False
    return all(word.isdigit() or line_phrases.DATE_WORD.fullmatch(word) for word in _WORD.findall(line.lower()))
