"""The configuration: JSON there and back, and what it says of wrong values."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxplay.config import (
    GAMMA_0,
    AlphaZeroConfig,
    GumbelConfig,
    MemberConfig,
    MinimaxConfig,
    MLPConfig,
    PUCTConfig,
    ResNetConfig,
    RunConfig,
    SelfPlayConfig,
    TrainingConfig,
    from_json,
    to_json,
)
from jaxplay.errors import UserError

COUNT = st.integers(1, 10**6)
UNITS, BLOCKS = st.integers(1, 65_536), st.integers(0, 1_000)
AMOUNT = st.floats(0.0, 1e6)
SHARE = st.floats(0.0, 1.0)
HEAD = st.sampled_from(["scalar", "outcome"])
OPTION = st.tuples(st.text(min_size=1), st.one_of(st.integers(), SHARE, st.booleans(), st.text()))

NETWORK = st.one_of(
    st.builds(MLPConfig, width=UNITS, depth=BLOCKS, value_head=HEAD),
    st.builds(ResNetConfig, channels=UNITS, depth=BLOCKS, value_head=HEAD, bfloat16=st.booleans()),
)
SEARCH = st.one_of(
    st.builds(PUCTConfig, num_simulations=COUNT, c_init=AMOUNT, dirichlet_fraction=SHARE),
    st.builds(GumbelConfig, num_simulations=COUNT, c_visit=AMOUNT, rescale=st.booleans()),
)
LEARNER = st.builds(
    AlphaZeroConfig,
    replay_positions=st.integers(32_768, 10**6),
    value_mix=SHARE,
    augment=st.booleans(),
    schedule=st.sampled_from(["constant", "cosine"]),
)
TRAINING = st.builds(
    TrainingConfig,
    game=st.text(),
    game_options=st.lists(OPTION, max_size=3).map(tuple),
    network=NETWORK,
    search=SEARCH,
    selfplay=st.builds(SelfPlayConfig, num_plies=COUNT, temperature_late=AMOUNT),
    learner=LEARNER,
    num_shards=st.sampled_from([1, 2, 8]),
    seed=COUNT,
)


@settings(max_examples=100, deadline=None)
@given(st.builds(RunConfig, training=TRAINING, evaluate_minutes=AMOUNT, keep_checkpoints=COUNT))
def test_json_there_and_back(config):
    again = from_json(RunConfig, json.loads(json.dumps(to_json(config))))
    assert again == config and hash(again) == hash(config)


def test_missing_fields_take_their_defaults():
    assert from_json(RunConfig, {}) == RunConfig()
    part = from_json(TrainingConfig, {"network": {"kind": "resnet", "depth": 2}, "learner": {"value_mix": 1}})
    assert part == TrainingConfig(network=ResNetConfig(depth=2), learner=AlphaZeroConfig(value_mix=1.0))


BELOW = {
    PUCTConfig: [
        "num_simulations=0",
        "c_base=0.5",
        "c_init=-0.1",
        "fpu_reduction=-1.0",
        "forced_playouts=-1.0",
        "leaves=0",
        "max_edges=-1",
    ],
    GumbelConfig: [
        "num_simulations=0",
        "max_considered=0",
        "c_visit=-1.0",
        "c_scale=-1.0",
        "max_edges=-1",
    ],
    SelfPlayConfig: [
        "num_matches=0",
        "num_plies=0",
        "temperature_early=-1.0",
        "temperature_late=-1.0",
        "temperature_plies=-1",
        "max_opening_plies=-1",
        "cheap_simulations=0",
        "keep_nodes=-1",
        "resign_moves=0",
    ],
    AlphaZeroConfig: [
        "replay_positions=0",
        "min_positions=0",
        "batch_size=0",
        "num_updates=0",
        "schedule_steps=0",
        "value_weight=-1.0",
        "reply_weight=-1.0",
        "ownership_weight=-1.0",
        "score_weight=-1.0",
        "reanalysis_plies=-1",
        "learning_rate=-1.0",
        "weight_decay=-1.0",
        "warmup_steps=-1",
    ],
    MinimaxConfig: ["anneal_updates=-1"],
    TrainingConfig: ["num_shards=0"],
    RunConfig: [
        "evaluate_minutes=-1.0",
        "checkpoint_minutes=-1.0",
        "log_seconds=-1.0",
        "evaluate_simulations=0",
        "anchor_simulations=0",
        "keep_checkpoints=0",
    ],
}
OTHER = [
    (MLPConfig, {"width": 0}, "1 to 65,536"),
    (MLPConfig, {"depth": -1}, "0 to 1,000"),
    (ResNetConfig, {"channels": 65_537}, "1 to 65,536"),
    (ResNetConfig, {"depth": -1}, "0 to 1,000"),
    (SelfPlayConfig, {"num_plies": 2**31}, "1 to 2,147,483,647"),
    (AlphaZeroConfig, {"weight_decay": float("inf")}, "0 or more, finite"),
    (MemberConfig, {"count": 101}, "0 to 100"),
    (TrainingConfig, {"seed": -1}, "0 to 4,294,967,295"),
    (MLPConfig, {"value_head": "sclar"}, "scalar, outcome"),
    (ResNetConfig, {"value_head": "sclar"}, "scalar, outcome"),
    (PUCTConfig, {"dirichlet_fraction": 1.5}, "0 to 1"),
    (PUCTConfig, {"dirichlet_concentration": 0.0}, "above 0"),
    (PUCTConfig, {"root_temperature": 0.0}, "above 0"),
    (SelfPlayConfig, {"full_share": 0.0}, "above 0, to 1"),
    (SelfPlayConfig, {"surprise_share": 1.5}, "0 to 1"),
    (SelfPlayConfig, {"resign_control": -0.5}, "0 to 1"),
    (SelfPlayConfig, {"resign_value": -1.5}, "-1 to 1"),
    (AlphaZeroConfig, {"value_mix": -0.5}, "0 to 1"),
    (AlphaZeroConfig, {"ema_decay": 1.01}, "0 to 1"),
    (AlphaZeroConfig, {"schedule": "linear"}, "constant, cosine"),
    (AlphaZeroConfig, {"clip_norm": 0.0}, "above 0"),
    (AlphaZeroConfig, {"learning_rate": float("nan")}, "0 or more"),
    (AlphaZeroConfig, {"min_positions": 10**9}, "at most replay_positions"),
    (MinimaxConfig, {"form": "potental"}, "none, target, edge, potential"),
    (MinimaxConfig, {"weight": 1.5}, "0 to 1"),
    (MinimaxConfig, {"shift": True}, "form edge"),
    (RunConfig, {"evaluate_games": 7}, "even"),
]


def below() -> list[tuple[type, dict[str, Any], str]]:
    pairs = [(kind, *text.split("=")) for kind, texts in BELOW.items() for text in texts]
    return [(kind, {name: json.loads(value)}, "or more") for kind, name, value in pairs]


@pytest.mark.parametrize(("kind", "wrong", "allowed"), [*below(), *OTHER])
def test_a_wrong_value_is_named_with_what_is_allowed(kind, wrong, allowed):
    """By its field, its value and what is allowed, on one line; from Python and from JSON."""
    ((name, value),) = wrong.items()
    for make in (lambda: kind(**wrong), lambda: from_json(kind, wrong)):
        with pytest.raises(UserError) as error:
            make()
        message = str(error.value)
        assert f".{name} is {value!r}; allowed: " in message and allowed in message and "\n" not in message


def test_every_number_has_a_bound():
    """No field of the configuration takes minus a million."""
    for kind in [*BELOW, MLPConfig, ResNetConfig]:
        for field in dataclasses.fields(kind):
            if type(field.default) in (int, float):
                with pytest.raises(UserError, match=field.name):
                    kind(**{field.name: type(field.default)(-1e6)})


def test_a_minimax_signal_has_the_weight_of_its_form():
    """Of a target half, falling to nothing; a potential stays; gamma-0 is the opponent's value and stays."""
    assert MinimaxConfig().schedule == (0.5, 4000)
    assert MinimaxConfig("edge", weight=0.01, anneal_updates=0, shift=True).schedule == (0.01, 0)
    assert MinimaxConfig("potential").schedule == (1.0, 0)
    assert MinimaxConfig("none").schedule == (0.0, 0)
    assert GAMMA_0.schedule == (1.0, 0) and GAMMA_0.form == "target"
    assert from_json(MinimaxConfig, to_json(GAMMA_0)) == GAMMA_0


