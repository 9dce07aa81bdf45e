"""How a server of the page bears many people, and nonsense: `python -m jaxplay.benchmarks.serve_load`.

It starts `jaxplay serve` and plays at it from many clients at once, each of whom moves at random after a
pause, while others send malformed requests; in the end it says how long the answers to moves took.
"""

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import numpy as np

BODY = 64 * 1024
"""Bytes that a server takes."""
PATIENCE = 120.0
"""Seconds for an answer."""


class Answer(NamedTuple):
    """What a server said.

    Attributes:
        status: of HTTP; 0 where the connection was closed without an answer.
        body: of the answer.
    """

    status: int
    body: bytes


class Measured(NamedTuple):
    """What a client has met.

    Attributes:
        latencies: seconds from each move to the position after the opponent's reply.
        games: begun.
        errors: answers that were no positions.
    """

    latencies: list[float]
    games: int
    errors: list[str]


class Client:
    """One connection that stays open."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, fields: Any = None) -> Any:
        """A position; a `RuntimeError` where the server refuses."""
        body = b"" if fields is None else json.dumps(fields).encode()
        head = f"{method} {path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n"
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        answer = await asyncio.wait_for(self.send(head.encode() + body), PATIENCE)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {answer.body[:120]!r}")
        return json.loads(answer.body)

    async def send(self, request: bytes) -> Answer:
        """Send bytes, and read one answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(request)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1])) if length else await reader.read()
        return Answer(int(head.split(None, 2)[1]), body)

    def close(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def play(client: Client, until: float, pause: float, luck: random.Random) -> Measured:
    """Games at random until a time, with a pause of `pause` seconds in the mean before each move."""
    measured = Measured([], 0, [])
    await asyncio.sleep(luck.uniform(0, pause))
    table: Any = None
    while time.monotonic() < until:
        try:
            if table is None or table["over"]:
                table = await client.ask("POST", "/api/tables", {"level": "full"})
                measured = measured._replace(games=measured.games + 1)
            await asyncio.sleep(luck.uniform(0.5, 1.5) * pause)
            start = time.monotonic()
            where = f"/api/tables/{table['id']}"
            action = luck.choice(table["legal"])["action"]
            table = await client.ask("POST", f"{where}/move", {"action": action, "ply": table["plies"]})
            if not table["over"]:
                table = await client.ask("POST", f"{where}/reply", {"ply": table["plies"]})
            measured.latencies.append(time.monotonic() - start)
        except (RuntimeError, OSError, EOFError, TimeoutError) as error:
            measured.errors.append(f"{type(error).__name__}: {error}")
            table = None
            client.close()
    client.close()
    return measured


def nonsense(luck: random.Random, host: str) -> bytes:
    """A request that is wrong in one of many ways."""
    noise = luck.randbytes(luck.randrange(1, 400))
    path = luck.choice(["/api/tables", "/api/tables/x/move", "/api/run", "/static/../x", "/" + "a" * 5000])
    method = luck.choice(["POST", "GET", "PUT", "TRACE", "x" * 50])
    body = luck.choice(
        [b"{", b"[" * 20_000, noise, b'{"game": "\\u0000"}', b'{"moves": [[]]}', b"x" * (BODY + 1)]
    )
    kind = luck.choice(["application/json", "text/html", "", "x" * 20_000])
    named = luck.choice([host, host, host, "evil.example", "", "[::1"])
    size = luck.choice([len(body), len(body), len(body), -1, 10**12])
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: {named}\r\ncontent-type: {kind}\r\ncontent-length: {size}\r\n\r\n"
    )
    return luck.choice([head.encode() + body, head.encode() + body, noise + b"\r\n\r\n"])


async def disturb(host: str, port: int, luck: random.Random) -> int:
    """The status of the answer to a malformed request; 0: it was closed, 1: nothing came in 3 s."""
    client = Client(host, port)
    try:
        return (await asyncio.wait_for(client.send(nonsense(luck, f"{host}:{port}")), 3)).status
    except TimeoutError:
        return 1
    except (OSError, EOFError, ValueError, IndexError):
        return 0
    finally:
        client.close()


async def measure(port: int, args: argparse.Namespace) -> dict[str, Any]:
    """Play, and disturb meanwhile."""
    host, luck = "127.0.0.1", random.Random(args.seed)
    warm = await play(Client(host, port), time.monotonic() + args.warm, 0.0, luck)
    many = [play(Client(host, port), time.monotonic() + args.warm, 0.0, luck) for _ in range(70)]
    await asyncio.gather(*many)  # larger batches are compiled when they are needed first
    until = time.monotonic() + args.seconds
    players = [play(Client(host, port), until, args.pause, random.Random(i)) for i in range(args.clients)]
    noise = _paced(lambda: disturb(host, port, luck), args.malformed, args.seconds)
    found, statuses = await asyncio.gather(asyncio.gather(*players), noise)
    after = await Client(host, port).ask("GET", "/api/catalogue")
    latencies = np.array([each for client in found for each in client.latencies] or [np.nan])
    return {
        "clients": args.clients,
        "seconds": args.seconds,
        "pause_s": args.pause,
        "games": sum(client.games for client in found),
        "moves": len(latencies),
        "moves_per_second": len(latencies) / args.seconds,
        "median_ms": float(np.median(latencies) * 1000),
        "p95_ms": float(np.percentile(latencies, 95) * 1000),
        "p99_ms": float(np.percentile(latencies, 99) * 1000),
        "alone_ms": float(np.min(warm.latencies) * 1000),
        "errors": [error for client in found for error in client.errors][:5],
        "malformed": {str(status): count for status, count in sorted(Counter(statuses).items())},
        "answers_after": bool(after["games"]),
    }


async def _paced(ask: Callable[[], Awaitable[int]], count: int, seconds: float) -> list[int]:
    """Ask so often, evenly over so many seconds."""
    tasks = []
    for _ in range(count):
        tasks.append(asyncio.ensure_future(ask()))
        await asyncio.sleep(0.9 * seconds / max(count, 1))
    return list(await asyncio.gather(*tasks))


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("player", nargs="?", default="mcts:64", help="Player that is served.")
    parser.add_argument("--game", default="connect_four", help="Game that is played.")
    parser.add_argument("--clients", type=int, default=200, help="People at once.")
    parser.add_argument("--seconds", type=float, default=60.0, help="How long they play.")
    parser.add_argument("--pause", type=float, default=2.0, help="Seconds before each move, in the mean.")
    parser.add_argument("--malformed", type=int, default=1000, help="Malformed requests meanwhile.")
    parser.add_argument("--warm", type=float, default=20.0, help="Seconds of play before, twice.")
    parser.add_argument("--seed", type=int, default=0, help="Of moves and nonsense.")
    args = parser.parse_args()
    command = [
        sys.executable,
        "-m",
        "jaxplay.cli.main",
        "serve",
        args.player,
        "--game",
        args.game,
        "--port",
        "0",
    ]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline().rpartition(":")[2].strip("/\n"))
        told = asyncio.run(measure(port, args))
    finally:
        server.terminate()
        _, complaints = server.communicate(timeout=60)
    told |= {"player": args.player, "game": args.game, "tracebacks": complaints.count("Traceback")}
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
