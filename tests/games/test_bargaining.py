"""Bargaining: against OpenSpiel, the deals that are drawn, objectives, and what is shown to whom."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from open_spiel_games import compare

from jaxplay.errors import UserError
from jaxplay.game import make, scalar_value
from jaxplay.games.bargaining import AGREE, OFFERS, PAIRS, POOLS, VALUES, Bargaining
from jaxplay.testing import replay


def numbers(instance: Any) -> list[int]:
    """Our three outcomes for a deal of OpenSpiel's list."""
    pool = POOLS.tolist().index(list(instance.pool))
    return [pool, *(VALUES[pool].tolist().index(list(worth)) for worth in instance.values)]


@pytest.mark.strict_dtypes
@pytest.mark.parametrize(("turns", "num_plies"), [(10, 10_000), (3, 1_000)])
def test_openspiel_agrees(turns: int, num_plies: int):
    pyspiel = pytest.importorskip("pyspiel")
    theirs = pyspiel.load_game("bargaining", {"max_turns": turns})
    deals = theirs.all_instances()

    def translate(state: Any, action: int) -> list[int]:
        return numbers(deals[action]) if state.is_chance_node() else [action]

    compare(Bargaining(turns=turns), theirs, num_plies=num_plies, translate=translate, same_chance=False)


def test_actions_and_deals_are_openspiels():
    pyspiel = pytest.importorskip("pyspiel")
    theirs = pyspiel.load_game("bargaining")
    assert [list(offer.quantities) for offer in theirs.all_offers()] == OFFERS.tolist()
    assert theirs.num_distinct_actions() == AGREE + 1
    assert all(PAIRS[tuple(numbers(deal))] for deal in theirs.all_instances())


def test_every_deal_is_as_likely():
    game = Bargaining()
    probs = jax.jit(game.chance_probs)
    pool = probs(replay(game, 0, []))
    for first in (0, 16, 30):
        worth = probs(replay(game, 0, [first]))
        second = int(jnp.argmax(worth))
        other = probs(replay(game, 0, [first, second]))
        deals = pool[first] * worth[second] * other[other > 0]
        np.testing.assert_allclose(deals, 1 / PAIRS.sum(), rtol=1e-5)


DEAL = [0, *(VALUES[0].tolist().index(worth) for worth in ([1, 3, 4], [2, 1, 3]))]
"""Three books, a hat and a ball."""


@pytest.mark.parametrize(("objective", "rewards"), [
    ("selfish", [6, 3]),
    ("cooperative", [9, 9]),
    ("competitive", [3, -3]),
])  # fmt: skip
def test_objectives(objective: str, rewards: list[int]):
    game = make("bargaining", objective=objective)
    state = replay(game, 0, [*DEAL, game.parse_action("2,0,1"), AGREE])
    assert state.terminated and state.rewards.tolist() == rewards


def test_what_the_objectives_make_of_the_game():
    selfish, together, against = (Bargaining(name) for name in ("selfish", "cooperative", "competitive"))
    assert (selfish.zero_sum, together.zero_sum, against.zero_sum) == (False, False, True)
    assert (together.teams, together.max_return, against.min_return) == ((0, 0), 20, -10)
    assert scalar_value(against) and not scalar_value(selfish)


def test_no_agreement_earns_nothing():
    game = Bargaining(turns=2)
    state = replay(game, 0, [*DEAL, 0, 0])
    assert state.terminated and state.rewards.tolist() == [0, 0]


def test_the_worth_is_hidden_from_the_other():
    game = Bargaining()
    state = replay(game, 0, [*DEAL, 1])
    lines = game.render(state, 1).splitlines()
    assert lines[2].split() == ["worth", "to", "A", "?", "?", "?"] and "?" not in lines[3]
    assert "?" not in game.render(state) and "?" not in game.render(replay(game, 0, [*DEAL, 1, AGREE]), 1)
    assert "?" in game.render_svg(state, 0) and "?" not in game.render_svg(state)


def test_notation():
    game = Bargaining()
    assert (game.action_to_string(0), game.action_to_string(1), game.parse_action("AGREE")) == (
        "0,0,0",
        "1,0,0",
        AGREE,
    )
    with pytest.raises(UserError, match="'8,0,0' is not an action; allowed: numbers of books, hats, balls"):
        game.parse_action("8,0,0")


def test_options():
    with pytest.raises(UserError, match="objective='selfless'; did you mean 'selfish'"):
        make("bargaining", objective="selfless")
    with pytest.raises(UserError, match="turns=0; allowed: 1 to 100"):
        Bargaining(turns=0)
