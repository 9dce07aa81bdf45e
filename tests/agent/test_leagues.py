"""The players of a league by name: learners, frozen players, their Nash mixture, and all of them."""

import jax
import numpy as np
import pytest
from saved_leagues import FROZEN, LEAGUE, NASH, save_league, table
from saved_runs import random_params, save_run

from jaxplay.agent import load, load_nash
from jaxplay.arena import Mixture, match
from jaxplay.checkpoint import save_payoff
from jaxplay.errors import UserError
from jaxplay.players import make_players

LEARNERS = ("main", "main_exploiter", "league_exploiter")
KEY = jax.random.key(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a league and a run without one."""
    folder = tmp_path_factory.mktemp("leagues")
    save_league(folder / "league")
    save_run(folder / "alone")
    return folder


@pytest.fixture(autouse=True)
def _inside(folder, monkeypatch):
    monkeypatch.chdir(folder)


def same(params, seed: int) -> bool:
    pairs = zip(jax.tree.leaves(params), jax.tree.leaves(random_params(LEAGUE, seed)), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize(("number", "learner"), list(enumerate(LEARNERS)))
def test_learners(number, learner):
    agent = load("league", player=learner)
    assert same(agent.params, 100 + number)
    assert agent.name == ("league" if learner == "main" else f"league:{learner}")
    assert same(load("league", step=45, player=learner).params, 100 + number)


@pytest.mark.parametrize(("seed", "name"), list(enumerate(FROZEN)))
def test_frozen_players(seed, name):
    agent = load("league", player=name)
    assert same(agent.params, seed) and agent.name == f"league:{name}"
    assert agent.num_simulations == 4
    assert agent.player().act is load("league").player().act  # one program for all


def test_the_nash_mixture_of_the_newest_payoff():
    agents, weights = load_nash("league")
    assert [agent.name for agent in agents] == [f"league:{name}" for name in NASH]
    assert weights == pytest.approx(list(NASH.values()), abs=2e-3)
    assert same(agents[0].params, 4)


def test_a_mixture_as_a_player():
    game, (nash, chance) = make_players(["league:nash,sims=2", "random"])
    assert isinstance(nash.player, Mixture) and nash.player.name == "league:nash,sims=2"
    assert [member.agent.num_simulations for member in nash.members if member.agent] == [2, 2, 2]
    result = match(game, [nash.player, chance.player], num_games=40, key=KEY)
    assert sum(map(sum, (result.wins, result.draws, result.losses))) == 40
    drawn = [nash.sample(jax.random.key(i)).player.name for i in range(300)]
    assert drawn.count("league:main-3") / 300 == pytest.approx(0.5, abs=0.1)
    assert chance.sample(KEY) is chance and chance.single() is chance.player
    with pytest.raises(
        UserError, match="league:nash,sims=2 is a mixture, not one player; its members: league:main-3,"
    ):
        nash.single()


@pytest.mark.parametrize("text", ["league:*", "league:all,sims=3"])
def test_everybody(text):
    _, contenders = make_players(["random", text])
    option = text.partition(",")[2]
    names = [f"league:{name}" + (f",{option}" if option else "") for name in (*LEARNERS, *FROZEN)]
    assert [contender.player.name for contender in contenders] == ["random", *names]
    simulations = {contender.agent.num_simulations for contender in contenders[1:] if contender.agent}
    assert simulations == {3 if option else 4}


def test_everybody_of_a_run_without_a_league():
    _, (contender,) = make_players(["alone:all"])
    assert contender.player.name == "alone:main"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("league:main-4", "has no player 'main-4'; did you mean 'main-3'?"),
        ("league:main_exploter", "did you mean 'main_exploiter'?"),
        (
            "league:zzz",
            "has no player 'zzz'; allowed: initial, league_exploiter, main, main-1, main-2, main-3,",
        ),
        ("league:nsh", "did you mean 'nash'?"),
        ("league@45:main-3", "main-3 of league is frozen, the same at every step: leave out step 45"),
        ("league@45:nash", "the mixture is that of the newest payoff; leave out @45"),
        ("league@45:all", "frozen players are the same at every step; leave out @45"),
        ("league@44:main_exploiter", "has no step 44; allowed: 45"),
        ("alone:nash", "alone has no payoff among frozen players"),
        ("alone:main-1", "has no player 'main-1'; did you mean 'main'?"),
    ],
)
def test_mistyped(text, message):
    with pytest.raises(UserError) as error:
        make_players([text])
    assert message in str(error.value) and "\n" not in str(error.value)


def test_a_mixture_is_no_agent():
    with pytest.raises(UserError, match=r"league:nash is a mixture of agents: `jaxplay\.agent\.load_nash`"):
        load("league", player="nash")


def test_players_that_are_no_longer_in_the_league_stay_on_disk(tmp_path):
    run = save_league(tmp_path / "league")
    facts = table(50)
    left = [i for i, name in enumerate(facts.names) if name != "main-3"]
    tables = ("games", "score", "advantage", "returns", "outcomes")
    inside = {name: getattr(facts, name)[np.ix_(left, left)] for name in tables}
    names = tuple(facts.names[i] for i in left)
    save_payoff(run, type(facts)(50, names, **inside))
    assert [agent.name for agent in load_nash(run)[0]] == [f"{run}:main-1"]
    assert same(load(run, player="main-3").params, 4)


def test_a_damaged_player_is_told(tmp_path):
    run = save_league(tmp_path / "league")
    path = run / "players" / "main-2.safetensors"
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(UserError, match=r"main-2\.safetensors is damaged"):
        load(run, player="main-2")
