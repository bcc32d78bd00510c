"""What a failed exchange means: aiohttp's, ssl's and the system's errors, each mapped to one class of errors.py. Pure.

Statuses are judged in `politeness.py`, bodies in `decoding.py`. What is not known here is a bug and is raised as it is.
"""

from __future__ import annotations

import ssl

import aiohttp
from aiohttp.http_exceptions import ContentLengthError, HttpProcessingError, TransferEncodingError

from extractors.errors import (
    BadUrl,
    ConnectionFailed,
    DnsError,
    FetchError,
    ProtocolError,
    Timeout,
    TlsError,
    Truncated,
)

EXCHANGE_ERRORS = (aiohttp.ClientError, HttpProcessingError, OSError)
_CUT_SHORT = "not enough data"  # aiohttp's words for a chunked body without its end
_LONGEST_DETAIL = 300  # characters


def error_of_exchange(url: str, error: BaseException, *, answered: bool) -> FetchError:
    """The error for one of EXCHANGE_ERRORS; `answered`: the head of the answer had come, so its body broke off."""
    detail = _words(error)
    chain = _causes(error)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return DnsError(url, detail)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in chain):
        return TlsError(url, detail)
    if any(isinstance(cause, ssl.SSLError) for cause in chain):
        return Truncated(url, detail) if answered else TlsError(url, detail)
    if any(isinstance(cause, TimeoutError) for cause in chain):
        return Timeout(url, detail)
    if isinstance(error, aiohttp.InvalidURL):
        return BadUrl(url, detail)
    if any(isinstance(cause, HttpProcessingError) for cause in chain):
        return Truncated(url, detail) if any(map(_is_cut_short, chain)) else ProtocolError(url, detail)
    if isinstance(error, aiohttp.ClientResponseError):
        return ProtocolError(url, detail)
    return Truncated(url, detail) if answered else ConnectionFailed(url, detail)


def _is_cut_short(error: BaseException) -> bool:
    return isinstance(error, ContentLengthError) or (
        isinstance(error, TransferEncodingError) and _CUT_SHORT in str(error).lower()
    )


def _causes(error: BaseException) -> list[BaseException]:
    """The error with what caused it."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain


def _words(error: BaseException) -> str:
    """One line for people: the innermost library words, without their line breaks."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text.encode("utf-8", "replace").decode()[:_LONGEST_DETAIL]
