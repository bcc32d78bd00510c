"""A text as the words that are compared: normalised, with what lies in quotation marks told apart. Pure.

Used by fingerprints.py, sentences.py and headlines.py. Not a tokeniser of any language: it must only cut two copies of
one text alike. Scripts without spaces between words are cut into characters, which weigh less than a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Marks that belong to the word before them although Python counts them as no word characters.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7"
    "\u0a01-\u0a03\u0a3c-\u0a4d\u0a70\u0a71\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b4d\u0b82\u0bbe-\u0bcd"
    "\u0c00-\u0c04\u0c3e-\u0c4d\u0c81-\u0c83\u0cbc-\u0ccd\u0d00-\u0d03\u0d3b-\u0d4d\u0d82\u0d83\u0dca-\u0ddf"
)
# Thai, Lao, Myanmar, Khmer; then kana and Han. None sets spaces between words: each character is a token.
_SOUTHEAST_ASIAN = "\u0e01-\u0e4e\u0e80-\u0ecd\u1000-\u103f\u1780-\u17d3"
_HAN_AND_KANA = "\u3040-\u309a\u309d-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_UNSPACED = _SOUTHEAST_ASIAN + _HAN_AND_KANA
_TOKEN = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_][{_MARKS}]*)+")
# The same for the texts without any of these characters, which are most: five times as fast.
_SPECIAL = re.compile(f"[{_UNSPACED}{_MARKS}]")
_PLAIN_TOKEN = re.compile(r"[^\W_]+")
_UNSPACED_TOKEN = re.compile(f"[{_UNSPACED}]")

# What a token weighs, so that a shingle holds as much text in every script: two characters of Han or kana to a word,
# five of the others (as in words.py).
WORD_WEIGHT = 10
_WEIGHTS = {"han": WORD_WEIGHT // 2, "southeast": WORD_WEIGHT // 5}
_SOUTHEAST_TOKEN = re.compile(f"[{_SOUTHEAST_ASIAN}]")

# A quotation stays within its paragraph; one that is not closed ends with it, as the first paragraphs of a long
# quotation do. Single marks are apostrophes more often than quotation marks: they count from 25 characters on, where
# they open before a word and close behind one.
_DOUBLE = r"[“„‟][^“”„‟\n]*[”“‟\n]|«[^«»\n]*[»\n]|»[^«»\n]*«|「[^「」\n]*[」\n]|『[^『』\n]*[』\n]|\"[^\"\n]*[\"\n]"
_OPENED = r"['‘‚](?<![^\W_].)(?=[^\W_])"  # the mark first, which is looked for ten times as fast
_QUOTED = re.compile(_DOUBLE)
_QUOTED_OR_SINGLE = re.compile(rf"{_DOUBLE}|{_OPENED}(?:[^'‘’\n]|['’](?=[^\W_])){{25,}}['‘’](?![^\W_])")
_SINGLE_MARK = re.compile(_OPENED)
# As plaintext.py does for articles: a soft hyphen or a word joiner within a word is no end of it.
_INVISIBLE = "\u00ad\u200b\u2060\ufeff"
_QUOTATION_MARK = re.compile('[“„‟«»「『"]')


def normalised(text: str) -> str:
    """`text` in compatibility form, without case and invisible marks; idempotent."""
    if text.isascii():
        return text.lower()
    for mark in _INVISIBLE:
        text = text.replace(mark, "")  # less work than one search for all four: 4 and 7 us for 2,000 characters
    folded = text.casefold()
    if unicodedata.is_normalized("NFKC", folded):
        return folded  # nearly every text; a fifth of the time
    # Case folding can undo the normal form and the other way round; twice is enough (Unicode, toNFKC_Casefold).
    for _ in range(2):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", folded).casefold())
    return folded


def tokens(text: str) -> list[str]:
    """The words of a text, normalised; of scripts without spaces the characters."""
    return _cut(normalised(text))


def token_runs(text: str) -> Iterator[tuple[list[str], bool]]:
    """(tokens, whether they lie in quotation marks), in order; joined they are `tokens(text)`."""
    normal = normalised(text)
    has_single = _SINGLE_MARK.search(normal) is not None
    if not has_single and not _QUOTATION_MARK.search(normal):
        yield _cut(normal), False
        return
    done = 0
    for quoted in (_QUOTED_OR_SINGLE if has_single else _QUOTED).finditer(normal):
        yield _cut(normal[done : quoted.start()]), False
        yield _cut(quoted.group()), True
        done = quoted.end()
    yield _cut(normal[done:]), False


def is_unspaced(token: str) -> bool:
    """Whether it is a character of a script without spaces."""
    return _UNSPACED_TOKEN.match(token) is not None


def weight(token: str) -> int:
    """Of a word WORD_WEIGHT, of a character of a script without spaces its share of a word."""
    if not is_unspaced(token):
        return WORD_WEIGHT
    return _WEIGHTS["southeast" if _SOUTHEAST_TOKEN.match(token) else "han"]


def _cut(normal: str) -> list[str]:
    is_plain = normal.isascii() or not _SPECIAL.search(normal)
    return (_PLAIN_TOKEN if is_plain else _TOKEN).findall(normal)
