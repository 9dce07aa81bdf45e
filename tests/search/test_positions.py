"""Searches on positions whose right answer is known."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit
from small_games import Nim

from jaxplay import search
from jaxplay.arena.outcomes import load_positions, outcome_kept
from jaxplay.evaluator import Prediction, rollout, uniform
from jaxplay.game import fresh, make
from jaxplay.struct import replace

TIC_TAC_TOE = make("tic_tac_toe")
CONNECT_FOUR = make("connect_four")
SEARCHES = {
    "puct": search.puct,
    "gumbel": lambda game, evaluate, n: search.gumbel(game, evaluate, n, noise=0.0),
}


def position(game, moves: str):
    """The position after `moves` in the game's notation, separated by spaces, as a batch of one."""
    state = fresh(game, jax.random.key(0))
    for move in moves.split():
        state = game.step(state, jnp.int32(game.parse_action(move)))
    return jax.tree.map(lambda x: x[None], state)


def find(game, kind, moves, simulations=64, evaluate=None, **options):
    evaluate = evaluate or uniform(game)
    run = quick_jit(SEARCHES[kind](game, evaluate, simulations))
    return run(None, jax.random.key(1), position(game, moves), **options)


@pytest.mark.parametrize("kind", SEARCHES)
def test_win_in_one(kind):
    found = find(CONNECT_FOUR, kind, "1 2 1 2 1 2")
    assert found.action[0] == 0
    assert found.q[0, 0] == 1.0


def test_win_in_one_keeps_paying_on_every_visit():
    found = find(CONNECT_FOUR, "puct", "1 2 1 2 1 2", simulations=200)
    assert found.visits[0, 0] > 180
    assert found.value[0] > 0.9


@pytest.mark.parametrize("kind", SEARCHES)
def test_block_in_one(kind):
    found = find(CONNECT_FOUR, kind, "1 2 1 2 1", simulations=128)
    assert found.action[0] == 0
    others = np.delete(np.asarray(found.q[0]), 0)
    assert (others < -0.3).all()


def test_visits_sum_to_simulations_and_values_are_bounded():
    found = find(CONNECT_FOUR, "puct", "4 4 4", simulations=100, evaluate=rollout(CONNECT_FOUR))
    assert found.visits.sum() == 100
    assert (jnp.abs(found.q) <= 1.0).all()
    assert jnp.isclose(found.action_weights.sum(), 1.0)


def test_a_draw_is_worth_nothing():
    """One move is left and it fills the board without a line."""
    found = find(TIC_TAC_TOE, "puct", "a1 b2 c3 b1 b3 a3 c1 c2", simulations=16)
    assert found.visits.sum() == 16
    assert found.value[0] == 0.0
    assert found.action[0] == TIC_TAC_TOE.parse_action("a2")


def test_a_legal_action_of_prior_zero_can_still_be_found():
    """The winning column has a prior that underflows to zero; all others look lost, so it is tried."""

    def evaluate(params, key, states):
        logits = jnp.zeros((1, 7)).at[:, 0].set(-200.0)
        return Prediction(logits, jnp.ones((1,)))

    run = quick_jit(search.puct(CONNECT_FOUR, evaluate, 64, fpu_reduction=0.0))
    found = run(None, jax.random.key(1), position(CONNECT_FOUR, "1 2 1 2 1 2"))
    assert found.prior[0, 0] == 0.0
    assert found.action[0] == 0


def test_illegal_actions_are_never_visited():
    found = find(CONNECT_FOUR, "puct", "1 1 1 1 1 1 2 2 2 2 2 2", simulations=100)
    assert (found.visits[0, :2] == 0).all()
    assert (found.action_weights[0, :2] == 0).all()


