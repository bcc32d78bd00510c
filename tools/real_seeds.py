"""Make the fingerprints of the shipped seeds anew from their texts, which are not part of the project.

    STORYWATCH_TESTDATA=... python -m tools.real_seeds

Run it after a change of the fingerprint's format; tests/test_seeds.py compares. Title, address and facts stay.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from extractors.fingerprints import seed_fingerprint
from extractors.seeds import load_seed, write_seed

SHIPPED = Path(__file__).parents[1] / "seeds"
TEXTS = {"tdpel-two-hour-call": "000_ba357e60830075c0.txt", "beviral-meet-putin-again": "003_645b810459b430e2.txt"}


def main() -> None:
    """Write both files."""
    if "STORYWATCH_TESTDATA" not in os.environ:
        sys.exit("STORYWATCH_TESTDATA names the folder of the test data; it is not set")
    folder = Path(os.environ["STORYWATCH_TESTDATA"]) / "seeds"
    for slug, name in TEXTS.items():
        seed = load_seed(SHIPPED / f"{slug}.toml")
        print(write_seed(replace(seed, fingerprint=seed_fingerprint((folder / name).read_text("utf-8"))), SHIPPED))


if __name__ == "__main__":
    main()
