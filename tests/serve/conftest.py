"""One server for all tests of the page, so that its programs compile once."""

from collections.abc import Iterator

import jax
import pytest
from starlette.testclient import TestClient

from jaxplay.game import make
from jaxplay.players import make_players
from jaxplay.serve.app import make_app
from jaxplay.serve.guard import Access
from jaxplay.serve.players import Offers

HOME = "http://127.0.0.1:8000"
WIDE = Access(rate=1e6, burst=1e6)


@pytest.fixture(scope="session")
def offers() -> Offers:
    """Tic-tac-toe against a small search."""
    game = make("tic_tac_toe")
    return Offers("tic_tac_toe", game, make_players(["mcts:16"], game)[1][0])


@pytest.fixture(scope="session")
def client(offers: Offers) -> Iterator[TestClient]:
    """Pages of a server without a token."""
    jax.config.update("jax_disable_most_optimizations", True)
    with TestClient(make_app(offers, WIDE), base_url=HOME) as client:
        yield client
