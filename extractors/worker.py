"""The process in which pages are extracted, so that one page can be stopped without stopping the run.

    python -m extractors.worker        started by flows/isolation.py, never by hand

Reads pickled Pages from standard input and answers each on standard output with (Article or PageError, CPU seconds),
until its input ends. Takes at most MAX_MEMORY_BYTES beyond what it has loaded.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import time
from pathlib import Path

from extractors import languages
from extractors.articles import extract_article
from extractors.errors import BadUrl, ExtractionKilled, PageError
from extractors.framing import receive, send
from extractors.records import Article, Page

# Over this a page is given up (faults 40); the largest real page that was measured needs 150 MB.
MAX_MEMORY_BYTES = 1 << 30


def answer(page: Page) -> Article | PageError:
    """What the page gives. A bug raises, and ends the process with its traceback on standard error."""
    try:
        return extract_article(page)
    except PageError as error:
        return error
    except BadUrl as error:  # a redirect led to what is an address for the server, but not for us
        return PageError(page.entry.url, error.reason, error.detail)
    except MemoryError:
        return ExtractionKilled(page.entry.url, "extraction_killed", f"took over {MAX_MEMORY_BYTES >> 20} MB of memory")


def main() -> None:
    """Answer page after page."""
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not get among the messages
    languages.load()
    _limit_memory()
    while isinstance(page := receive(incoming), Page):
        started = time.process_time()
        told = answer(page)
        try:
            send(outgoing, (told, time.process_time() - started))
        except BrokenPipeError:  # whoever asked was killed: nobody wants an answer, or to hear that nobody does
            os._exit(1)


def _limit_memory() -> None:
    with contextlib.suppress(OSError, ValueError):  # where /proc or the limit is not to be had, time alone limits
        in_use = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (in_use + MAX_MEMORY_BYTES,) * 2)


if __name__ == "__main__":
    main()
