"""The Minimax Exploiter signal in the search: values added up by hand, and what it must not change."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from positions import linear, position, random_positions, value_against
from quick import quick_jit
from small_games import Nim, Race

from jaxplay import search
from jaxplay.evaluator import Prediction, uniform
from jaxplay.game import make
from jaxplay.search import Opponent, SearchParams, Signal
from jaxplay.struct import replace

GAME = make("tic_tac_toe")
PARAMS, EVALUATE = linear(GAME)
PILE = Nim(piles=(3,))
STEP = jax.jit(GAME.step)


def says(value: float, *logits: float):
    """An evaluator that says the same of every position."""

    def evaluate(params, key, states):
        batch = states.terminated.shape[0]
        return Prediction(jnp.tile(jnp.array([logits]), (batch, 1)), jnp.full(batch, value, jnp.float32))

    return evaluate


def pile_search(signal: Signal):
    """A pile of three, before each player. The opponent takes one and thinks 0.25, the searcher 0.5."""
    opponent = Opponent(says(0.25, 9.0, 0.0, 0.0), signal=signal)
    run = search.puct(PILE, says(0.5, 0.0, 0.0, 0.0), 24, opponent=opponent)
    states = jax.tree.map(lambda x: jnp.stack([x, x]), PILE.init())
    states = replace(states, current_player=jnp.arange(2, dtype=jnp.int32))
    return quick_jit(run)(SearchParams(signal_weight=jnp.float32(0.4)), jax.random.key(0), states)


@pytest.mark.parametrize(("shift", "bonus"), [(False, -0.4 * 0.25), (True, -0.4 * (0.25 + 1.0))])
def test_edges_add_up_as_by_hand(shift, bonus):
    """Take one: the opponent takes one, and the last is won. Take two: lost. Take three: won at once."""
    found = pile_search(Signal("edge", shift=shift))
    one, two, three = np.asarray(found.visits[0])
    assert one >= 2 <= three and two >= 1
    assert float(found.q[0, 0]) == pytest.approx(bonus + (float(one) - 0.5) / float(one), abs=1e-5)
    assert found.q[0, 1] == pytest.approx(bonus - 1.0, abs=1e-5)
    assert found.q[0, 2] == 1.0
    total = 0.5 + float((found.visits[0] * found.q[0]).sum())
    assert found.value[0] == pytest.approx(total / 25, abs=1e-5)


@pytest.mark.parametrize("signal", [Signal("edge"), Signal("potential")])
def test_the_other_seat_sees_the_same_with_the_opposite_sign(signal):
    found = pile_search(signal)
    np.testing.assert_array_equal(found.q[0], found.q[1])
    np.testing.assert_array_equal(found.visits[0], found.visits[1])
    sums = found.tree.value_sum
    np.testing.assert_array_equal(sums[:, 0], -sums[:, 1])
    assert sums[0].any()


@pytest.mark.parametrize(
    ("factory", "options"),
    [(search.puct, {}), (search.puct, {"leaves": 3}), (search.gumbel, {"parallel": True})],
)
def test_the_bonus_is_what_the_opponent_thinks_of_the_afterstate(factory, options):
    """Every node of many trees: what it earned beyond its parent, from the position between the two."""
    states = random_positions(GAME, 8, 4)
    opponent = Opponent(EVALUATE, signal=Signal("edge"))
    run = factory(GAME, uniform(GAME), 30, opponent=opponent, **options)
    found = quick_jit(run)(SearchParams(None, PARAMS, jnp.float32(0.3)), jax.random.key(0), states)
    ended = 0
    for element in range(8):
        tree, sign = search.one_tree(found.tree, element), 1 - 2 * int(states.current_player[element])
        for node in list(search.walk(GAME, found.tree, element))[1:]:
            above = int(tree.parent[node.number])
            state = jax.tree.map(lambda x, i=above: x[i], tree.state)
            after = jax.tree.map(lambda x: x[None], STEP(state, tree.action[node.number].astype(jnp.int32)))
            over, thought = bool(after.terminated[0]), float(EVALUATE(PARAMS, None, after).value[0])
            beyond = sign * float(tree.path_return[node.number, 0] - tree.path_return[above, 0])
            if over:
                assert beyond == pytest.approx(sign * float(after.rewards[0, 0]), abs=1e-6)
            elif not node.terminated:
                assert beyond == pytest.approx(-0.3 * thought, abs=1e-5)
            ended += over
    assert ended >= 5


@pytest.mark.parametrize("factory", [search.puct, search.gumbel])
def test_weight_zero_changes_not_a_bit(factory):
    states = random_positions(GAME, 8, 4)

    def run(signal, weight=None):
        made = factory(GAME, EVALUATE, 32, opponent=Opponent(EVALUATE, signal=signal))
        return quick_jit(made)(SearchParams(PARAMS, -PARAMS, weight), jax.random.key(0), states)

    jax.tree.map(np.testing.assert_array_equal, run(None), run(Signal("edge"), jnp.float32(0.0)))


@pytest.mark.parametrize("signal", [None, Signal("edge"), Signal("potential")])
def test_one_evaluation_of_the_opponent_in_each_simulation(signal):
    asked = []

    def counting(params, key, states):
        jax.debug.callback(lambda: asked.append(1))
        return EVALUATE(params, key, states)

    run = search.puct(GAME, uniform(GAME), 12, opponent=Opponent(counting, signal=signal))
    weight = None if signal is None else jnp.float32(0.05)
    states = jax.tree.map(lambda x: jnp.repeat(x, 3, axis=0), position(GAME, ""))
    found = jax.block_until_ready(
        quick_jit(run)(SearchParams(None, PARAMS, weight), jax.random.key(0), states)
    )
    jax.effects_barrier()
    assert not found.tree.state.terminated.any()
    assert len(asked) == 12


@pytest.mark.parametrize("factory", [search.puct, search.gumbel])
def test_a_potential_leaves_the_best_move_the_best(factory):
    """The opponent's values are wrong; with many simulations, moves and values are those of enumeration."""
    options = {} if factory is search.puct else {"noise": 0.0}
    ends = [position(GAME, moves) for moves in ("b2 a1", "b2 a1 c3 a3", "a1 b2 c3 c1")]
    states = jax.tree.map(lambda *x: jnp.concatenate(x), *ends)
    run = factory(
        GAME, uniform(GAME), 800, opponent=Opponent(EVALUATE, signal=Signal("potential")), **options
    )
    found = quick_jit(run)(SearchParams(None, PARAMS, jnp.float32(1.0)), jax.random.key(0), states)
    for element in range(3):
        one = jax.tree.map(lambda x, i=element: x[i], states)
        searcher = int(one.current_player)
        value = value_against(GAME, EVALUATE, PARAMS, one, searcher)
        after = GAME.step(one, found.action[element])
        assert value_against(GAME, EVALUATE, PARAMS, after, searcher) == value
        assert found.value[element] == pytest.approx(value, abs=0.15)


