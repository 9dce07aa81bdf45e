"""Mixtures over whole-game policies: by hand, against a plain recursion, and at the size of real games."""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array
from small_games import Nim, Race

from jaxplay.benchmarks.mixture_bounds import DRAWN, LOST, NOTHING, WON, Stage, mixture_bounds
from jaxplay.errors import UserError
from jaxplay.game import GameDefaults
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.solve import exploitability, histories, mixture_exploitability, reachable, tree_of
from jaxplay.struct import pytree


@pytree
class SecretState:
    """A position of `Secret`, whose first move is forgotten."""

    plies: Array
    guess: Array
    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array


@dataclass(frozen=True)
class Secret(GameDefaults):
    """Player 0 gives a hint that leaves no trace, player 1 guesses, player 0 chooses; if equal, 1 wins."""

    num_actions = 2
    max_plies = 3

    def init(self, key: Array | None = None) -> SecretState:
        """The position before the hint."""
        return self._state(jnp.int32(0), jnp.int32(0), jnp.zeros(2))

    def step(self, state: SecretState, action: Array) -> SecretState:
        """Take a hint, a guess or a choice."""
        over = state.plies == 2
        sign = jnp.where(jnp.asarray(action) == state.guess, -1.0, 1.0)
        guess = jnp.where(state.plies == 1, action, state.guess)
        return self._state(state.plies + 1, guess, jnp.where(over, jnp.stack([sign, -sign]), 0.0))

    def observe(self, state: SecretState, player: Array | None = None) -> Array:
        """Observe the whole position."""
        return jnp.stack([state.plies, state.guess]).astype(jnp.float32)

    def _state(self, plies: Array, guess: Array, rewards: Array) -> SecretState:
        guess = guess.astype(jnp.int32)
        return SecretState(plies, guess, plies % 2, jnp.ones(2, bool), rewards, plies == 3)


def player(hint: float, choice: float) -> Any:
    """A policy of `Secret`: probabilities of action 1 as hint and choice; guesses are sampled evenly."""

    def policy(states: SecretState) -> Array:
        one = jnp.array([hint, 0.5, choice])[jnp.minimum(states.plies, 2)]
        return jnp.stack([1.0 - one, one], axis=-1)

    return policy


def random_tables(graph: Any, num: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.gamma(0.3, size=graph.child.shape) + 1e-6 for _ in range(num)]


def plain_value(graph: Any, tables: Any, responder: int, number: int, weight: np.ndarray) -> float:
    """What a responder earns below a history; `weight` `(M,)` is the probability of each member with it."""
    if (graph.child[number] < 0).all():
        return 0.0
    found = []
    for edge in np.flatnonzero(graph.child[number] >= 0):
        after = weight
        if graph.player[number] == -1:
            after = weight * graph.probs[number, edge]
        elif graph.player[number] != responder:
            chances = [t[number, edge] / t[number][graph.child[number] >= 0].sum() for t in tables]
            after = weight * np.array(chances)
        below = plain_value(graph, tables, responder, graph.child[number, edge], after)
        found.append(after.sum() * graph.rewards[number, edge, responder] + below)
    return max(found) if graph.player[number] == responder else sum(found)


def test_a_hint_gives_the_member_away():
    """Two members, each sure to be beaten once it is known; the hint tells which it is, or nothing."""
    game = reachable(Secret())
    told = mixture_exploitability(game, [player(0, 0), player(1, 1)], [0.75, 0.25])
    untold = mixture_exploitability(game, [player(1, 0), player(1, 1)], [0.75, 0.25])
    in_part = mixture_exploitability(game, [player(0.5, 0), player(1, 1)], [0.5, 0.5])
    np.testing.assert_allclose(told.best_responses, [1, 1])
    np.testing.assert_allclose(untold.best_responses, [1, 0.5])
    # After hint 0 (a quarter) the guess is right, after hint 1 it is in two of three cases.
    np.testing.assert_allclose(in_part.best_responses, [1, 0.25 + 0.75 / 3])
    for found in (told, untold, in_part):
        np.testing.assert_allclose(found.values, [0, 0], atol=1e-12)  # guesses are sampled evenly
        assert found.exploitability == pytest.approx(found.best_responses.sum() / 2)
        assert found.nash_conv == pytest.approx(2 * found.exploitability)


def test_a_mixture_is_not_its_mean():
    """The policy that mixes afresh at every move keeps its secret."""
    mixed = mixture_exploitability(Secret(), [player(0, 0), player(1, 1)], [1, 1])
    mean = exploitability(Secret(), player(0.5, 0.5))
    assert mixed.exploitability == 1 and mean.exploitability == pytest.approx(0.5)


