"""Asking a provider, with a limit on everything: on the time in all, on the size, and never where a redirect leads."""

import json
import threading
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from access.oidc.refusals import ProviderUnavailable

TIMEOUT_SECONDS = 3.0
ANSWER_MAX_BYTES = 256 * 1024
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})

Json = dict[str, Any]


class _NoRedirects(HTTPRedirectHandler):
    """Keys and codes come from where the provider said, or not at all."""

    def redirect_request(self, *_: Any) -> None:
        return None


def is_secure(url: str) -> bool:
    """Whether nobody can come between: https, or a provider on this machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL))


def ask(url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> tuple[int, Json]:
    """GET a URL, or POST a form to it: the status and the JSON object. Raises ProviderUnavailable.

    A socket's own timeout starts anew with each byte, so the whole is done beside and waited for no longer than a
    limit.
    """
    if not is_secure(url):
        raise ProviderUnavailable("names an address without TLS")
    body = urlencode(form).encode() if form is not None else None
    request = Request(url, body, {"Accept": "application/json"} | dict(headers or {}))  # noqa: S310  (is_secure)
    done: list[tuple[int, bytes] | ProviderUnavailable] = []
    beside = threading.Thread(target=lambda: done.append(_answer(request)), daemon=True, name="daybook-oidc")
    beside.start()
    beside.join(TIMEOUT_SECONDS)
    if not done:
        raise ProviderUnavailable("did not answer in time")
    if isinstance(done[0], ProviderUnavailable):
        raise done[0]
    status, content = done[0]
    return status, _object(content)


def _answer(request: Request) -> tuple[int, bytes] | ProviderUnavailable:
    try:
        with build_opener(_NoRedirects).open(request, timeout=TIMEOUT_SECONDS) as answer:
            return answer.status, answer.read(ANSWER_MAX_BYTES + 1)
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read(ANSWER_MAX_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        return ProviderUnavailable(f"cannot be asked ({type(reason).__name__})")


def _object(content: bytes) -> Json:
    try:
        told = json.loads(content) if len(content) <= ANSWER_MAX_BYTES else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise ProviderUnavailable("answered something else than a JSON object")
    return told
