"""One tree of errors. Standard library only.

    StorywatchError
    ├── InputError                what a person wrote is wrong; exit code 2
    │   ├── SettingsError         storywatch.toml, environment, command line
    │   └── SeedFileError         feeds.toml, story.toml, seeds/<slug>.toml
    ├── NetworkUnreachable        nothing at all could be reached; exit code 3
    ├── FetchError                one URL could not be fetched; becomes a Failure
    │   ├── TransientFetchError   may pass by itself: Timeout, ConnectionFailed, DnsError, Truncated,
    │   │                         RateLimited, ServerError, RobotsUnavailable
    │   └── (permanent)           TlsError, TooLarge, DecodeError, ProtocolError, TooManyRedirects, Blocked, BadUrl,
    │                             RobotsForbidden, HttpGone, HttpForbidden, HttpError
    ├── FeedError                 NotAFeed: the body is no feed; FeedRateLimited: it says that we ask too often
    ├── PageError                 one page gives no article: NotArticle, ExtractionLost, ExtractionKilled
    ├── ArchiveFailed             a page could not be written into the archive: nothing is judged without it
    └── WarehouseError            WarehouseBusy, WarehouseForeign, WarehouseNewer, WarehouseDamaged, WarehouseDiskFull,
                                  WarehouseMissing, WarehouseReadOnly, QueryError

Facts are attributes; the message says what was given, what is allowed and where it came from. `reason` is a key of
records.REASONS. `transient` is a fact of the class and the only thing that a retry asks. All of them pickle.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from extractors.records import Article


class StorywatchError(Exception):
    """Base of every error that storywatch expects."""


# -- what a person wrote ------------------------------------------------------------------------------------------


class InputError(StorywatchError):
    """Something that a person wrote is wrong."""


class SettingsError(InputError):
    """A setting is wrong: key, value, what is allowed, where it came from."""

    def __init__(self, key: str, value: object, allowed: str, origin: str) -> None:
        super().__init__(key, value, allowed, origin)
        self.key, self.value, self.allowed, self.origin = key, value, allowed, origin

    def __str__(self) -> str:
        if self.origin == "the command line":
            return f"{self.key}: {self.allowed}" if self.value is None else f"{self.key} {self.value!r}: {self.allowed}"
        if self.value is None:
            return f"setting {self.key} is not set: {self.allowed}"
        return f"setting {self.key} = {self.value!r} (from {self.origin}): {self.allowed}"


class SeedFileError(InputError):
    """A file of seeds/ is wrong: file, line (None: the file as a whole), what is wrong and what is allowed."""

    def __init__(self, path: Path | str, line: int | None, problem: str) -> None:
        super().__init__(path, line, problem)
        self.path, self.line, self.problem = path, line, problem

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line is not None else str(self.path)
        return f"{where}: {self.problem}"


class NetworkUnreachable(StorywatchError):
    """Nothing at all could be reached: not a fault of a feed, but of the way to all of them."""


# -- fetching ------------------------------------------------------------------------------------------------------


class FetchError(StorywatchError):
    """One URL could not be fetched."""

    reason: ClassVar[str] = "http_error"
    transient: ClassVar[bool] = False

    def __init__(
        self, url: str, detail: str, *, status: int | None = None, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(url, detail)
        self.url, self.detail, self.status, self.retry_after_seconds = url, detail, status, retry_after_seconds

    def __reduce__(self) -> tuple[object, ...]:
        state = {"status": self.status, "retry_after_seconds": self.retry_after_seconds}
        return type(self), (self.url, self.detail), state

    def __str__(self) -> str:
        return f"{self.url}: {self.detail}"


class TransientFetchError(FetchError):
    transient: ClassVar[bool] = True


class Timeout(TransientFetchError):
    reason = "timeout"


class ConnectionFailed(TransientFetchError):
    reason = "connection_error"


class DnsError(TransientFetchError):
    reason = "dns_error"


class Truncated(TransientFetchError):
    reason = "truncated"


class RateLimited(TransientFetchError):
    reason = "rate_limited"


class ServerError(TransientFetchError):
    reason = "server_error"


class RobotsUnavailable(TransientFetchError):
    reason = "robots_unavailable"


class TlsError(FetchError):
    reason = "tls_error"


class TooLarge(FetchError):
    reason = "too_large"


class DecodeError(FetchError):
    reason = "decode_error"


class ProtocolError(FetchError):
    reason = "protocol_error"


class TooManyRedirects(FetchError):
    reason = "too_many_redirects"


class Blocked(FetchError):
    reason = "blocked"


class BadUrl(FetchError):
    reason = "bad_url"


class RobotsForbidden(FetchError):
    reason = "robots"


class HttpGone(FetchError):
    reason = "http_gone"


class HttpForbidden(FetchError):
    reason = "forbidden"


class HttpError(FetchError):
    reason = "http_error"


# -- feeds and pages -----------------------------------------------------------------------------------------------


class FeedError(StorywatchError):
    """A feed's body could not be read."""

    reason: ClassVar[str] = "not_a_feed"
    transient: ClassVar[bool] = False

    def __init__(self, url: str, detail: str) -> None:
        super().__init__(url, detail)
        self.url, self.detail = url, detail

    def __str__(self) -> str:
        return f"{self.url}: {self.detail}"


class NotAFeed(FeedError):
    """The body is something else; `detail` says what."""


class FeedRateLimited(NotAFeed):
    """The body says, with a status of success, that we ask too often."""

    reason: ClassVar[str] = "rate_limited"
    transient: ClassVar[bool] = True


class PageError(StorywatchError):
    """One page gives no article; `reason` is a key of REASONS."""

    transient: ClassVar[bool] = False

    def __init__(self, url: str, reason: str, detail: str) -> None:
        super().__init__(url, reason, detail)
        self.url, self.reason, self.detail = url, reason, detail

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}: {self.detail}"


class NotArticle(PageError):
    """The page is no article: `reason` is its class, `detail` the evidence, `article` what was extracted anyway."""

    def __init__(self, url: str, reason: str, detail: str, article: Article | None = None) -> None:
        super().__init__(url, reason, detail)
        self.article = article


class ExtractionLost(PageError):
    """The extractor came back with less than the page holds."""


class ExtractionKilled(PageError):
    """The page went over its time or memory."""


# -- the archive ---------------------------------------------------------------------------------------------------


class ArchiveFailed(StorywatchError):
    """A page could not be written into the archive: file, what is wrong."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.problem}: the page can't be archived, so it was not taken in and waits for the next "
            "run; free some space, or set archive = false to go on without"
        )


# -- the warehouse -------------------------------------------------------------------------------------------------


class WarehouseError(StorywatchError):
    """Something is wrong with the warehouse; names the file, the cause and the remedy."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class WarehouseMissing(WarehouseError):
    """There is no warehouse here yet."""


class WarehouseBusy(WarehouseError):
    """Another process holds the warehouse; exit code 4."""

    def __init__(self, path: Path | str, problem: str, pid: int | None = None) -> None:
        super().__init__(path, problem)
        self.args = (path, problem, pid)
        self.pid = pid


class WarehouseForeign(WarehouseError):
    """The file at the path is not a storywatch warehouse."""


class WarehouseNewer(WarehouseError):
    """The file was written by a newer storywatch."""


class WarehouseDamaged(WarehouseError):
    """The file can't be read, or has lost what it held."""


class WarehouseDiskFull(WarehouseError):
    """The disk is full."""


class WarehouseReadOnly(WarehouseError):
    """The folder or the file can't be written to."""


class QueryError(WarehouseError):
    """A query that a person gave is wrong."""
