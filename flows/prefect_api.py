"""Prefect's API asked over plain HTTP, without importing prefect, and which API that is for a data folder.

It is the one that PREFECT_API_URL names in the environment, else that of the `storywatch up` that lives on the data
folder. Profiles and files of Prefect are not read: that would take prefect, and 2 s of CPU.
"""

from __future__ import annotations

import base64
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from flows.serve_plan import AUTH_VARIABLE, Plan, is_loopback, read_state
from warehouse import lock
from warehouse.connect import DataDir

TIMEOUT_SECONDS = 10.0
RESTS_SECONDS = (0.5, 1.0, 2.0)  # before asking a busy server again


class NoAnswer(Exception):
    """The server did not answer, or not as it should. `status`: of HTTP, if it was that."""

    def __init__(self, why: str, *, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """Where a server is, and how we identify ourselves."""

    url: str  # such as http://127.0.0.1:4200/api
    authorization: str | None = None  # the header
    named_by: str = ""  # for people
    timeout_seconds: float = TIMEOUT_SECONDS

    def ask_patiently(self, path: str, body: object = None) -> Any:
        """As `ask`, but again when the server's database was locked at that moment, as Prefect's own client does."""
        for rest in RESTS_SECONDS:
            try:
                return self.ask(path, body)
            except NoAnswer as error:
                if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
            time.sleep(rest)
        return self.ask(path, body)

    def ask(self, path: str, body: object = None) -> Any:
        """One request, POST if there is a body. Raises NoAnswer."""
        headers = {"Content-Type": "application/json"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        data = None if body is None else json.dumps(body).encode()
        try:
            request = urllib.request.Request(f"{self.url}{path}", data, headers)  # noqa: S310
            # No proxy of the environment stands before this machine's own server.
            is_here = is_loopback(urllib.parse.urlsplit(self.url).hostname or "")
            opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if is_here else []))
            with opener.open(request, timeout=self.timeout_seconds) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise NoAnswer(str(error), status=error.code) from error
        except (OSError, ValueError, HTTPException) as error:  # the last: no HTTP, or an answer that breaks off
            raise NoAnswer(str(error) or type(error).__name__) from error


def basic(auth: str | None) -> str | None:
    """The header for "user:password"."""
    return f"Basic {base64.b64encode(auth.encode()).decode()}" if auth else None


def api_at(url: str, authorization: str | None, *, named_by: str) -> Api:
    """The API at a URL. User and password in it, which Prefect's client takes, go into the header: the URL is shown."""
    before, mark, place = url.rstrip("/").rpartition("@")
    scheme, slashes, user = before.partition("://")
    if not (mark and slashes) or "/" in user:
        return Api(url=url.rstrip("/"), authorization=authorization, named_by=named_by)
    header = authorization or basic(urllib.parse.unquote(user))
    return Api(url=f"{scheme}://{place}", authorization=header, named_by=named_by)


def named_api(
    data_dir: DataDir, environment: Mapping[str, str] = os.environ, *, timeout_seconds: float = TIMEOUT_SECONDS
) -> Api | None:
    """The API that the runs of this data folder are known to. None: none is named."""
    key = environment.get("PREFECT_API_KEY")
    auth = environment.get("PREFECT_API_AUTH_STRING") or environment.get(AUTH_VARIABLE)
    authorization = f"Bearer {key}" if key else basic(auth)
    url = environment.get("PREFECT_API_URL")
    if url:
        api = api_at(url, authorization, named_by="PREFECT_API_URL")
        return replace(api, timeout_seconds=timeout_seconds)
    plan = Plan(data_dir=data_dir.root.absolute(), folder=data_dir.root)
    state = read_state(plan.state_path)
    if state is None or not lock.is_held(plan.lock_path):
        return None
    return Api(
        url=f"{state.url}/api",
        authorization=basic(auth),
        named_by="storywatch up",
        timeout_seconds=timeout_seconds,
    )