@pytest.mark.parametrize("game", [Nim((1, 1, 2)), Race(players=2, length=3)], ids=["nim", "race"])
def test_equal_to_a_plain_recursion(game):
    """The same holds with double moves, chance and rewards on the way."""
    graph = reachable(game)
    tables, weights = random_tables(graph, 3, seed=1), np.array([0.5, 0.3, 0.2])
    found = mixture_exploitability(graph, tables, weights)
    plain = [plain_value(graph, tables, responder, 0, weights) for responder in (0, 1)]
    np.testing.assert_allclose(found.best_responses, plain, rtol=1e-6)
    np.testing.assert_allclose(found.values.sum(), 0, atol=1e-6)


@pytest.fixture(scope="module")
def tree():
    return tree_of(TicTacToe())


def uniform(states):
    mask = states.legal_action_mask.astype(jnp.float32)
    return mask / mask.sum(axis=-1, keepdims=True)


def test_all_histories_of_tic_tac_toe(tree):
    assert [len(ply.state) for ply in tree.plies] == [
        *(1, 9, 72, 504, 3024, 15_120, 54_720, 148_176, 200_448, 127_872)
    ]
    assert sum(len(ply.state) for ply in tree.plies) == 549_946


def test_one_member_is_a_policy(tree):
    found = mixture_exploitability(tree, [uniform], [3.0])
    assert found.exploitability == pytest.approx(0.9598297, abs=1e-7)
    np.testing.assert_allclose(found.values, [187 / 630, -187 / 630], atol=1e-6)
    table = random_tables(tree.graph, 1, seed=2)[0]
    alone, same = exploitability(tree.graph, table), mixture_exploitability(tree, [table, table], [1, 2])
    assert same.exploitability == pytest.approx(alone.exploitability, abs=1e-9)
    np.testing.assert_allclose(same.best_responses, alone.best_responses, atol=1e-9)


def test_the_responder_gains_by_learning_the_member(tree):
    """A response earns at most the mean over known members, and at least what it earns from their mean."""
    tables = random_tables(tree.graph, 4, seed=3)
    weights = [0.1, 0.2, 0.3, 0.4]
    found = mixture_exploitability(tree, [*tables, tables[0]], [*weights, 0.0])
    known = [exploitability(tree.graph, table).best_responses for table in tables]
    assert (found.best_responses < np.array(weights) @ np.array(known)).all()
    single = min(exploitability(tree.graph, table).exploitability for table in tables)
    assert 0.5 < found.exploitability < single


def stages_of(graph: Any, seat: int) -> list[Stage]:
    """Positions of tic-tac-toe by stones, for a mixture in this seat."""
    stones = np.asarray(graph.states.stones).reshape(graph.num_states, -1)
    ply = np.unpackbits(stones.view(np.uint8), axis=1).sum(axis=1)
    over = (graph.child < 0).all(axis=1)
    levels = [np.flatnonzero((ply == number) & ~over) for number in range(9)]
    index = np.full(graph.num_states, -1)
    for level in levels:
        index[level] = np.arange(len(level))
    found = []
    for number, level in enumerate(levels):
        child, earned = graph.child[level], graph.rewards[level, :, seat]
        ends = np.select([earned > 0, earned == 0], [WON, DRAWN], LOST)
        kind = np.where(over[child], ends, index[child])
        found.append(Stage(number % 2 != seat, jnp.asarray(np.where(child < 0, NOTHING, kind)), level))
    return found


def test_bounds_by_positions(tree):
    """The bounds enclose the exact number, and equal it for one member and for equal members."""
    tables = random_tables(tree.graph, 4, seed=3)
    legal = tree.graph.child >= 0
    shown = [np.where(legal, t, 0) / np.where(legal, t, 0).sum(1, keepdims=True).clip(1e-9) for t in tables]
    params, weights = [jnp.asarray(table, jnp.float32) for table in shown], np.array([0.1, 0.2, 0.3, 0.4])
    exact = mixture_exploitability(tree, tables, weights).best_responses
    alone = mixture_exploitability(tree, tables[:1], [1.0]).best_responses
    for seat in (0, 1):
        bounds = mixture_bounds(stages_of(tree.graph, seat), lambda numbers, table: table[numbers])
        found, one = bounds(params, weights), bounds([params[0]] * 2, np.array([1.0, 3.0]))
        assert found.lower <= exact[1 - seat] + 1e-6 and exact[1 - seat] <= found.upper + 1e-6
        assert found.upper - found.lower < 0.35 and found.lower > exact[1 - seat] - 0.15
        assert one == pytest.approx((alone[1 - seat],) * 2, abs=1e-5)


def test_errors(tree):
    for weights in ([1.0], [1.0, -1.0], [0.0, 0.0], [float("nan"), 1.0]):
        with pytest.raises(ValueError, match="allowed: 2 numbers"):
            mixture_exploitability(tree, [uniform, uniform], weights)
    with pytest.raises(UserError, match="549946 histories; allowed: 1000"):
        histories(tree.graph, max_histories=1000)
