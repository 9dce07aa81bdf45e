import pytest

from jaxplay.config import (
    AlphaZeroConfig,
    LinesConfig,
    MLPConfig,
    PolicyGradientConfig,
    PUCTConfig,
    ResNetConfig,
)
from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.presets import BUDGETS, PRESETS, TUNED, measure, preset, with_league
from jaxplay.presets.derived import derive
from jaxplay.struct import replace

GAMES = ["tic_tac_toe", "connect_four", "pgx:othello", "pgx:backgammon", "pgx:go_19x19", "pgx:2048"]


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("game", GAMES)
def test_any_game_has_every_preset(game, name):
    config = preset(game, name)
    training = config.training
    assert training.game == game
    assert isinstance(training.learner, AlphaZeroConfig)
    if name in BUDGETS and not any(tuned == game for tuned, _ in TUNED):
        first = training.selfplay.num_matches * training.selfplay.num_plies
        assert training.learner.min_positions == first >= training.learner.batch_size
    rows = training.learner.replay_positions // training.selfplay.num_matches
    assert rows >= training.selfplay.num_plies
    assert config.evaluate_games % 2 == 0


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("game", ["kuhn_poker", "dark_hex", "pgx:leduc_holdem", "bargaining"])
def test_hidden_information_is_learned_by_policy_gradients(game, name):
    """With no random openings: who starts behind one would infer what is not so."""
    training = preset(game, name).training
    assert isinstance(training.learner, PolicyGradientConfig)
    assert training.selfplay.max_opening_plies == 0


def test_what_a_game_needs_holds_with_its_options_too():
    learner = preset("goofspiel", "cpu", {"cards": 4}).training.learner
    assert isinstance(learner, PolicyGradientConfig) and not learner.normalize
    assert preset("dark_hex", "cpu").training.learner == replace(
        learner, normalize=True, entropy_weight=0.05, entropy_end=0.5, ema_decay=0.9995
    )


@pytest.mark.parametrize(("game", "name"), TUNED)
def test_a_tuned_preset_is_taken_as_it_is(game, name):
    assert preset(game, name).training == TUNED[game, name]
    assert preset(game, "demo").training == TUNED.get((game, "demo"), TUNED[game, "cpu"])


def test_a_tuned_preset_is_for_the_game_without_options():
    options = {"rows": 5, "columns": 5}
    training = preset("connect_four", "cpu", options).training
    assert dict(training.game_options) == options
    assert training.selfplay != TUNED["connect_four", "cpu"].selfplay


@pytest.mark.parametrize("game", GAMES)
def test_networks_suit_the_machine(game):
    kind = LinesConfig if game == "connect_four" else MLPConfig
    assert isinstance(preset(game, "cpu").training.network, kind)
    board = game not in ("tic_tac_toe", "pgx:backgammon", "pgx:2048")
    assert isinstance(preset(game, "gpu").training.network, ResNetConfig) == board


def test_networks_of_a_cpu_are_no_wider_than_minutes_can_teach():
    network = preset("go", "cpu").training.network
    assert isinstance(network, MLPConfig) and network.width == BUDGETS["cpu"].most_width == 256


def test_large_games_get_fewer_matches():
    budget = BUDGETS["cpu"]._replace(tree_bytes=2**26)
    go, othello = (
        derive(measure(make(game)), budget).selfplay.num_matches for game in ("pgx:go_19x19", "pgx:othello")
    )
    assert go < othello <= budget.num_matches


def test_minutes_of_a_cpu_are_spent_as_on_connect_four():
    """Search and learner; a GPU's presets are not tuned yet."""
    hex_, connect_four = (preset(game, "cpu").training for game in ("hex", "connect_four"))
    assert hex_.search == connect_four.search
    for field in ("value_mix", "learning_rate", "ema_decay", "schedule"):
        assert getattr(hex_.learner, field) == getattr(connect_four.learner, field)
    assert hex_.selfplay.temperature_early == hex_.selfplay.temperature_late == 0.0
    assert isinstance(preset("hex", "gpu").training.search, PUCTConfig)


def test_no_such_preset():
    with pytest.raises(UserError, match="no preset 'cpus'; did you mean 'cpu'"):
        preset("tic_tac_toe", "cpus")


@pytest.mark.parametrize(("share", "every"), [(0.5, 1), (0.8, 3), (0.9, 7)])
def test_a_main_agent_has_its_share_of_the_work(share, every):
    """Counted by hand for Connect Four: 17 evaluations a decision, 8 plies, gradient steps three times."""
    league = with_league(preset("connect_four"), share).training.league
    assert league is not None
    main = 8 * 17 * 512 + 3 * 16 * 1024
    exploiter = 8 * 17 * (2 * 64 + 64) + 3 * 4 * 1024
    besides = 2 * exploiter + 8 * 17 * 32
    assert main / (main + besides / every) >= share
    assert every == 1 or main / (main + besides / (every - 1)) < share
    kinds = league.main_exploiters, league.league_exploiters, league.referees
    assert {kind.every for kind in kinds} == {every} and league.main_agents.every == 1


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, float("nan")])
def test_a_share_that_is_none(share):
    with pytest.raises(UserError, match=r"main_share is .*; allowed: above 0 and below 1"):
        with_league(preset("connect_four"), share)
