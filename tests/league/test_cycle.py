"""A whole league on rock-paper-scissors, in one compiled program: the laws of copies, payoff and restarts."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from quick import quick_jit

from jaxplay import league
from jaxplay.league import LEAGUE_EXPLOITER, MAIN_AGENT, MAIN_EXPLOITER, Changes, LeagueState, Role
from jaxplay.matrix_games import exploitability, symmetric_nash
from jaxplay.struct import replace

RPS = jnp.array([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]])
NUM_SLOTS, NUM_GAMES, RATE = 12, 64, 0.3
ROLES = (
    Role(MAIN_AGENT, 10, 25, confidence=0.5, min_games=5),
    Role(MAIN_EXPLOITER, 5, 20, reset=1.0, confidence=0.5, min_games=5),
    Role(LEAGUE_EXPLOITER, 5, 20, reset=0.5, adaptive=True, confidence=0.5, min_games=5),
)
MATCHMAKERS = (
    league.mixture((0.9, league.main_agent()), (0.1, league.uniform())),
    league.main_exploiter(),
    league.mixture((0.5, league.league_exploiter()), (0.5, league.psro(league.by_nash(), every=5))),
)
LEAGUE = league.make_league(ROLES, MATCHMAKERS, NUM_SLOTS)
NUM_LEARNERS = len(ROLES)
FIRST = {"logits": jnp.array([1.0, 0.0, -0.5])}

Carry = tuple[LeagueState, list[dict[str, jax.Array]]]


def mixtures(state: LeagueState, params: list[dict[str, jax.Array]]) -> jax.Array:
    """`(N, 3)`: what every player plays."""
    learners = jnp.stack([p["logits"] for p in params])
    return jax.nn.softmax(jnp.concatenate([learners, state.population.params["logits"]]))


def play(state: LeagueState, params: list[dict[str, jax.Array]], key: jax.Array) -> league.Payoff:
    """Games of the learners against sampled opponents, seats in turn, and games of some referees."""
    plays, keys = mixtures(state, params), jax.random.split(key, NUM_LEARNERS + 3)
    opponents = LEAGUE.opponents(state)
    sampled = jnp.stack([league.sample(keys[i], opponents[i], NUM_GAMES) for i in range(NUM_LEARNERS)])
    learner = jnp.broadcast_to(jnp.arange(NUM_LEARNERS)[:, None], sampled.shape)
    pairs, exists = league.least_measured(keys[-1], LEAGUE.standings(state), 8)
    players = jnp.concatenate([jnp.stack([learner.ravel(), sampled.ravel()], 1), pairs])
    swap = (jnp.arange(len(players)) % 2 == 1)[:, None]
    players = jnp.where(swap, players[:, ::-1], players)
    throws = jax.random.categorical(keys[-2], jnp.log(plays[players]))
    won = RPS[throws[:, 0], throws[:, 1]]
    counted = jnp.concatenate([jnp.ones(sampled.size, bool), exists])
    return league.tally(NUM_LEARNERS + NUM_SLOTS, players, jnp.stack([won, -won], 1), counted)


def learn(state: LeagueState, params: list[dict[str, jax.Array]]) -> list[dict[str, jax.Array]]:
    """One step of exact gradient against the opponents' mixture."""
    plays, opponents = mixtures(state, params), LEAGUE.opponents(state)

    def gain(mine: dict[str, jax.Array], against: jax.Array) -> jax.Array:
        return jax.nn.softmax(mine["logits"]) @ RPS @ against

    targets = jax.lax.stop_gradient(opponents @ plays)
    slopes = [jax.grad(gain)(p, targets[i]) for i, p in enumerate(params)]
    return [
        jax.tree.map(lambda x, g: x + RATE * g, p, slope) for p, slope in zip(params, slopes, strict=True)
    ]


def step(carry: Carry, key: jax.Array) -> tuple[Carry, tuple[LeagueState, Any, Changes]]:
    state, params = carry
    key_games, key_league = jax.random.split(key)
    params = learn(state, params)
    fresh = play(state, params, key_games)
    after, changes = LEAGUE.advance(state, fresh, params, key_league)
    anew = [league.take(after.population, changes.source[i]) for i in range(NUM_LEARNERS)]
    started = [
        jax.tree.map(lambda a, b, i=i: jnp.where(changes.reset[i], a, b), new, old)
        for i, (new, old) in enumerate(zip(anew, params, strict=True))
    ]
    return (after, started), (after, params, changes)


def run(num_steps: int, seed: int = 0) -> tuple[Carry, tuple[LeagueState, Any, Changes]]:
    start = (LEAGUE.init(FIRST), [FIRST] * NUM_LEARNERS)
    return jax.lax.scan(step, start, jax.random.split(jax.random.key(seed), num_steps))


