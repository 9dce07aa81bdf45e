"""Starting the server: from the command line, and behind an output cell of a notebook."""

import secrets
import socket
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple

from jaxplay.errors import UserError
from jaxplay.game import Game, make
from jaxplay.players import Contender

EXTRA = "the browser needs starlette and uvicorn: pip install 'jaxplay[web]'"
PATIENCE = 90.0
"""Seconds in which a server should have ended."""
LOCAL_RATE = 5000.0
"""Requests a second that this machine itself may make."""


class Address(NamedTuple):
    """Where a server listens.

    Attributes:
        host: name or address of an interface.
        port: 0: one that is free.
        token: that every request must bring; empty: none on this machine, a new one elsewhere.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the server."""
        return self.host in ("127.0.0.1", "localhost", "::1")


class Server:
    """A server that listens already, and serves when it is told to.

    Args:
        name: of the game that is shown first.
        game: itself.
        contender: who plays it; None: the default player.
        address: where to listen.
        run: folder of a run whose dashboard is shown; None: there is none.
        framed: whether a notebook's page shows the server's in a frame.

    Raises:
        UserError: the extra is missing, the address is taken, or `run` is not a run.
    """

    def __init__(
        self,
        name: str,
        game: Game[Any],
        contender: Contender | None = None,
        address: Address = Address(),  # noqa: B008 a tuple does not change
        run: Path | None = None,
        *,
        framed: bool = False,
    ) -> None:
        uvicorn = _uvicorn()
        from jaxplay.serve.app import make_app
        from jaxplay.serve.dashboard import Dashboard
        from jaxplay.serve.guard import LOOPBACK, PROXIES, Access
        from jaxplay.serve.players import Offers

        token = address.token or ("" if address.is_local else secrets.token_urlsafe(16))
        access = Access((*LOOPBACK, address.host), token, any_address=not address.is_local)
        if address.is_local:
            access = access._replace(rate=LOCAL_RATE, burst=LOCAL_RATE)
        if framed:
            access = access._replace(hosts=(*access.hosts, *PROXIES), frames=True)
        dashboard = None if run is None else Dashboard(run)
        app = make_app(Offers(name, game, contender), access, dashboard)
        self.socket = _listen(address)
        self.port: int = self.socket.getsockname()[1]
        self.path = f"/?token={token}" if token else "/"
        shown = f"[{address.host}]" if ":" in address.host else address.host
        self.url = f"http://{shown}:{self.port}{self.path}"
        config = uvicorn.Config(
            app, log_level="error", access_log=False, server_header=False, timeout_keep_alive=15,
            timeout_graceful_shutdown=2, h11_max_incomplete_event_size=16 * 1024,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Serve until the process is told to stop."""
        self._server.run(sockets=[self.socket])

    def start(self) -> "Server":
        """Serve in a thread."""
        self._thread = threading.Thread(target=self.run, name="serve", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End a server that was started in a thread, and wait until it has: a search is not broken off."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=PATIENCE)


def _uvicorn() -> Any:
    """The module that serves.

    Raises:
        UserError: the extra is missing.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn
    except ImportError as error:
        raise UserError(EXTRA) from error
    return uvicorn


def _listen(address: Address) -> socket.socket:
    """A socket that listens.

    Raises:
        UserError: the address cannot be listened at.
    """
    kind = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(kind, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
        listening.listen(2048)
    except (OSError, OverflowError) as error:
        listening.close()
        why = getattr(error, "strerror", None) or str(error)
        raise UserError(f"cannot listen at {address.host} port {address.port}: {why}") from error
    return listening


def serve(
    game: str = "connect_four",
    player: str | None = None,
    *,
    address: Address = Address(),  # noqa: B008 a tuple does not change
    run: str | Path | None = None,
) -> Server:
    """A server of a game that runs in a thread of its own.

    Args:
        game: as `jaxplay.make` takes it.
        player: in the grammar of players; None: the default player of the game.
        address: where to listen.
        run: folder of a run whose dashboard is shown.

    Raises:
        UserError: no such game or player; and see `Server`.
    """
    return _server(game, player, address, run, framed=False).start()


def _server(game: str, player: str | None, address: Address, run: Any, *, framed: bool) -> Server:
    from jaxplay.players import make_players

    if player is None:
        return Server(game, make(game), None, address, None if run is None else Path(run), framed=framed)
    found, contenders = make_players([player], game)
    return Server(game, found, contenders[0], address, None if run is None else Path(run), framed=framed)


def show(
    game: str = "connect_four", player: str | None = None, *, run: str | Path | None = None, height: int = 720
) -> Server:
    """A game in an output cell of a notebook, of Colab or on this machine.

    Args:
        game: as `jaxplay.make` takes it.
        player: in the grammar of players; None: the default player of the game.
        run: folder of a run whose dashboard is shown.
        height: of the frame, in pixels.

    Returns:
        The server; `stop()` ends it.

    Raises:
        UserError: no such game or player; and see `Server`.
    """
    server = _server(game, player, Address(port=0), run, framed=True).start()
    _frame(server, height)
    return server


def _frame(server: Server, height: int) -> None:
    """Show the server's page in the cell that runs."""
    if "google.colab" in sys.modules:
        output = sys.modules["google.colab"].output
        output.serve_kernel_port_as_iframe(server.port, path=server.path, height=str(height))
        return
    try:
        from IPython.display import IFrame, display
    except ImportError as error:
        raise UserError(f"this is no notebook; open {server.url}") from error
    display(IFrame(server.url, "100%", height))
