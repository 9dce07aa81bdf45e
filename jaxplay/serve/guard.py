"""Who may ask: hosts, origins, a token, and how often. A guard stands before the whole server."""

import hmac
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jaxplay.serve.requests import refusal

COOKIE = "jaxplay_token"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PROXIES = (".googleusercontent.com", ".colab.dev", "colab.research.google.com")
"""Ends of the hosts by which Colab shows the pages of its own machines."""
FRAMES = (*(f"https://{'*' if host[0] == '.' else ''}{host}" for host in PROXIES),
          "http://localhost:*", "http://127.0.0.1:*", "vscode-webview:")  # fmt: skip
"""Pages of notebooks that may show ours, where frames are allowed."""
MOST_ADDRESSES = 10_000
"""Clients whose rates are remembered."""


class Access(NamedTuple):
    """Who may ask.

    Attributes:
        hosts: names that the server may be called by; a name that begins with a dot stands for all that end
            so. Addresses of the machine are allowed too if `any_address`.
        token: that every request must bring; empty: none is needed.
        any_address: whether the server may be called by any IP address.
        rate: requests a second of one client, in the long run.
        burst: requests of one client at once.
        frames: whether pages of notebooks may show the server's in a frame.
    """

    hosts: tuple[str, ...] = LOOPBACK
    token: str = ""
    any_address: bool = False
    rate: float = 30.0
    burst: float = 120.0
    frames: bool = False


class Guard:
    """ASGI middleware that refuses with 4xx what `Access` does not allow."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1008})
        response = self._refusal(scope)
        answer = self._app if response is None else response
        await answer(scope, receive, self._with_headers(send))
        return None

    def _refusal(self, scope: Scope) -> Response | None:
        """What to answer instead; None for a request that is passed on."""
        headers, access = Headers(scope=scope), self._access
        host = headers.getlist("host")
        if len(host) != 1 or not self._knows(_name(host[0])):
            return refusal(403, "this server is not called by that name")
        origin = headers.get("origin")
        if origin is not None and _host_of(origin) != host[0].lower() and not self._framed(origin):
            return refusal(403, "requests from other pages are refused")
        if headers.get("sec-fetch-site") == "cross-site" and scope["method"] != "GET":
            return refusal(403, "requests from other pages are refused")
        if not self._has_room((scope.get("client") or ("",))[0]):
            return refusal(429, "too many requests; wait a moment")
        return self._without_token(scope, headers) if access.token else None

    def _knows(self, name: str) -> bool:
        """Whether the server may be called so: others' names may lead here too (DNS rebinding)."""
        if name in self._access.hosts:
            return True
        if any(name.endswith(host) for host in self._access.hosts if host.startswith(".")):
            return True
        return self._access.any_address and _is_address(name)

    def _framed(self, origin: str) -> bool:
        """Whether an origin is a proxy of notebooks."""
        host = _host_of(origin)
        return self._access.frames and host.endswith(PROXIES)

    def _has_room(self, client: str) -> bool:
        """Whether a client has not asked too often (a bucket that fills at `rate`)."""
        now, access = time.monotonic(), self._access
        left, since = self._left.pop(client, (access.burst, now))
        left = min(access.burst, left + (now - since) * access.rate) - 1
        self._left[client] = (max(left, -1.0), now)
        if len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)
        return left >= 0

    def _without_token(self, scope: Scope, headers: Headers) -> Response | None:
        """The refusal of a request without the token; the address that brings it sets a cookie."""
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if self._is_token(asked):
            response = RedirectResponse(scope.get("root_path", "") + "/", 303)
            response.set_cookie(COOKIE, self._access.token, httponly=True, samesite="strict")
            return response if scope["path"] == "/" else None
        bearer = headers.get("authorization", "").removeprefix("Bearer ").strip()
        if self._is_token(bearer) or self._is_token(_cookie(headers.get("cookie", ""))):
            return None
        return refusal(401, "this server wants its token: open the address that it printed")

    def _is_token(self, text: str) -> bool:
        return bool(text) and hmac.compare_digest(text.encode(), self._access.token.encode())

    def _with_headers(self, send: Send) -> Send:
        """`send` with headers that keep browsers from doing what pages of ours never do."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = _policy(FRAMES if self._access.frames else ())
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "no-referrer"
                headers.setdefault("cache-control", "no-store")
            await send(message)

        return sent


def _policy(frames: Iterable[str]) -> str:
    """Everything comes from the server itself; drawings are styled inside."""
    around = " ".join(("'self'", *frames))
    sources = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
    return f"{sources}; base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors {around}"


def _name(host: str) -> str:
    """The name in a Host header, without the port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _host_of(origin: str) -> str:
    """Host and port of an origin; empty for one that is none, such as `null`."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _cookie(text: str) -> str:
    """The token that a Cookie header brings."""
    try:
        found = SimpleCookie(text).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