@pytest.mark.parametrize("kind", SEARCHES)
def test_the_only_legal_action_gets_all_visits(kind):
    """Columns 2 to 7 are full after 36 moves; no line has been made on the way."""
    moves = "2 3 2 3 3 2 3 2 2 3 2 3 4 5 4 5 5 4 5 4 4 5 4 5 6 7 6 7 7 6 7 6 6 7 6 7"
    found = find(CONNECT_FOUR, kind, moves, simulations=20)
    assert found.visits[0].tolist() == [20, 0, 0, 0, 0, 0, 0]
    assert found.action[0] == 0 and found.action_weights[0, 0] == 1.0


def test_budget_stops_each_element():
    states = jax.tree.map(lambda x: jnp.repeat(x, 3, axis=0), position(CONNECT_FOUR, "4"))
    run = quick_jit(search.puct(CONNECT_FOUR, uniform(CONNECT_FOUR), 32))
    found = run(None, jax.random.key(0), states, num_simulations=jnp.array([5, 32, 0]))
    assert found.visits.sum(1).tolist() == [5, 32, 0]
    assert jnp.allclose(found.action_weights[2], 1 / 7)
    whole = run(None, jax.random.key(0), states)
    np.testing.assert_array_equal(found.visits[1], whole.visits[1])


def test_a_terminal_root_is_left_alone():
    found = find(CONNECT_FOUR, "puct", "1 2 1 2 1 2 1", simulations=8)
    assert found.visits.sum() == 0
    assert jnp.isfinite(found.value).all()


@pytest.fixture(scope="module")
def every_position():
    """All live positions of tic-tac-toe, which actions are right, and the mover's exact values of all."""
    from jaxplay.solve import solve

    solution = solve(TIC_TAC_TOE)
    live = ~np.asarray(solution.graph.states.terminated)
    states = jax.tree.map(lambda x: jnp.asarray(x)[live], solution.graph.states)
    return states, solution.optimal[live], solution.action_values[live]


@pytest.mark.parametrize("kind", SEARCHES)
def test_more_simulations_choose_better_without_any_knowledge(kind, every_position):
    states, optimal, _ = every_position

    def wrong(simulations):
        run = jax.jit(SEARCHES[kind](TIC_TAC_TOE, uniform(TIC_TAC_TOE), simulations))
        action = np.asarray(run(None, jax.random.key(0), states).action)
        return (~optimal[np.arange(len(action)), action]).sum()

    few, many = wrong(32), wrong(512)
    assert many < few / 4
    assert many < 0.005 * len(optimal)


def test_more_simulations_keep_more_outcomes_of_connect_four():
    """The exact set, without any knowledge: shares rise, and what is proven is right."""
    exact = load_positions()

    def found(simulations):
        run = quick_jit(search.puct(CONNECT_FOUR, uniform(CONNECT_FOUR), simulations, prove=True))
        return run(None, jax.random.key(0), exact.states)

    few, many = found(50), found(800)
    shares = [outcome_kept(np.asarray(output.action), exact).share for output in (few, many)]
    assert shares[1] > shares[0] + 0.05 and shares[1] > 0.75
    for output in (few, many):
        value = np.asarray(output.value)
        proven = np.abs(value) == 1.0
        np.testing.assert_array_equal(value[proven], exact.outcome.max(1)[proven])
        chosen = exact.outcome[np.arange(len(value)), np.asarray(output.action)]
        assert (chosen[value == 1.0] == 1).all()
    assert (np.abs(many.value) == 1.0).sum() > (np.abs(few.value) == 1.0).sum() > 50


def uct(game, evaluate, simulations, **options):
    return search.uct(game, simulations, evaluate=evaluate, **options)


