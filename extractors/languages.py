"""Which language a text is in, by its letters, and how sure that is.

The only user of py3langid (97 languages; 0.6 ms for the characters that are looked at). Its model takes 1.2 s to load,
once per process: extractors/worker.py does it while pages are fetched.
"""

from __future__ import annotations

from functools import cache
from typing import Any

# Characters that are looked at. On 323 pages in 30 languages 1,000 left 2 in doubt, 2,000 also 2, 300 left 7.
_SAMPLE = 1000
# Probability below which the page's own claim is believed instead; words from which a text is enough to tell by.
MIN_CONFIDENCE = 0.9
MIN_WORDS = 20


@cache
def load() -> Any:
    """The identifier, loaded at the first call."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def language_of(text: str) -> tuple[str, float]:
    """(ISO 639-1 tag, probability in [0, 1]) of a text."""
    tag, probability = load().classify(text[:_SAMPLE])
    return str(tag), min(1.0, max(0.0, float(probability)))
