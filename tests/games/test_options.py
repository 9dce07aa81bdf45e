"""Options of games, as text and from Python: their types are those of the annotations."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxplay.cli.named import make_game
from jaxplay.errors import UserError
from jaxplay.game import Game, GameDefaults, make, parse_game, register
from jaxplay.game import _registry as registry_module
from jaxplay.games.nim import Nim
from jaxplay.typed import Range, convert


@dataclass(frozen=True)
class Own(Nim):
    """A game with options of every kind."""

    depth: int = 3
    rate: float = 0.5
    fast: bool = True
    mode: Literal["plain", "wild"] = "plain"
    level: Literal[1, 2, 4] = 1
    share: Annotated[float, Range(0, 1)] = 0.5
    title: str = "own"
    limit: int | None = None
    weights: tuple[float, ...] = ()


def factory(size: int, misere: bool = False) -> Nim:
    """A function that says that it makes games."""
    return Nim((size,), misere)


@pytest.fixture
def _registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is registered is forgotten again."""
    monkeypatch.setattr(registry_module, "_registered", {})
    register("own", Own)
    register("factory", factory)
    register("untyped", lambda size=3, **rest: Nim((size, *(int(x) for x in rest.values()))))


@pytest.mark.parametrize("text", ["False", "false", "OFF", "off", "No", "no"])
def test_no_is_no(text: str):
    for name, option in (
        ("gomoku", "overlines"),
        ("goofspiel", "hidden"),
        ("nim", "misere"),
        ("backgammon", "both_dice"),
        ("hex", "swap"),
        ("dark_hex", "abrupt"),
    ):
        assert getattr(make_game(f"{name},{option}={text}"), option) is False
        assert getattr(make(name, **{option: text}), option) is False


@pytest.mark.usefixtures("_registry")
@pytest.mark.parametrize(
    ("text", "option", "value"),
    [
        ("own,depth=7", "depth", 7),
        ("own,depth=-7", "depth", -7),
        ("own, depth = 7 ", "depth", 7),
        ("own,rate=1e-3", "rate", 1e-3),
        ("own,rate=2", "rate", 2.0),
        ("own,fast=Yes", "fast", True),
        ("own,mode=wild", "mode", "wild"),
        ("own,level=4", "level", 4),
        ("own,share=1", "share", 1.0),
        ("own,title=12", "title", "12"),
        ("own,limit=none", "limit", None),
        ("own,limit=3", "limit", 3),
        ("own,weights=0.5;-1", "weights", (0.5, -1.0)),
        ("own,piles=3-4-5", "piles", (3, 4, 5)),
        ("factory,size=5,misere=on", "piles", (5,)),
        ("untyped,size=5,more=2", "piles", (5, 2)),
    ],
)
def test_values(text: str, option: str, value: Any):
    given = getattr(make_game(text), option)
    assert given == value and type(given) is type(value)


BAD = {
    "hex,size=3.5": "hex: size='3.5'; allowed: 2 to 26",
    "hex,size=٣": "hex: size='٣'; allowed: 2 to 26",
    "hex,size=1_1": "hex: size='1_1'; allowed: 2 to 26",
    "hex,size=true": "hex: size='true'; allowed: 2 to 26",
    "hex,size=5,size=6": "gives 'size' twice; allowed: once",
    "hex,size=": "'size=' in 'hex,size=' is no option; allowed: NAME=VALUE",
    "hex,": "is no option; allowed: NAME=VALUE",
    "hex,=5": "is no option; allowed: NAME=VALUE",
    "hex,sise=5": "hex has no option 'sise'; did you mean 'size'?",
    "hex,name=3": "hex has no option 'name'; allowed: size, swap",
    "hex,self=3": "hex has no option 'self'",
    "tic_tac_toe,size=3": "tic_tac_toe has no option 'size'; it has none",
    "hex,swap=1": "hex: swap='1'; allowed: true or false",
    "go,komi=nan": "go: komi='nan'; allowed: -1000 to 1000",
    "go,komi=inf": "go: komi='inf'; allowed: -1000 to 1000",
    "go,komi=1e999": "go: komi='1e999'; allowed: -1000 to 1000",
    "goofspiel,order=descendin": "goofspiel: order='descendin'; did you mean 'descending'?",
    "othello,size=5": "othello: size='5'; allowed: 4, 6, 8",
    "matrix_game,payoffs=5": "matrix_game: payoffs='5'; allowed: nested tuples, from Python",
    "tiny_hanabi,payoff=nan;1": "tiny_hanabi: payoff='nan;1'; allowed: 36 numbers",
    "pgx:go_9x9,env_id=chess": "pgx:go_9x9 has no option 'env_id'; allowed: dds_results",
    "own,depth=9.0": "own: depth='9.0'; allowed: a whole number",
    "own,rate=nan": "own: rate='nan'; allowed: a number",
    "own,level=3": "own: level='3'; allowed: 1, 2, 4",
    "own,share=1.5": "own: share='1.5'; allowed: 0 to 1",
    "own,limit=x": "own: limit='x'; allowed: a whole number or none",
    "factory": "factory needs the option size; allowed: a whole number",
    "factory,size=x": "factory: size='x'; allowed: a whole number",
}