@pytest.fixture(scope="module")
def history() -> tuple[LeagueState, Any, Changes]:
    """The league after each of 300 steps (arrays with a leading axis), learners' parameters, changes."""
    return jax.tree.map(np.asarray, jax.jit(run, static_argnums=0)(300)[1])


def test_there_were_promotions_evictions_and_restarts(history):
    _, _, changes = history
    frozen = changes.slot < NUM_SLOTS
    assert (frozen.sum(0) >= 12).all() and changes.evicted.sum() > 20 and changes.reset.sum() > 20
    assert not changes.reset[:, 0].any()  # main agents never start anew
    assert (changes.reset[:, 1] == frozen[:, 1]).all()  # main exploiters always
    assert 0 < changes.reset[:, 2].sum() < frozen[:, 2].sum()
    assert (changes.slot != 0).all()  # slot 0 stays


def test_copies_equal_their_learners_then_and_never_change(history):
    states, params, changes = history
    slots = states.population.params["logits"]
    for i in range(NUM_LEARNERS):
        for t in np.flatnonzero(changes.slot[:, i] < NUM_SLOTS):
            np.testing.assert_array_equal(slots[t, changes.slot[t, i]], params[i]["logits"][t])
    written = np.zeros((300, NUM_SLOTS + 1), bool)
    np.put_along_axis(written, changes.slot, values=True, axis=1)
    moved = (slots[1:] != slots[:-1]).any(-1)
    assert not (moved & ~written[1:, :NUM_SLOTS]).any()
    assert (slots[:, 0] == np.asarray(FIRST["logits"])).all()


def test_facts_about_copies(history):
    states, _, changes = history
    for t in range(300):
        for i in range(NUM_LEARNERS):
            slot = changes.slot[t, i]
            if slot < NUM_SLOTS:
                people = jax.tree.map(lambda x, t=t: x[t], states.population)
                assert people.present[slot] and people.kind[slot] == ROLES[i].kind
                assert people.parent[slot] == i and people.born[slot] == t + 1 == states.step[t]
                assert people.generation[slot] == states.generations[t, i]
                assert states.since[t, i] == 0
    assert (np.diff(states.generations, axis=0) == (changes.slot[1:] < NUM_SLOTS)).all()


def test_copies_inherit_games_and_restarts_forget_them(history):
    states, _, changes = history
    games = states.payoff.games.sum(-1)
    np.testing.assert_allclose(games, games.transpose(0, 2, 1), atol=1e-3)
    for t in range(300):
        for i in range(NUM_LEARNERS):
            slot = NUM_LEARNERS + changes.slot[t, i]
            others = np.delete(
                np.arange(games.shape[1]), [i, *(NUM_LEARNERS + changes.slot[t]) % games.shape[1]]
            )
            if changes.reset[t, i]:
                assert (games[t, i] == 0).all() and (games[t, :, i] == 0).all()
            elif slot < games.shape[1]:
                standing = [j for j in others if j >= NUM_LEARNERS or not changes.reset[t, j]]
                np.testing.assert_array_equal(games[t, slot, standing], games[t, i, standing])
                assert games[t, slot, i] == 0
    wins, draws = states.payoff.wins, states.payoff.draws
    lost = states.payoff.games - wins - draws
    np.testing.assert_allclose(lost, wins.transpose(0, 2, 1, 3)[..., ::-1], atol=1e-3)


def test_scores_are_right(history):
    """The main agent's measured scores against frozen players, beside the true ones of that moment."""
    states, params, _ = history
    plays = np.asarray(jax.nn.softmax(states.population.params["logits"][-1]))
    mine = np.asarray(jax.nn.softmax(params[0]["logits"][-1]))
    truth = 0.5 + mine @ np.asarray(RPS) @ plays.T / 2
    last = jax.tree.map(lambda x: x[-1], states)
    facts = LEAGUE.standings(jax.tree.map(jnp.asarray, last))
    measured = np.asarray(facts.score[0, NUM_LEARNERS:])
    known = np.asarray(facts.games[0, NUM_LEARNERS:]) > 50
    assert known.sum() > 6 and np.abs(measured - truth)[known].max() < 0.2  # what is measured lags behind
    between = np.asarray(facts.score[NUM_LEARNERS:, NUM_LEARNERS:])
    exact = 0.5 + plays @ np.asarray(RPS) @ plays.T / 2
    met = np.asarray(facts.games[NUM_LEARNERS:, NUM_LEARNERS:]) > 20
    assert met.sum() > 20 and np.abs(between - exact)[met].max() < 0.3


