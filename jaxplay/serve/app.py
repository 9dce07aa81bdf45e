"""The server as an ASGI application: games, analyses and a run's dashboard behind a guard."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from jaxplay import __version__
from jaxplay.errors import UserError
from jaxplay.play.levels import FULL, LEVELS, find_level
from jaxplay.players import Contender
from jaxplay.records import FORMATS
from jaxplay.records.files import READ
from jaxplay.serve import analysis
from jaxplay.serve.batching import Batcher, BusyError
from jaxplay.serve.dashboard import Dashboard
from jaxplay.serve.guard import Access, Guard
from jaxplay.serve.players import Offers, name_of
from jaxplay.serve.requests import RequestError, query_number, read_fields, refusal
from jaxplay.serve.tables import ConflictError, MissingError, Table, Tables
from jaxplay.serve.thinking import Question, Thought
from jaxplay.serve.view import board, view

STATIC = Path(__file__).parent / "static"
MOST_STREAMS = 50
"""Dashboards that are open at once."""
MOST_REPLIES = 10_000
"""Moves of others in a row."""

GAME_FIELDS: dict[str, Any] = {
    "game": str,
    "seat": (int, str),
    "watch": bool,
    "level": str,
    "moves": list,
    "opponent": str,
    "rival": str,
}
"""What a new game is told."""

Endpoint = Callable[[Request], Awaitable[Response]]


class Service:
    """What the requests of one server share.

    Args:
        offers: games and players.
        dashboard: of a run; None: there is none.
    """

    def __init__(self, offers: Offers, dashboard: Dashboard | None = None) -> None:
        self.offers, self.dashboard = offers, dashboard
        self.tables, self.batcher = Tables(), Batcher()
        self._warmed: set[Any] = set()
        self._streams = 0

    def routes(self) -> list[Route | Mount]:
        """The addresses of the server."""
        posts = {"move": self.move, "reply": self.reply, "undo": self.undo, "sit": self.sit}
        return [
            Route("/", _page),
            Route("/api/catalogue", _safe(self.catalogue)),
            Route("/api/tables", _safe(self.begin), methods=["POST"]),
            Route("/api/tables/{id}", _safe(self.look)),
            Route("/api/tables/{id}/text", _safe(self.text)),
            Route("/api/tables/{id}/chances", _safe(self.chances)),
            Route("/api/tables/{id}/analysis", _safe(self.analyse), methods=["POST"]),
            *(Route(f"/api/tables/{{id}}/{name}", _safe(f), methods=["POST"]) for name, f in posts.items()),
            Route("/api/records", _safe(self.read), methods=["POST"]),
            Route("/api/run", _safe(self.run)),
            Route("/api/run/events", _safe(self.run_events)),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    async def catalogue(self, request: Request) -> Response:
        """Games, levels, and what is shown first."""
        told = {
            "version": __version__,
            "first": self.offers.first,
            "games": self.offers.listed,
            "levels": list(LEVELS),
            "run": None if self.dashboard is None else self.dashboard.facts(),
        }
        return JSONResponse(told)

    async def begin(self, request: Request) -> Response:
        """A new game."""
        given = await read_fields(request, GAME_FIELDS)
        moves = given["moves"] or []
        if not all(isinstance(name, str) for name in moves):
            raise RequestError(400, "moves is no list of texts")
        seat = None if given["watch"] else 0 if given["seat"] is None else given["seat"]
        level = find_level(given["level"] or FULL.name)

        def make() -> Table:
            offer = self.offers.find(given["game"] or self.offers.first)
            return Table(offer, seat, level, moves, given["opponent"], given["rival"])

        table = await asyncio.to_thread(make)
        told = await asyncio.to_thread(view, table)
        self.tables.add(table)
        self._warm(table)
        return JSONResponse(told | {"areas": board(table), "opponents": table.offer.players})

    def _warm(self, table: Table) -> None:
        """Compile the opponent's program while the person thinks about the first move."""
        if not table.episode.over and table.lane.name not in self._warmed:
            self._warmed.add(table.lane.name)
            self.batcher.submit(table.lane, table.question(share=0.0))

    async def read(self, request: Request) -> Response:
        """The first game of a record, as moves to begin with."""
        given = await read_fields(request, {"text": str, "kind": str})
        if given["text"] is None or given["kind"] not in READ:
            raise RequestError(400, f"text is missing, or kind is none of {', '.join(READ)}")
        return JSONResponse(await asyncio.to_thread(_record, given["text"], given["kind"]))

    async def look(self, request: Request) -> Response:
        """A position of a game."""
        table, ply = self._table(request), query_number(request, "ply")
        async with _held(table):
            _check_ply(table, ply)
            return await self._view(table, ply)

    async def text(self, request: Request) -> Response:
        """The last position in words, for readers of screens."""
        table = self._table(request)
        async with _held(table):
            eyes = None if table.sees_all else int(str(table.seat))
            state = table.episode.state
            return PlainTextResponse(await asyncio.to_thread(table.offer.game.render, state, eyes))

    async def move(self, request: Request) -> Response:
        """The person's move."""
        table = self._table(request)
        given = await read_fields(request, {"action": int, "ply": int})
        action, ply = _needed(given, "action"), _needed(given, "ply")
        async with _held(table):
            await asyncio.to_thread(table.play, action, ply)
            return await self._view(table)

    async def reply(self, request: Request) -> Response:
        """The opponent's move; where information is hidden, all moves until the person's next turn."""
        table = self._table(request)
        given = await read_fields(request, {"ply": int})
        ply = _needed(given, "ply")
        async with _held(table):
            for _ in range(1 if table.sees_all else MOST_REPLIES):
                table.check(ply)
                if table.person_moves or table.episode.over:
                    break
                thought = await self._ask(table, table.question(share=table.level.share), table.mover)
                await asyncio.to_thread(table.answer, thought, ply)
            return await self._view(table)

    async def undo(self, request: Request) -> Response:
        """The person's last move taken back."""
        table = self._table(request)
        await read_fields(request, {})
        async with _held(table):
            await asyncio.to_thread(table.undo)
            return await self._view(table)

    async def sit(self, request: Request) -> Response:
        """Another seat, or another level of the opponent."""
        table = self._table(request)
        given = await read_fields(request, {"seat": (int, str), "watch": bool, "level": str})
        async with _held(table):
            if given["level"] is not None:
                table.level = find_level(given["level"])
            if given["watch"] or given["seat"] is not None:
                table.sit(None if given["watch"] else given["seat"])
            return await self._view(table)

    async def analyse(self, request: Request) -> Response:
        """What the opponent thinks of a position."""
        table = self._table(request)
        given = await read_fields(request, {"ply": int})
        ply = table.plies if given["ply"] is None else given["ply"]
        async with _held(table):
            _check_ply(table, ply)
            analysis.check(table, ply)
            trees = table.offer.trees(table.opponent)
            thought = await asyncio.wrap_future(self.batcher.submit(trees, table.question(ply)))
            if thought.value is not None and table.is_open:
                table.values[ply] = thought.value
            return JSONResponse(await asyncio.to_thread(analysis.told, table, ply, thought))

    async def chances(self, request: Request) -> Response:
        """The chance of the first player at each position of a game, all positions in few batches."""
        table = self._table(request)
        async with _held(table):
            agent = table.opponent.agent
            if not (table.is_open and agent is not None):
                raise UserError("chances are known in open games only, against players that value positions")
            for ply, thought in await self._values(table):
                if thought.value is not None:
                    table.values[ply] = thought.value
            return JSONResponse({"chances": analysis.chances(table), "contest": analysis.is_contest(table)})

    async def _values(self, table: Table) -> list[tuple[int, Thought]]:
        plies = await asyncio.to_thread(analysis.unknown, table)
        waiting = [self._ask(table, table.question(ply, 0.5), table.opponent) for ply in plies]
        return list(zip(plies, await asyncio.gather(*waiting), strict=True))

    async def run(self, request: Request) -> Response:
        """The run as it is now."""
        return JSONResponse(await asyncio.to_thread(self._dashboard().whole))

    async def run_events(self, request: Request) -> Response:
        """The run as it goes on."""
        dashboard = self._dashboard()
        if self._streams >= MOST_STREAMS:
            raise BusyError("too many dashboards are open")

        async def stream() -> AsyncIterator[str]:
            self._streams += 1
            try:
                async for event in dashboard.events():
                    yield event
            finally:
                self._streams -= 1

        return StreamingResponse(stream(), media_type="text/event-stream")

    def _dashboard(self) -> Dashboard:
        if self.dashboard is None:
            raise MissingError("this server shows no run; start it with --run RUN")
        return self.dashboard

    def _table(self, request: Request) -> Table:
        return self.tables.find(request.path_params["id"])

    async def _ask(self, table: Table, question: Question, who: Contender) -> Thought:
        """What a player thinks; where it fails, the game is closed."""
        try:
            return await asyncio.wrap_future(self.batcher.submit(table.offer.lane(who), question))
        except UserError:
            raise
        except Exception as error:
            table.fail(error)
            raise ConflictError(f"this game has failed: {table.error}") from error

    async def _view(self, table: Table, ply: int | None = None) -> Response:
        return JSONResponse(await asyncio.to_thread(view, table, ply))


