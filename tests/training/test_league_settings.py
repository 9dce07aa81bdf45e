"""What a league's configuration and game must be; each mistake is one clear line."""

import dataclasses
from typing import Any

import pytest
from small_leagues import LEAGUE, NOBODY, TRAINING, with_league

from jaxplay.config import (
    GumbelConfig,
    LeagueConfig,
    MemberConfig,
    MinimaxConfig,
    RefereeConfig,
    TrainingConfig,
    from_json,
    to_json,
)
from jaxplay.errors import UserError
from jaxplay.training import make_training
from jaxplay.training.members import members_of

MEMBER: list[tuple[dict[str, Any], str]] = [
    ({"count": -1}, "MemberConfig.count is -1; allowed: 0 to 100"),
    ({"matches": -2}, "MemberConfig.matches is -2; allowed: 0 or more"),
    ({"lanes": 0}, "MemberConfig.lanes is 0; allowed: 1 or more"),
    ({"updates": -1}, "MemberConfig.updates is -1; allowed: 0 or more"),
    ({"replay_positions": -1}, "MemberConfig.replay_positions is -1; allowed: 0 or more"),
    ({"simulations": -1}, "MemberConfig.simulations is -1; allowed: 0 or more"),
    ({"opponent_simulations": -2}, "MemberConfig.opponent_simulations is -2; allowed: -1 or more"),
    ({"min_steps": 0}, "MemberConfig.min_steps is 0; allowed: 1 or more"),
    ({"min_steps": 9, "max_steps": 8}, r"MemberConfig.max_steps is 8; allowed: min_steps \(9\) or more"),
    ({"threshold": 1.5}, "MemberConfig.threshold is 1.5; allowed: 0 to 1"),
    ({"confidence": 0.4}, "MemberConfig.confidence is 0.4; allowed: 0.5 to below 1"),
    ({"confidence": 1.0}, "MemberConfig.confidence is 1.0; allowed: 0.5 to below 1"),
    ({"min_games": -1.0}, "MemberConfig.min_games is -1.0; allowed: 0 or more"),
    ({"measure": "all"}, "MemberConfig.measure is 'all'; allowed: each, mean"),
    ({"reset": -0.1}, "MemberConfig.reset is -0.1; allowed: 0 to 1"),
    ({"minimax": MinimaxConfig()}, "form is .*; allowed: none where models_opponent is False"),
]
WHOLE: list[tuple[dict[str, Any], str]] = [
    ({"slots": 1}, "LeagueConfig.slots is 1; allowed: 2 or more"),
    ({"period_plies": -1}, "LeagueConfig.period_plies is -1; allowed: 0 or more"),
    ({"horizon_plies": -1}, "LeagueConfig.horizon_plies is -1; allowed: 0 or more"),
    ({"solve_every": 0}, "LeagueConfig.solve_every is 0; allowed: 1 or more"),
    ({"uniform_share": 1.1}, "LeagueConfig.uniform_share is 1.1; allowed: 0 to 1"),
    ({"decay": 0.0}, "LeagueConfig.decay is 0.0; allowed: above 0, to 1"),
    ({"lane_networks": "scan"}, "LeagueConfig.lane_networks is 'scan'; allowed: auto, batch, loop"),
    ({"main_agents": MemberConfig(count=0)}, "MemberConfig.count is 0; allowed: 1 or more main agents"),
]
REFEREES: list[tuple[dict[str, Any], str]] = [
    ({"matches": -1}, "RefereeConfig.matches is -1; allowed: 0 or more"),
    ({"lanes": 0}, "RefereeConfig.lanes is 0; allowed: 1 or more"),
    ({"simulations": -1}, "RefereeConfig.simulations is -1; allowed: 0 or more"),
]
PARTS = {MemberConfig: MEMBER, LeagueConfig: WHOLE, RefereeConfig: REFEREES}


