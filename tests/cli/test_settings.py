"""Settings as a TOML file: printed, read back, and what is said of a file that is wrong."""

import dataclasses
import tomllib
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxplay.checkpoint import create_run
from jaxplay.cli import toml
from jaxplay.cli.main import main
from jaxplay.cli.options import field_docs, options
from jaxplay.cli.settings import INLINE, configure, read_settings
from jaxplay.config import ExploiterConfig, ResNetConfig, RunConfig, TrainingConfig
from jaxplay.config.data import alternatives, field_types
from jaxplay.config.kinds import members
from jaxplay.errors import UserError
from jaxplay.presets import with_league
from jaxplay.struct import replace

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
WHOLE = st.sampled_from([-1, 0, 1, 2, 7, 64, 4096])
NUMBERS = st.sampled_from([0.0, 0.1, 0.25, 1.0, 1e-5, 12_345.678, 1e16])
OPTIONS = st.dictionaries(TEXT, st.one_of(WHOLE, NUMBERS, st.booleans(), TEXT), max_size=3)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type; some are not allowed."""
    if get_origin(hint) is tuple:
        return OPTIONS.map(lambda found: tuple(found.items()))
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    known: dict[Any, st.SearchStrategy[Any]] = {bool: st.booleans(), int: WHOLE, float: NUMBERS, str: TEXT}
    parts = [known.get(kind, st.none()) for kind in members(hint) if not dataclasses.is_dataclass(kind)]
    parts += [configurations(kind()) for kind in alternatives(hint).values()]
    return st.one_of(parts)


@st.composite
def configurations(draw: Any, config: Any) -> Any:
    """`config` with some fields changed, as far as it allows that."""
    for name, hint in field_types(type(config)).items():
        if draw(st.booleans()):
            try:
                config = replace(config, **{name: draw(values(hint))})
            except UserError:
                continue
    return config


BASES = [
    RunConfig(),
    with_league(RunConfig()),
    RunConfig(TrainingConfig(exploiter=ExploiterConfig()), evaluate_games=0),
]


@settings(max_examples=60, deadline=None)
@given(st.one_of(list(map(configurations, BASES))))
def test_what_is_printed_is_read_back(tmp_path_factory, config):
    path = tmp_path_factory.getbasetemp() / "settings.toml"
    path.write_text(toml.write(config, inline=INLINE, head="A file."), encoding="utf-8")
    file = read_settings(path)
    assert file is not None and file.game == config.training.game
    training = replace(RunConfig().training, game=file.game, game_options=tuple(file.game_options.items()))
    assert configure(replace(RunConfig(), training=training), file, {}) == config


@pytest.mark.parametrize("source", [["tic_tac_toe", "--preset", "quick"], ["tic_tac_toe", "--league"]])
def test_every_setting_is_printed_with_what_it_is_and_what_is_allowed(capsys, source):
    assert main(["config", *source]) == 0
    text = capsys.readouterr().out
    assert text.startswith(
        f"# Settings of `jaxplay {'league' if '--league' in source else 'train'} tic_tac_toe"
    )
    base = with_league(RunConfig()) if "--league" in source else RunConfig()
    data = tomllib.loads(text)
    words = " ".join(text.replace("\n#", " ").split())
    for option in options(base, inline=(INLINE,)):
        key, _, below = option.name.partition(".")
        if key in ("game_options", "league", "exploiter") or (
            " " in option.group and option.group != "learner alphazero"
        ):
            continue
        assert (data[key] if not below else data[key][below]) is not None
        assert " ".join(option.doc.split()) in words
    assert text.count("# Allowed: ") >= text.count("\n[") + len(data)


def test_what_is_allowed_is_told_as_errors_tell_it(capsys):
    assert main(["config", "tic_tac_toe"]) == 0
    text = capsys.readouterr().out
    assert "# Allowed: a whole number, 1 or more.\nnum_simulations = " in text
    assert "# Allowed: a number, 0 to 1.\nvalue_mix = " in text
    assert '# Allowed: "constant", "cosine".\nschedule = ' in text
    assert '# Allowed: "mlp", "lines", "resnet".\nkind = "mlp"' in text
    assert "# Allowed: true, false.\naugment = true" in text


def test_the_settings_of_a_run(tmp_path, capsys):
    config = replace(
        RunConfig(), training=TrainingConfig(game="nim", network=ResNetConfig(channels=8), seed=3)
    )
    create_run(tmp_path / "run", config)
    assert main(["config", str(tmp_path / "run"), "--out", str(tmp_path / "run.toml")]) == 0
    file = read_settings(tmp_path / "run.toml")
    assert configure(replace(RunConfig(), training=TrainingConfig(game="nim")), file, {}) == config
    assert main(["config", str(tmp_path / "run"), "--league"]) == 2
    assert "is a run, which has its own settings" in capsys.readouterr().err


@pytest.fixture
def taken(monkeypatch):
    """Configurations that commands would train with."""
    found = []
    monkeypatch.setattr("jaxplay.run.train", lambda *, config, **_: found.append(config))
    return found


FILE = """
seed = 5
[network]
kind = "resnet"
channels = 4
[learner]
learning_rate = 1
"""


def test_a_file_changes_the_preset_and_options_change_the_file(tmp_path, taken):
    (tmp_path / "c.toml").write_text(FILE)
    line = ["train", "tic_tac_toe", "--preset", "quick", "--config", str(tmp_path / "c.toml")]
    assert main([*line, "--seed", "6"]) == 0
    training = taken[0].training
    assert training.seed == 6 and training.network == ResNetConfig(channels=4)
    assert training.learner.learning_rate == 1.0 and training.learner.batch_size == 32


def test_a_file_may_name_the_game(tmp_path, taken, capsys):
    (tmp_path / "c.toml").write_text('game = "nim"\n[game_options]\nmisere = true\n')
    line = ["train", "--preset", "quick", "--config", str(tmp_path / "c.toml")]
    assert main(line) == 0 and main([*line[:1], "nim,misere=true", *line[1:]]) == 0
    assert taken[0] == taken[1] and taken[0].training.game_options == (("misere", True),)
    assert main([*line[:1], "nim", *line[1:]]) == 2
    assert f"{tmp_path}/c.toml is for nim,misere=True, not nim" in capsys.readouterr().err
    assert main(["train"]) == 2
    assert "name a GAME, or a --config FILE that does" in capsys.readouterr().err


def test_a_league_is_of_the_league(tmp_path, taken, capsys):
    assert (
        main(["config", "tic_tac_toe", "--preset", "quick", "--league", "--out", str(tmp_path / "l.toml")])
        == 0
    )
    assert main(["league", "--preset", "quick", "--config", str(tmp_path / "l.toml")]) == 0
    assert taken[0].training.league is not None
    assert main(["train", "--config", str(tmp_path / "l.toml")]) == 2
    assert "l.toml has a league: it is for `jaxplay league`" in capsys.readouterr().err
    (tmp_path / "n.toml").write_text('league = "none"\n')
    assert main(["league", "nim", "--preset", "quick", "--config", str(tmp_path / "n.toml")]) == 2
    assert "n.toml has no league: it is for `jaxplay train`" in capsys.readouterr().err


WRONG = [
    ("sed = 5", "has no setting 'sed'; did you mean 'seed'?"),
    ("seed = 1.5", ": seed is 1.5; allowed: int"),
    ("seed = -1", ": seed is -1; allowed: 0 to 4,294,967,295"),
    ("[learner]\nlearning_rat = 1", ": learner has no field 'learning_rat'; did you mean 'learning_rate'?"),
    ("[learner]\nlearning_rate = inf", ": learner.learning_rate is inf; allowed: 0 or more, finite"),
    ("[learner]\nlearning_rate = nan", ": learner.learning_rate is nan; allowed: 0 or more"),
    ("[selfplay]\nnum_plies = 0", ": selfplay.num_plies is 0; allowed: 1 or more"),
    ("[selfplay]\nnum_matches = 3\n[training]", "has no setting 'training'"),
    ("num_shards = 3", ": selfplay.num_matches is 16; allowed: a multiple of num_shards (3)"),
    ('[network]\nkind = "mpl"', ": network.kind is 'mpl'; did you mean 'mlp'?"),
    ("network = 3", ": network is 3; allowed: an object"),
    ("evaluate_games = 3", ": evaluate_games is 3; allowed: an even number"),
    ("game = 3", ": game is 3; allowed: text"),
    ('game = "nmi"', "no game 'nmi'; did you mean 'nim'?"),
    ("game_options = 3", ": game_options is 3; allowed: a table"),
    ("seed", "is no TOML file: "),
    ("a = " + "[" * 3000, "is no TOML file: "),
    ("\0", "is no TOML file: "),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_wrong_file_is_told_in_one_line(tmp_path, taken, capsys, text, message):
    path = tmp_path / "c.toml"
    path.write_text(text)
    arguments = [] if text.startswith('game = "') else ["tic_tac_toe"]
    assert main(["train", *arguments, "--preset", "quick", "--config", str(path)]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1 and not taken
    assert f"{path}" in error or "no game" in error


def test_a_file_that_cannot_be_read(tmp_path, capsys):
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    for name, message in [
        ("bytes.toml", "is no TOML file"),
        ("none.toml", "No such file"),
        (".", "directory"),
    ]:
        assert main(["train", "nim", "--config", str(tmp_path / name)]) == 2
        assert message in capsys.readouterr().err


def test_help_shows_twenty_options_and_help_all_every_one(capsys):
    for command in ("train", "league"):
        assert main([command, "--help"]) == 0
        short = capsys.readouterr().out
        shown = {line.split()[0] for line in short.splitlines() if line.startswith("  --")}
        assert len(shown - {"--help-all", "--verbose", "--no-cache"}) == 20
        assert main([command, "--help-all"]) == 0
        text = capsys.readouterr().out
        assert shown < {line.split()[0] for line in text.splitlines() if line.startswith("  --")}
        base = with_league(RunConfig()) if command == "league" else RunConfig()
        names = [option.name for option in options(base, inline=(INLINE,))]
        assert all(f"--{name.replace('_', '-')}" in text for name in names if name.startswith("learner."))
        assert "--learner.clip-norm" not in short


def test_every_setting_is_told_in_sentences():
    """Help and files begin with a capital letter and end with a full stop; every field is told."""

    def classes(kind: Any) -> set[Any]:
        inner = [
            m for hint in field_types(kind).values() for m in members(hint) if dataclasses.is_dataclass(m)
        ]
        return {kind}.union(*map(classes, inner))

    for kind in classes(RunConfig):
        docs = field_docs(kind)
        assert set(docs) == set(field_types(kind)), kind
        for name, text in docs.items():
            assert text[0].isupper() and text.endswith("."), f"{kind.__name__}.{name}: {text}"