@pytest.mark.parametrize("part", ["num_matches", "batch_size"])
def test_shards_divide_matches_and_batches(part):
    changed: dict[str, Any] = {part: 100}
    selfplay = SelfPlayConfig(**changed) if part == "num_matches" else SelfPlayConfig()
    learner = AlphaZeroConfig(**changed) if part == "batch_size" else AlphaZeroConfig()
    TrainingConfig(selfplay=selfplay, learner=learner, num_shards=4)
    with pytest.raises(UserError, match=rf"{part} is 100; allowed: a multiple of num_shards \(8\)"):
        TrainingConfig(selfplay=selfplay, learner=learner, num_shards=8)


def test_cheap_searches_are_the_smaller_ones():
    """Where there are any."""
    search, play = PUCTConfig(num_simulations=8), SelfPlayConfig(cheap_simulations=8)
    TrainingConfig(search=search, selfplay=play)
    wrong = r"SelfPlayConfig.cheap_simulations is 8; allowed: fewer than those of a full search \(8\)"
    with pytest.raises(UserError, match=wrong):
        TrainingConfig(search=search, selfplay=dataclasses.replace(play, full_share=0.5))


WRONG = [
    (
        {"learner": {"learning_rat": 1.0}},
        "config.learner has no field 'learning_rat'; did you mean 'learning_rate'",
    ),
    ({"sarch": {}}, "config has no field 'sarch'; did you mean 'search'?"),
    ({"seed": "1"}, "config.seed is '1'; allowed: int"),
    ({"seed": True}, "config.seed is True; allowed: int"),
    ({"seed": 1.0}, "config.seed is 1.0; allowed: int"),
    ({"game": None}, "config.game is None; allowed: str"),
    ({"learner": {"augment": 1}}, "config.learner.augment is 1; allowed: bool"),
    ({"learner": {"value_mix": "half"}}, "config.learner.value_mix is 'half'; allowed: float"),
    ({"network": {"kind": "resnt"}}, "config.network.kind is 'resnt'; did you mean 'resnet'?"),
    ({"network": {"kind": ["mlp"]}}, "config.network.kind is ['mlp']"),
    ({"learner": {"kind": "ppo"}}, "config.learner.kind is 'ppo'; allowed: alphazero"),
    ({"network": "mlp"}, "config.network is 'mlp'; allowed: an object"),
    (
        {"network": {"value_head": ["scalar"]}},
        "config.network.value_head is ['scalar']; allowed: scalar, outcome",
    ),
    ({"game_options": 3}, "config.game_options has 3; allowed: pairs"),
    ({"game_options": [["size", [5]]]}, "config.game_options has ['size', [5]]; allowed: pairs"),
    ({"game_options": [["size"]]}, "config.game_options has ['size']; allowed: pairs"),
    ([], "config is []; allowed: an object"),
]


@pytest.mark.parametrize(("data", "message"), WRONG)
def test_wrong_json(data, message):
    with pytest.raises(UserError) as error:
        from_json(TrainingConfig, data)
    assert str(error.value).startswith(message)


def test_what_lacks_a_field_takes_that_of_another_configuration():
    base = TrainingConfig(network=ResNetConfig(depth=3), seed=7)
    changed = from_json(TrainingConfig, {"network": {"channels": 8}, "seed": 8}, base=base)
    assert changed == TrainingConfig(network=ResNetConfig(channels=8, depth=3), seed=8)
    other = from_json(TrainingConfig, {"network": {"kind": "mlp"}}, base=base)
    assert other == TrainingConfig(network=MLPConfig(), seed=7)


def test_the_place_of_a_wrong_value_is_told_when_parts_do_not_fit():
    data = {"selfplay": {"num_matches": 100}, "num_shards": 8}
    with pytest.raises(UserError, match=r"^config.selfplay.num_matches is 100; allowed: a multiple of"):
        from_json(TrainingConfig, data)
    data = {"league": {"main_exploiters": {"matches": 3}}}
    with pytest.raises(UserError, match=r"^config.league.main_exploiters.matches is 3; allowed: "):
        from_json(TrainingConfig, data)
