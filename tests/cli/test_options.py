"""Options generated from a typed configuration."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import pytest

from jaxplay.cli.options import add_options, field_docs, override
from jaxplay.cli.parser import Parser
from jaxplay.errors import UserError


@dataclass(frozen=True)
class Mlp:
    """A perceptron.

    Attributes:
        width: units in a layer, which may take
            two lines to say.
        depth: layers.
    """

    kind: ClassVar[str] = "mlp"
    width: int = 64
    depth: int = 2


@dataclass(frozen=True)
class Resnet:
    kind: ClassVar[str] = "resnet"
    channels: int = 16
    depth: int = 6


@dataclass(frozen=True)
class Search:
    num_simulations: int = 32
    noise: bool = True


@dataclass(frozen=True)
class Training:
    game: str = "hex"
    network: Mlp | Resnet = field(default_factory=Mlp)
    search: Search = field(default_factory=Search)
    league: Search | None = None
    schedule: Literal["constant", "cosine"] = "constant"

    def __post_init__(self):
        if self.search.num_simulations < 1:
            raise UserError("search.num_simulations is too small")


@dataclass(frozen=True)
class Run:
    training: Training = field(default_factory=Training)
    minutes: float = 5.0


def parse(line: str) -> Run:
    parser = Parser(prog="train")
    parser.add_argument("game", metavar="GAME")
    add_options(parser, Run(), inline=("training",), leave_out=("game",))
    args = parser.parse_args(["hex", *line.split()])
    return override(Run(), args.overrides, inline=("training",))


@pytest.mark.parametrize(
    ("line", "run"),
    [
        ("", Run()),
        ("--minutes 2", Run(minutes=2.0)),
        ("--search.num-simulations 8", Run(Training(search=Search(8)))),
        ("--search.num_simulations=8", Run(Training(search=Search(8)))),
        (
            "--search.noise false --schedule cosine",
            Run(Training(search=Search(noise=False), schedule="cosine")),
        ),
        ("--network.width 128", Run(Training(network=Mlp(width=128)))),
        ("--network mlp --network.width 128", Run(Training(network=Mlp(width=128)))),
        ("--network.channels 8 --network resnet", Run(Training(network=Resnet(channels=8)))),
        ("--network resnet --network.depth 3", Run(Training(network=Resnet(depth=3)))),
        ("--league search --league.num-simulations 4", Run(Training(league=Search(4)))),
    ],
)
def test_override(line: str, run: Run):
    assert parse(line) == run


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "--search.num-simulation 8",
            "no option '--search.num-simulation'; did you mean '--search.num-simulations'?",
        ),
        ("--search.num-simulations x", "search.num_simulations is 'x'; allowed: INT"),
        ("--search.num-simulations 0", "search.num_simulations is too small"),
        ("--search.num-simulations", "argument --search.num-simulations: expected one argument"),
        ("--network.channels 8", "mlp has no network.channels; allowed: depth, width"),
        ("--network resent", "network is 'resent'; did you mean 'resnet'?"),
        ("--league.noise true", "league.noise has no meaning where league is none"),
        ("extra", "unexpected argument 'extra'"),
    ],
)
def test_errors_are_one_line(line: str, message: str):
    with pytest.raises(UserError) as caught:
        parse(line)
    assert str(caught.value) == message


def test_keeps_the_values_of_the_base():
    base = Run(Training(network=Mlp(width=1024)), minutes=60)
    assert override(base, {"network": "mlp", "network.depth": "5"}, inline=("training",)) == Run(
        Training(network=Mlp(width=1024, depth=5)), minutes=60
    )


def test_help_shows_defaults_and_docs():
    parser = Parser(prog="train")
    add_options(parser, Training(), leave_out=("game",))
    text = " ".join(parser.format_help().split())
    assert text.startswith("usage: train [options] options:")
    assert "--network mlp|resnet (default: mlp)" in text
    assert "--network.width INT units in a layer, which may take two lines to say. (default: 64)" in text
    assert "--network.depth INT layers. (default: network mlp 2, network resnet 6)" in text
    assert "--search.noise true|false (default: true)" in text
    assert "--game" not in text


def test_docs_come_from_the_docstring():
    assert field_docs(Mlp) == {
        "width": "units in a layer, which may take two lines to say.",
        "depth": "layers.",
    }
    assert field_docs(Search) == {}
