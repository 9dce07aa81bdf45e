"""The step of a league: one program without copies of networks, and what it does to players and learners."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from copies import copied
from small_leagues import LEAGUE, TRAINING, Program
from small_runs import digest

from jaxplay.checkpoint import Checkpoints
from jaxplay.checkpoint.leaves import to_host
from jaxplay.league import INITIAL, MAIN_AGENT, MAIN_EXPLOITER
from jaxplay.networks import build_network
from jaxplay.struct import replace
from jaxplay.training import make_game

SLOTS, MATCHES, LANES = LEAGUE.slots, LEAGUE.main_agents.matches, LEAGUE.main_agents.lanes
MAIN, EXPLOITER = 0, 1
LEARNERS = 2
STEPS = 40


@pytest.fixture(scope="module")
def program() -> Program:
    return Program()


def copy(state: Any) -> Any:
    """`state`, to be given up in its place."""
    return jax.tree.map(jnp.copy, state)


def never_frozen(state: Any) -> Any:
    """`state` of learners for which it is far too soon."""
    return replace(state, league=replace(state.league, since=jnp.full_like(state.league.since, -10_000)))


@pytest.fixture(scope="module")
def history(program: Program) -> list[Any]:
    """`before, after, without, metrics` of each of the first steps, on the host.

    `without` is what the step would have come to if nobody could have been frozen.
    """
    state, found = program.init(jax.random.key(0)), []
    for _ in range(STEPS):
        before = jax.device_get(copy(state))
        without, _ = program.step(never_frozen(copy(state)))
        state, metrics = program.step(state)
        found.append((before, jax.device_get(state), jax.device_get(without), jax.device_get(metrics)))
    return found


def weights(state: Any, learner: int) -> list[Any]:
    """The leaves of what a learner plays with."""
    return jax.tree.leaves(state.learners[learner].ema)


def players(state: Any) -> list[Any]:
    """The leaves of all frozen players, `(C, ...)`."""
    return jax.tree.leaves(state.league.population.params)


def frozen_now(after: Any) -> dict[int, int]:
    """The learners frozen by the last step, and their slots."""
    people = after.league.population
    slots = np.flatnonzero(people.present & (people.born == after.league.step) & (people.kind != INITIAL))
    return {int(people.parent[slot]): int(slot) for slot in slots}


def events(history: list[Any]) -> Iterator[tuple[Any, Any, Any, int, int]]:
    """`before, after, without, learner, slot` of everybody who was frozen."""
    for before, after, without, _ in history:
        for learner, slot in frozen_now(after).items():
            yield before, after, without, learner, slot


def test_one_program_whatever_happens(history):
    """Promotions, evictions and restarts among the steps that one compiled program made."""
    lines = [metrics for *_, metrics in history]
    assert sum(line["frozen"] for line in lines) > 20 and sum(line["resets"] for line in lines) > 10
    assert [int(line["players"]) for line in lines[-3:]] == [SLOTS] * 3
    later = [event for event in events(history) if event[0].league.population.present.all()]
    assert {event[3] for event in later} == {MAIN, EXPLOITER}  # somebody left for these


def test_no_network_is_copied_for_a_match(program):
    """The program holds weights of learners, lanes and slots, no others; one with copies would be seen."""
    text = program.lowered + program.step.as_text()
    assert stacks(text) == {(), (LEARNERS,), (LANES,), (SLOTS,)}
    network = build_network(TRAINING.network, make_game(TRAINING))
    keys = jax.eval_shape(lambda: jax.random.split(jax.random.key(0), MATCHES))
    params = jax.eval_shape(jax.vmap(network.init), keys)
    each = jax.jit(jax.vmap(network.apply)).lower(params, jax.ShapeDtypeStruct((MATCHES, 3, 3, 2), bool))
    assert (MATCHES,) in stacks(each.as_text()) and (MATCHES,) in stacks(each.compile().as_text() or "")


def stacks(text: str) -> set[tuple[int, ...]]:
    """The axes, but those of size 1, before the first layer's shape, in StableHLO or XLA's own text."""
    found = re.findall(r"tensor<((?:\d+x)*)18x13xf32>", text) + re.findall(r"f32\[((?:\d+,)*)18,13\]", text)
    return {tuple(int(size) for size in re.findall(r"\d+", axes) if int(size) > 1) for axes in found}


def test_large_arrays_are_written_in_place(program):
    """Nothing makes a new array like those of learners' memories or of all players' weights."""
    assert copied(program.step.as_text(), ".memory.", ".population.") == set()


def test_frozen_players_never_change(history):
    """Whoever is in a slot before and after a step is the same there, bit for bit."""
    for before, after, *_ in history:
        old, new = before.league.population, after.league.population
        stay = old.present & new.present & (old.born == new.born)
        assert stay.sum() >= SLOTS - LEARNERS or not old.present.all()
        for one, other in zip(players(before), players(after), strict=True):
            np.testing.assert_array_equal(one[stay], other[stay])


def test_frozen_players_are_the_same_after_a_thousand_steps(program):
    state, _ = program.run(program.init(jax.random.key(1)), 12)
    start = jax.device_get(copy(state))
    end = jax.device_get(program.run(never_frozen(state), 1000)[0])
    assert end.league.step == start.league.step + 1000
    assert digest_of(players(start)) == digest_of(players(end))
    for learner in range(LEARNERS):
        pairs = zip(weights(start, learner), weights(end, learner), strict=True)
        assert all((one != other).any() for one, other in pairs)


def digest_of(leaves: list[Any]) -> int:
    return digest(dict(enumerate(leaves)))


def test_slot_0_holds_the_initial_parameters_for_ever(program, history):
    first = jax.device_get(program.init(jax.random.key(0)))
    for state in (first, history[-1][1]):
        assert state.league.population.kind[0] == INITIAL
        for slots, leaf in zip(players(state), weights(first, MAIN), strict=True):
            np.testing.assert_array_equal(slots[0], leaf)


def test_a_player_is_its_learner_at_that_moment(history):
    """It holds the averaged parameters that the step came to, and the games of its learner until then."""
    seen = set()
    for _, after, without, learner, slot in events(history):
        for slots, leaf in zip(players(after), weights(without, learner), strict=True):
            np.testing.assert_array_equal(slots[slot], leaf)
        kind = after.league.population.kind[slot]
        assert kind == (MAIN_AGENT, MAIN_EXPLOITER)[learner]
        settled = ~np.isin(np.arange(LEARNERS + SLOTS), written(after))
        mine, inherited = without.league.payoff.games[learner], after.league.payoff.games[LEARNERS + slot]
        np.testing.assert_array_equal(inherited[settled], mine[settled])
        seen.add((learner, bool(inherited.sum() > 0)))
    assert {(MAIN, True), (EXPLOITER, True)} <= seen


def written(after: Any) -> list[int]:
    """Players of the payoff table who are others since the last step."""
    frozen = frozen_now(after)
    anew = [EXPLOITER] if EXPLOITER in frozen else []
    return anew + [LEARNERS + slot for slot in frozen.values()]


def test_a_main_agent_goes_on_and_an_exploiter_starts_anew(program, history):
    """Parameters of slot 0, no moments, an empty memory, no updates, no games."""
    first = jax.device_get(program.init(jax.random.key(0)))
    anew = 0
    for _, after, without, learner, _ in events(history):
        if learner == MAIN:
            expected = replace(without.learners[MAIN], began=without.learners[MAIN].updates)
            jax.tree.map(np.testing.assert_array_equal, after.learners[MAIN], expected)
            continue
        anew += 1
        found, start = after.learners[EXPLOITER], first.learners[EXPLOITER]
        same = (found.params, found.ema, found.opt_state, found.updates, found.began)
        jax.tree.map(np.testing.assert_array_equal, same, (start.params, start.ema, start.opt_state, 0, 0))
        assert found.memory.filled == found.memory.row == 0 and (found.memory.finished == -1).all()
        assert without.learners[EXPLOITER].memory.filled > 0
        games = after.league.payoff.games
        assert not games[EXPLOITER].any() and not games[:, EXPLOITER].any()
    assert anew > 10


def test_a_learner_that_starts_anew_never_sees_an_old_position(program):
    """Its memory is filled with what is no number, and so is nothing that it learns from then on."""
    state = program.init(jax.random.key(0))
    while not (frozen := frozen_now(jax.device_get(state))) or EXPLOITER not in frozen:
        state, _ = program.step(state)
    learner = state.learners[EXPLOITER]

    def spoil(leaf: Any) -> Any:
        return jnp.full_like(leaf, jnp.nan) if jnp.issubdtype(leaf.dtype, jnp.floating) else leaf

    memory = replace(jax.tree.map(spoil, learner.memory), current_return=learner.memory.current_return)
    learners = (state.learners[MAIN], replace(learner, memory=memory))
    state = never_frozen(replace(state, learners=learners))
    rows = learner.memory.game.shape[1]
    state, lines = program.run(state, rows // TRAINING.selfplay.num_plies - 1)
    assert state.learners[EXPLOITER].updates == len(lines) > 5
    assert np.isnan(to_host(state)["learners.1.memory.value"]).any()
    assert all(np.isfinite(leaf).all() for leaf in weights(state, EXPLOITER))


def test_everybody_plays_by_their_own_parameters(program):
    """Player n likes cell n, and has it after two moves of each, in whatever lane and seat they are."""
    state = program.init(jax.random.key(0))

    def fond(params: Any, first: int) -> Any:
        params = jax.tree.map(lambda leaf: leaf, params)  # so that dicts are its own
        policy = params["heads"]["policy"]
        likes = jax.nn.one_hot(jnp.arange(first, first + policy["bias"][..., 0].size), 9)
        policy["bias"] = 60.0 * likes.reshape(policy["bias"].shape)
        return params

    learners = tuple(replace(one, ema=fond(one.ema, number)) for number, one in enumerate(state.learners))
    people = replace(state.league.population, params=fond(state.league.population.params, LEARNERS))
    seated = [([0, 0], [1, 4]), ([1, 1], [6, 0]), ([2, 6], [5, 3])]
    matches = [
        replace(each, lanes=replace(each.lanes, player=jnp.array([one]), opponent=jnp.array([other])))
        for each, (one, other) in zip(state.matches, seated, strict=True)
    ]
    league = replace(state.league, population=people)
    state = replace(state, learners=learners, matches=tuple(matches), league=league)
    before = jax.device_get(copy(state.matches))
    after, _ = program.step(state)
    game = make_game(TRAINING)
    start = game.init(jax.random.key(0))
    stone = np.array([game.step(start, jnp.int32(cell)).stones[1, 0] for cell in range(9)])
    for old, new in zip(before, jax.device_get(after.matches), strict=True):
        assert (new.episodes.ply == 4).all() and (new.episodes.state.current_player == 0).all()
        lanes, each = old.lanes, new.lanes.side.shape[1] // LANES
        player, opponent = (np.repeat(x, each, axis=1) for x in (lanes.player, lanes.opponent))
        first = np.where(lanes.side == 0, player, opponent)
        for seat, who in enumerate((first, player + opponent - first)):
            assert (new.episodes.state.stones[:, :, seat, 0] & stone[who]).all()


def test_referees_are_given_frozen_players_only(program, history):
    """The pairs that have met least; as long as there are fewer pairs than lanes, some of them twice."""
    first = jax.device_get(program.init(jax.random.key(0))).matches[-1].lanes
    assert (first.player == LEARNERS).all() and (first.opponent == LEARNERS).all()  # there is one only
    drawn = 0
    for (_, before, *_), (_, after, *_) in itertools.pairwise(history):
        old, new = before.matches[-1].lanes, after.matches[-1].lanes
        present = np.append(np.zeros(LEARNERS, bool), before.league.population.present)
        assert present[new.player].all() and present[new.opponent].all()
        anew = playing(old, written(before)) | (old.age >= 4 * make_game(TRAINING).max_plies)
        games = before.league.payoff.games.sum(-1)
        games[~present], games[:, ~present] = np.inf, np.inf
        met = np.sort(games[np.triu_indices(len(games), 1)])[:LANES]
        if np.isfinite(met).all() and anew.all():
            found = np.sort(games[new.player[0], new.opponent[0]])
            np.testing.assert_allclose(found, met, atol=1e-3)
            drawn += 1
    assert drawn > 1


def test_referees_are_counted(history):
    """Nobody else plays for two frozen players; in a step that freezes nobody nothing is inherited."""
    gained = 0.0
    for before, after, *_ in history:
        old, new = (state.league.payoff.games[LEARNERS:, LEARNERS:] for state in (before, after))
        gained += 0.0 if frozen_now(after) else np.maximum(new - old, 0.0).sum()
    assert gained > 10


def test_lanes_of_players_who_changed_begin_anew(history):
    """At the next step, they and those whose period is over; games under way do not count."""
    plies, period = TRAINING.selfplay.num_plies, 4 * make_game(TRAINING).max_plies
    expired, over, counted = 0, 0, 0
    for (_, before, *_), (_, after, *_) in itertools.pairwise(history):
        for first, second in zip(before.matches, after.matches, strict=True):
            old, new = first.lanes, second.lanes
            changed, changed_again = playing(old, written(before)), playing(new, written(after))
            anew = changed | (old.age >= period)
            expired, over = expired + changed.sum(), over + (anew & ~changed).sum()
            expected = np.where(anew, 0, old.age) + plies
            np.testing.assert_array_equal(new.age[~changed_again], expected[~changed_again])
            np.testing.assert_array_equal(new.sampled, old.sampled + anew.sum(1))
            kept = (new.player == old.player) & (new.opponent == old.opponent)
            assert kept[~anew].all()
            began = second.episodes.ply.reshape(*anew.shape, -1) < plies
            counts = new.counts.reshape(began.shape)
            assert not (counts & ~began)[anew].any()
            counted += counts[anew].sum()
    assert expired > 20 and over > 5 and counted > 20, (expired, over, counted)


def playing(lanes: Any, changed: list[int]) -> Any:
    """`(S, K)` bool: lanes in which one of `changed` plays."""
    return np.isin(lanes.player, changed) | np.isin(lanes.opponent, changed)


def test_a_new_player_brings_no_games_of_the_one_before(history):
    """No game can end within a step, so the step after the change counts none; the one after that may."""
    inherited, played = 0.0, 0.0
    for (_, before, *_), (_, after, *_) in itertools.pairwise(history):
        again = np.isin(np.arange(LEARNERS + SLOTS), written(after))
        rows = [player for player in written(before) if not again[player]]
        old, new = before.league.payoff.games, after.league.payoff.games
        for row in rows:
            np.testing.assert_array_equal(new[row][~again], old[row][~again])
            inherited += old[row].sum()
            played += (new - old)[~np.isin(np.arange(LEARNERS + SLOTS), rows)].sum()
    assert inherited > 0 and played > 0


def test_a_resumed_league_is_the_same_league(program, tmp_path):
    """Saved between promotions and restored, it goes on bit for bit: players, payoffs, lanes and all."""
    whole, lines = program.run(program.init(jax.random.key(2)), 12)
    half, _ = program.run(program.init(jax.random.key(2)), 7)
    before, checkpoints = digest(half), Checkpoints(tmp_path)
    checkpoints.save(half)
    checkpoints.wait()
    abstract = jax.eval_shape(program.training.init, jax.random.key(0))
    again, _ = checkpoints.restore(abstract)
    assert digest(again) == before
    again, more = program.run(again, 5)
    assert digest(again) == digest(whole) and sum(line["frozen"] for line in more) > 0
    jax.tree.map(np.testing.assert_array_equal, more, lines[7:])


def test_each_learner_can_be_had_from_a_checkpoint(program, tmp_path):
    state, _ = program.run(program.init(jax.random.key(3)), 2)
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(state)
    checkpoints.wait()
    for learner in range(LEARNERS):
        found, step = checkpoints.restore_player(state.learners[learner].ema, learner=learner)
        assert step == 2
        jax.tree.map(np.testing.assert_array_equal, found, state.learners[learner].ema)