@pytest.mark.parametrize(
    ("part", "fields", "message"),
    [(part, fields, message) for part, rows in PARTS.items() for fields, message in rows],
)
def test_a_wrong_value_is_named(part, fields, message):
    with pytest.raises(UserError, match=message) as found:
        part(**fields)
    assert "\n" not in str(found.value)


def changed(part: str, **fields: Any) -> TrainingConfig:
    return dataclasses.replace(TRAINING, **{part: dataclasses.replace(getattr(TRAINING, part), **fields)})


TOGETHER = {
    "matches of a member": (
        lambda: with_league(main_agents=dataclasses.replace(LEAGUE.main_agents, matches=18)),
        r"MemberConfig.matches is 18; allowed: a multiple of 2 \* lanes \* num_shards \(4\)",
    ),
    "matches of all": (
        lambda: with_league(main_agents=dataclasses.replace(LEAGUE.main_agents, matches=0, lanes=3)),
        r"SelfPlayConfig.num_matches is 16; allowed: in a league a multiple of .* \(6\)",
    ),
    "referees": (
        lambda: with_league(referees=RefereeConfig(matches=10, lanes=2)),
        r"RefereeConfig.matches is 10; allowed: a multiple of 2 \* lanes \* num_shards \(4\)",
    ),
    "shards": (
        lambda: dataclasses.replace(TRAINING, num_shards=8),
        r"MemberConfig.matches is 16; allowed: a multiple of .* \(32\)",
    ),
    "kept trees": (lambda: changed("selfplay", keep_nodes=4), "keep_nodes is 4; allowed: in a league 0"),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_what_does_not_fit_together_is_named(name):
    make, message = TOGETHER[name]
    with pytest.raises(UserError, match=message) as found:
        make()
    assert "\n" not in str(found.value)


def test_members_that_do_not_exist_need_not_fit():
    with_league(league_exploiters=dataclasses.replace(NOBODY, lanes=7))


GAMES = {
    "hidden information": ("kuhn_poker", (), "kuhn_poker has hidden information"),
    "one player": ("small_games:Race", (("players", 1),), "has not two sides"),
    "one team": ("small_lanes:Count", (("teams", (0, 0, 0, 0)),), "has not two sides"),
    "three players": ("small_lanes:Count", (("num_players", 3), ("teams", ())), "has not two sides"),
}


@pytest.mark.parametrize("name", GAMES)
def test_a_league_needs_a_game_of_two_sides(name):
    game, options, message = GAMES[name]
    with pytest.raises(UserError, match=message):
        make_training(dataclasses.replace(TRAINING, game=game, game_options=options))


def test_teams_cannot_be_modelled():
    with pytest.raises(UserError, match="models_opponent of main_exploiter is True; allowed: False in"):
        make_training(dataclasses.replace(TRAINING, game="small_lanes:Count"))


def test_a_search_of_ones_own():
    """Of one kind of learners only, who then play by a program of their own."""
    gumbel = GumbelConfig(num_simulations=3)
    agent = dataclasses.replace(LEAGUE.main_agents, search=gumbel)
    other = dataclasses.replace(LEAGUE.main_agents, simulations=5)
    config = with_league(main_agents=agent, main_exploiters=other, league_exploiters=LEAGUE.main_agents)
    assert config.league is not None and from_json(TrainingConfig, to_json(config)) == config
    found = members_of(config)
    assert [member.training.search for member in found] == [
        gumbel,
        dataclasses.replace(config.search, num_simulations=5),
        config.search,
    ]
    assert len({member.program_key for member in found}) == 3
    make_training(config)


def test_a_period_too_short_for_a_game():
    with pytest.raises(UserError, match="a period of 17 plies: allowed: 18 or more"):
        make_training(with_league(period_plies=17))
    make_training(with_league(period_plies=17, horizon_plies=9))


def test_json_there_and_back():
    assert from_json(TrainingConfig, to_json(TRAINING)) == TRAINING
    assert from_json(LeagueConfig, {"slots": 3}) == LeagueConfig(slots=3)
