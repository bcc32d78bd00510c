"""How long a text is, in words, in any script. Pure; used by articles.py and page_class.py."""

from __future__ import annotations

import re

# Scripts written without spaces. Characters per word: two in Chinese, Japanese and Korean written in Han or kana (the
# usual rule of translators), five in Thai, Lao, Burmese and Khmer.
_HAN_AND_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]")
_SOUTHEAST_ASIAN = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def word_count(text: str) -> int:
    """Words of a text: runs of letters and digits (an apostrophe, point or hyphen within does not part them), and in
    scripts without spaces characters divided by the usual length of a word.
    """
    rest, han = _HAN_AND_KANA.subn(" ", text)
    rest, southeast = _SOUTHEAST_ASIAN.subn(" ", rest)
    return len(_WORD.findall(rest)) + han // 2 + southeast // 5