@pytest.mark.parametrize("search_of", [search.puct, partial(search.gumbel, noise=0.0), uct])
def test_what_is_proven_is_right(search_of, every_position):
    """With proofs, most decided positions are proven in 128 simulations, and none of them wrongly.

    With five or fewer cells free that is enough never to lose where that can be avoided.
    """
    states, optimal, values = every_position
    value = values.max(1)
    run = jax.jit(search_of(TIC_TAC_TOE, uniform(TIC_TAC_TOE), 128, prove=True))
    found = run(None, jax.random.key(0), states)
    proven = np.abs(found.value) == 1.0
    np.testing.assert_array_equal(np.asarray(found.value)[proven], value[proven])
    assert proven.sum() > 0.95 * (np.abs(value) == 1.0).sum()
    chosen = optimal[np.arange(len(optimal)), np.asarray(found.action)]
    assert chosen[proven].all()
    weight_on_mistakes = np.where(optimal, 0.0, found.action_weights).sum(1)
    assert weight_on_mistakes[proven & (value == 1.0)].max() == 0.0
    taken = values[np.arange(len(optimal)), np.asarray(found.action)]
    late = np.asarray(states.legal_action_mask).sum(1) <= 5
    assert late.sum() > 0.9 * len(late)
    assert not ((taken == -1.0) & (value > -1.0))[late].any()


@pytest.mark.parametrize("kind", ["gumbel", "uct"])
def test_unit_positions(kind):
    """A win in one of prior zero, a last move that draws, and a game that is over, for the other searches."""

    def evaluate(params, key, states):
        batch = len(states.terminated)
        return Prediction(jnp.tile(-200.0 * jnp.eye(9)[won], (batch, 1)), jnp.ones(batch))

    won, last = TIC_TAC_TOE.parse_action("a3"), TIC_TAC_TOE.parse_action("a2")
    moves = ("a1 b1 a2 b2", "a1 b2 c3 b1 b3 a3 c1 c2", "a1 b1 a2 b2 a3")
    states = jax.tree.map(lambda *x: jnp.concatenate(x), *(position(TIC_TAC_TOE, line) for line in moves))
    run = uct if kind == "uct" else SEARCHES[kind]
    found = quick_jit(run(TIC_TAC_TOE, evaluate, 64))(None, jax.random.key(0), states)
    assert found.visits.sum(1).tolist() == [64, 64, 0]
    assert (np.abs(found.q) <= 1.0).all() and np.isfinite(found.value).all()
    legal = np.asarray(states.legal_action_mask)
    assert (np.asarray(found.visits)[~legal] == 0).all()
    assert (np.asarray(found.action_weights)[:2][~legal[:2]] == 0).all()
    np.testing.assert_allclose(found.action_weights.sum(1), 1.0, atol=1e-6)
    assert found.prior[0, won] == 0.0 and found.q[0, won] == 1.0
    if kind == "uct":  # Gumbel search tries it too, but its policy stays near the prior
        assert found.action[0] == won and found.visits[0, won] > 40
    assert found.action[1] == last and found.visits[1, last] == 64
    assert found.q[1, last] == 0.0


class Again(Nim):
    """Nim in which who takes two objects moves again."""

    def step(self, state, action):
        after = super().step(state, action)
        again = (action % max(self.piles) == 1) & ~after.terminated
        return replace(after, current_player=jnp.where(again, state.current_player, after.current_player))


def wins(piles: tuple[int, ...]) -> bool:
    """Whether the player to move of `Again` wins, by trying everything."""
    for pile, size in enumerate(piles):
        for left in range(size):
            after = (*piles[:pile], left, *piles[pile + 1 :])
            if not any(after) or wins(after) == (size - left == 2):
                return True
    return False


@pytest.mark.parametrize("search_of", [search.puct, search.gumbel, uct])
def test_double_moves(search_of):
    """All positions of a small game, for both players: every value is proven, and right."""
    game = Again((3, 4))
    piles = [(a, b) for a in range(4) for b in range(5) if a + b]
    states = jax.vmap(lambda piles: game._state(piles, jnp.int32(0), jnp.zeros(2), jnp.array(False)))(
        jnp.array(piles * 2)
    )
    states = replace(states, current_player=jnp.repeat(jnp.arange(2, dtype=jnp.int32), len(piles)))
    run = search_of(game, uniform(game), 300, prove=True)
    found = quick_jit(run)(None, jax.random.key(0), states)
    expected = [1.0 if wins(one) else -1.0 for one in piles] * 2
    np.testing.assert_array_equal(found.value, expected)
    assert len(set(expected)) == 2