def test_the_populations_mixture_is_hard_to_exploit(history):
    """Self-play moves outward, and the league's frozen players together know the game."""
    states, _, _ = history
    plays = jax.nn.softmax(jnp.asarray(states.population.params["logits"][-1]))
    present = jnp.asarray(states.population.present[-1])
    mixture = symmetric_nash(plays @ RPS @ plays.T, present)
    league_gain = exploitability(RPS, mixture @ plays)

    def alone(logits: jax.Array, _: None) -> tuple[jax.Array, None]:
        other = jax.nn.softmax(jax.lax.stop_gradient(logits))
        return logits + RATE * jax.grad(lambda z: jax.nn.softmax(z) @ RPS @ other)(logits), None

    start = FIRST["logits"]
    end = jax.jit(lambda z: jax.lax.scan(alone, z, None, length=300)[0])(start)
    before, after = (exploitability(RPS, jax.nn.softmax(z)) for z in (start, end))
    assert after > before
    assert league_gain < 0.1 * before


def test_one_program_for_all_steps(history):
    traces = []

    def counted(carry: Carry, key: jax.Array) -> Carry:
        traces.append(key)
        return step(carry, key)[0]

    advance: Any = jax.jit(counted, donate_argnums=0)
    carry = (LEAGUE.init(FIRST), [jax.tree.map(jnp.copy, FIRST) for _ in ROLES])
    for key in jax.random.split(jax.random.key(0), 300)[:40]:
        carry = advance(carry, key)
    assert len(traces) == advance._cache_size() == 1 and (history[2].slot[:40] < NUM_SLOTS).any()
    expected = jax.tree.map(lambda x: x[39], history[0])  # one step at a time, and all in one scan
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-4), carry[0], expected)


def test_many_seeds_and_no_step_of_the_host():
    start = (LEAGUE.init(FIRST), [FIRST] * NUM_LEARNERS)
    many = jax.tree.map(lambda x: jnp.stack([x, x]), start)
    carry, _ = jax.eval_shape(jax.vmap(step), many, jax.random.split(jax.random.key(0), 2))
    assert carry[0].payoff.games.shape == (2, NUM_LEARNERS + NUM_SLOTS, NUM_LEARNERS + NUM_SLOTS, 2)
    assert "callback" not in str(jax.make_jaxpr(step)(start, jax.random.key(0)))


@cache
def small_league(num_slots: int, *resets: float) -> Any:
    """A main agent and exploiters that may be frozen after each step; the start, and a compiled step."""
    kinds = (MAIN_AGENT, *[MAIN_EXPLOITER] * len(resets))
    roles = [Role(kind, 1, 1, reset=reset) for kind, reset in zip(kinds, (0.0, *resets), strict=True)]
    small = league.make_league(roles, [league.phases()] * len(kinds), num_slots)
    params = [{"w": jnp.float32(i)} for i in range(len(kinds))]

    def step(state: LeagueState, fresh: league.Payoff) -> tuple[LeagueState, Changes]:
        return small.advance(state, fresh, params, jax.random.fold_in(jax.random.key(0), state.step))

    start = small.init({"w": jnp.float32(-1.0)})
    return start, league.new_payoff(len(kinds) + num_slots), quick_jit(step)


@pytest.mark.parametrize("num_slots", [2, 3])
def test_nobody_leaves_before_somebody_could_look(num_slots):
    """In leagues of few slots a frozen player is still there a step later; learners wait for a slot."""
    state, none, step = small_league(num_slots, 1.0)
    frozen = 0
    for _ in range(20):
        after, changes = jax.device_get(step(state, none))
        new = state.population.present & (state.population.born == state.step) & (state.step > 0)
        np.testing.assert_array_equal(after.population.born[new], state.population.born[new])
        frozen += (changes.slot < num_slots).sum()
        assert ((after.since == 0) == (changes.slot < num_slots)).all()
        state = after
    assert frozen == 10 * (num_slots - 1)


def test_a_restart_leaves_nothing_known_of_a_learner():
    """The exploiter is back in the first phase; the main agent goes on where it was."""
    state, none, step = small_league(3, 1.0)
    state, changes = step(replace(state, matchmaking=(jnp.array([True, True]),)), none)
    assert changes.reset.tolist() == [False, True] and state.matchmaking[0].tolist() == [True, False]


def test_the_most_beaten_leaves():
    """Of two copies that leave no gap of age, the one is evicted that the main agent beats."""
    start, none, step = small_league(5)
    for beaten, other in ((2, 3), (3, 2)):
        state = start
        for _ in range(4):
            state, _ = step(state, none)
        players = jnp.array([[0, 1 + beaten], [0, 1 + other]] * 5)
        returns = jnp.array([[1.0, -1.0], [-1.0, 1.0]] * 5)
        _, changes = step(state, league.tally(6, players, returns, jnp.ones(10, bool)))
        assert changes.slot.tolist() == [beaten]


def test_wrong_sizes_are_refused():
    with pytest.raises(ValueError, match="3 roles and 2 matchmakers"):
        league.make_league(ROLES, MATCHMAKERS[:2], NUM_SLOTS)
    with pytest.raises(ValueError, match="2 or more"):
        league.make_league(ROLES, MATCHMAKERS, 1)