def _record(text: str, kind: str) -> dict[str, Any]:
    """The first game of a record.

    Raises:
        UserError: it is none, or begins elsewhere than at the beginning.
    """
    read = FORMATS[kind].read
    found = read(text, None) if read is not None else []
    if not found:
        raise UserError("the record holds no game")
    if found[0].start is not None:
        raise UserError("the record begins in a position of its own, which an address cannot tell")
    moves = [ply.name for ply in found[0].plies]
    return {"game": name_of(found[0].game), "moves": moves, "open": found[0].game.perfect_information}


def _check_ply(table: Table, ply: int | None) -> None:
    if ply is not None and not 0 <= ply <= table.plies:
        raise RequestError(400, f"ply is {ply}; allowed: 0 to {table.plies}")


def _needed(given: dict[str, Any], name: str) -> int:
    if given[name] is None:
        raise RequestError(400, f"{name} is missing")
    return given[name]


@asynccontextmanager
async def _held(table: Table) -> AsyncIterator[None]:
    """A table for one request alone. What fails inside, other than a request, closes that game only."""
    if not table.lock.acquire(blocking=False):
        raise ConflictError("this game is busy with another request")
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        table.fail(error)
        raise
    finally:
        table.lock.release()


def _safe(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose errors are one line of JSON with a status below 500."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except RequestError as error:
            return refusal(error.status, error)
        except BusyError as error:
            return refusal(429, error)
        except MissingError as error:
            return refusal(404, error)
        except ConflictError as error:
            return refusal(409, error)
        except UserError as error:
            return refusal(422, error)
        except Exception as error:  # noqa: BLE001 one game's failure is told to whom it is of
            return refusal(409, f"this game has failed: {type(error).__name__}")

    return answer


async def _page(request: Request) -> Response:
    return FileResponse(STATIC / "index.html")


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    return refusal(status, f"{request.method} {request.url.path[:80]} is not there")


def make_app(offers: Offers, access: Access | None = None, dashboard: Dashboard | None = None) -> ASGIApp:
    """The server as an ASGI application.

    Args:
        offers: games and players.
        access: who may ask; default: pages of this machine.
        dashboard: of a run; None: there is none.
    """
    service = Service(offers, dashboard)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        service.batcher.close()

    app = Starlette(
        routes=service.routes(), lifespan=lifespan, exception_handlers={HTTPException: _http_error}
    )
    return Guard(app, access or Access())
