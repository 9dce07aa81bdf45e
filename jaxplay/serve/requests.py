"""Reading requests: bodies of bounded size and time, fields of known types; errors are one line of JSON."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from jaxplay.errors import UserError, nearest, quoted

MOST_BYTES = 64 * 1024
"""Of the body of a request."""
SECONDS = 10.0
"""For the body of a request to come."""


class RequestError(UserError):
    """A request that is refused with a status of HTTP of its own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def refusal(status: int, message: object) -> JSONResponse:
    """An error as one line of JSON."""
    return JSONResponse({"error": str(message)}, status)


async def read_fields(request: Request, known: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    """The fields of a JSON object; those that are left out are None.

    Args:
        request: whose body is read.
        known: the fields that there are, and the types that each may have beside null.

    Raises:
        RequestError: the body is too large, too slow, or no such object.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RequestError(415, "the content type is not application/json")
    try:
        body = await asyncio.wait_for(_body(request), SECONDS)
        given = json.loads(body or b"{}", parse_constant=_refuse_constant)
    except TimeoutError as error:
        raise RequestError(408, f"the request did not come within {SECONDS:g} s") from error
    except ClientDisconnect as error:
        raise RequestError(400, "the connection was closed") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, RequestError):
            raise
        raise RequestError(400, "the request is not JSON") from error
    if not isinstance(given, dict):
        raise RequestError(400, "the request is not a JSON object")
    for name, value in given.items():
        _check(name, value, known)
    return {name: given.get(name) for name in known}


def _refuse_constant(text: str) -> None:
    raise ValueError(text)


def _check(name: str, value: Any, known: Mapping[str, type | tuple[type, ...]]) -> None:
    """Refuse a field that is not known, or has a value of another type."""
    if name not in known:
        raise RequestError(400, f"no field {quoted(name)}{nearest(name, known)}")
    is_truth = isinstance(value, bool) and known[name] is not bool
    if value is not None and (is_truth or not isinstance(value, known[name])):
        raise RequestError(400, f"{name} is {quoted(value)}; allowed: {_told(known[name])}")


def _told(kinds: type | tuple[type, ...]) -> str:
    names = {int: "a whole number", str: "a text", list: "a list", bool: "true or false"}
    return " or ".join(names[kind] for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))


async def _body(request: Request) -> bytes:
    """The body, as long as it is not too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise RequestError(413, f"the request is larger than {MOST_BYTES:,} bytes")
        parts.append(part)
    return b"".join(parts)


def query_number(request: Request, name: str) -> int | None:
    """A whole number of the address, if it is there.

    Raises:
        RequestError: it is something else.
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise RequestError(400, f"{name} is {quoted(text)}; allowed: a whole number")
    return int(text)