def test_shaping_is_removed_again():
    """An evaluator that leaves the potential out of what another says makes the same tree."""
    weight, theirs = 0.7, says(0.25, *[0.0] * 9)

    def halves(params, key, states):
        said = EVALUATE(params, key, states)
        shaping = search.Shaping(jnp.float32(weight), potential=jnp.full((1, 1), -0.25))
        return said._replace(value=search.shaped_target(said.value[:, None], shaping)[:, 0])

    states = random_positions(GAME, 8, 3)
    plain = search.uct(GAME, 40, evaluate=EVALUATE, opponent=Opponent(theirs))
    shaped = search.uct(GAME, 40, evaluate=halves, opponent=Opponent(theirs, signal=Signal("potential")))
    one = quick_jit(plain)(SearchParams(PARAMS), jax.random.key(0), states)
    two = quick_jit(shaped)(
        SearchParams(PARAMS, signal_weight=jnp.float32(weight)), jax.random.key(0), states
    )
    np.testing.assert_array_equal(one.visits, two.visits)
    np.testing.assert_allclose(one.q, two.q, atol=1e-5)
    np.testing.assert_allclose(two.value, (two.visits * two.q).sum(-1) / 40, atol=1e-5)


def test_the_potential_stays_until_the_opponent_moves_again():
    """A race with dice and double moves: behind the opponent's first move it is what it thought, before 0."""
    game = Race(players=2, length=5)
    opponent = Opponent(says(0.3, 0.0, 1.0), signal=Signal("potential"))
    run = search.puct(game, uniform(game), 150, opponent=opponent)
    states = jax.vmap(lambda key: game.init())(jax.random.split(jax.random.key(0), 2))
    found = quick_jit(run)(SearchParams(signal_weight=jnp.float32(1.0)), jax.random.key(0), states)
    tree = search.one_tree(found.tree, 0)
    assert tree.potential is not None and tree.replied is not None
    seen = set()
    for node in list(search.walk(game, found.tree))[1:]:
        above = float(tree.potential[tree.parent[node.number], 0])
        potential = float(tree.potential[node.number, 0])
        met = bool(tree.replied[node.number])
        assert potential == (pytest.approx(-0.3) if met else above)
        seen.add((met, potential != 0.0))
    assert seen == {(True, True), (False, True), (False, False)}


def test_a_kept_tree_knows_the_potential_of_its_root():
    states = random_positions(GAME, 6, 2)
    opponent = Opponent(EVALUATE, signal=Signal("potential"))
    run = quick_jit(search.puct(GAME, uniform(GAME), 40, capacity=81, opponent=opponent))
    params = SearchParams(None, PARAMS, jnp.float32(1.0))
    found = run(params, jax.random.key(0), states, tree=None)

    @quick_jit
    def play(found, states):
        after = jax.vmap(GAME.step)(states, found.action)
        said = EVALUATE(PARAMS, None, after)
        reply = jnp.argmax(jnp.where(after.legal_action_mask, said.logits, -jnp.inf), axis=-1)
        now = jax.vmap(GAME.step)(after, reply.astype(jnp.int32))
        return now, said.value, search.reuse(GAME, found.tree, found.action, now, keep=40)

    now, thought, kept = play(found, states)
    live = ~np.asarray(now.terminated)
    assert live.sum() >= 4
    again = run(params, jax.random.key(1), now, tree=kept)
    sign = np.asarray(1.0 - 2.0 * states.current_player)
    np.testing.assert_allclose(again.tree.potential[0, live, 0], -(sign * thought)[live], atol=1e-6)


@pytest.mark.parametrize(
    ("form", "shift", "named"), [("sum", False, "sum.*edge"), ("potential", True, "shift")]
)
def test_signals_that_there_are_not(form, shift, named):
    signal = Signal(form, shift)
    with pytest.raises(ValueError, match=named):
        search.puct(GAME, uniform(GAME), 4, opponent=Opponent(EVALUATE, signal=signal))


def test_a_weight_is_asked_for():
    run = search.puct(GAME, uniform(GAME), 4, opponent=Opponent(EVALUATE, signal=Signal("edge")))
    with pytest.raises(ValueError, match="signal_weight is None"):
        run(SearchParams(None, PARAMS), jax.random.key(0), position(GAME))