@pytest.mark.usefixtures("_registry")
@pytest.mark.parametrize("text", [*BAD, f"hex,size={'9' * 5000}"])
def test_bad_options_are_refused_in_one_line(text: str):
    with pytest.raises(UserError) as caught:
        make_game(text)
    told = str(caught.value)
    assert BAD.get(text, "allowed: 2 to 26") in told and len(told) < 400 and len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("go", {"size": 9.0}),
        ("go", {"komi": "much"}),
        ("connect_four", {"k": 4.5}),
        ("hex", {"swap": 1}),
        ("hex", {"size": None}),
        ("hex", {"size": True}),
        ("hex", {"size": [5]}),
        ("hex", {"size": 10**5000}),
        ("nim", {"piles": (3.5,)}),
        ("nim", {"piles": ("3", "x")}),
        ("lewis_signaling", {"payoffs": 5}),
        ("tiny_hanabi", {"payoff": 0.5}),
        ("matrix_game", {"payoffs": 5}),
        ("matrix_game", {"payoffs": (((float("nan"),) * 2,) * 2,) * 2}),
        ("matrix_game", {"payoffs": ((("a", "b"),) * 2,) * 2}),
        ("matrix_game", {"table": 3}),
        ("bargaining", {"objective": ["selfish"]}),
        ("pgx:tic_tac_toe", {"dds_results": 3}),
    ],
)
def test_values_of_the_wrong_type_are_refused(name: str, options: dict[str, Any]):
    with pytest.raises(UserError, match=r"allowed|has no option dds_results"):
        make(name, **options)


def test_a_class_is_as_strict_as_make():
    with pytest.raises(UserError, match=r"depth=9\.0; allowed: a whole number"):
        Own(depth=9.0)  # pyright: ignore[reportArgumentType]
    assert Own(rate=2).rate == 2.0 and Own((3, 4)).piles == (3, 4)


def test_options_are_the_types_that_a_configuration_keeps():
    assert parse_game("hex,size=5,swap=off") == ("hex", {"size": 5, "swap": False})
    assert parse_game("hex") == ("hex", {})
    assert parse_game("go,komi=7") == ("go", {"komi": 7.0})


KINDS = st.sampled_from(
    [int, float, bool, str, int | None, Literal["a", 1], tuple[int, ...], Annotated[int, Range(0, 9)]]
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    KINDS,
    st.one_of(st.text(max_size=6), st.floats(), st.integers(), st.booleans(), st.none(), st.lists(st.text())),
)
def test_any_value_is_converted_or_refused(kind: Any, value: Any):
    try:
        converted = convert(value, kind)
    except ValueError:
        return
    assert convert(converted, kind) == converted
    assert hash(converted) is not None


def test_registered_names():
    for name in ("a,b", "a:b", "", "a b"):
        with pytest.raises(UserError, match="cannot name a game"):
            register(name, Own)


def test_actions_that_are_python_ints():
    game: Game[Any] = make("tic_tac_toe")
    state = game.step(game.init(None), 4)  # pyright: ignore[reportArgumentType]
    assert not state.legal_action_mask[4]
    for action, told in (
        (99, "99 is no action; allowed: 0 to 8"),
        (-1, "no action"),
        (4, "action 4 is not legal here"),
    ):
        with pytest.raises(UserError, match=told):
            game.step(state, action)  # pyright: ignore[reportArgumentType]


def test_games_without_fields():
    class Bare(GameDefaults):
        """No dataclass: it has no options, and nothing is checked."""

    assert Bare().num_players == 2
