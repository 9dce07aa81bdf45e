"""What makes games: a class of them, a game itself, or a function that says that it returns one."""

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, get_origin, get_type_hints

from jaxplay.errors import UserError, quoted
from jaxplay.game._options import Options, find_options, read_options
from jaxplay.game._protocol import Game
from jaxplay.game._user import user_code

FUNCTIONS = ("init", "step", "observe")
"""What a class has whose objects are games; it may leave the rest to `GameDefaults`."""
NUMBERS = ("num_players", "num_actions", "num_chance_outcomes", "max_plies", "min_return", "max_return")
"""What a game has besides."""
MISSING = object()
NO_ARGUMENTS: Mapping[str, Any] = MappingProxyType({})


class Factory(NamedTuple):
    """What makes the games of a name.

    Attributes:
        call: gives a game for values of the options.
        options: that it has.
        fixed: arguments that the name itself tells.
    """

    call: Callable[..., Any]
    options: Options
    fixed: Mapping[str, Any] = NO_ARGUMENTS


def as_factory(
    name: str, thing: Any, *, registered: bool = False, fixed: Mapping[str, Any] = NO_ARGUMENTS
) -> Factory:
    """`thing` as what makes games. It is not called unless it is known to make them.

    Args:
        name: what `thing` is called, for messages.
        thing: a class of games; a game; or a function.
        registered: whether a user has said, by `register`, that the function makes games. Else its annotation
            must: `def small_hex() -> Hex`, or `-> jaxplay.Game`.
        fixed: arguments that the name itself tells.

    Raises:
        UserError: it is none of these.
    """
    with user_code(f"game {quoted(name)}"):
        missing = [function for function in FUNCTIONS if not callable(getattr(thing, function, None))]
        if not missing and not inspect.isclass(thing):
            return Factory(lambda: thing, {})
        if not missing or (registered and callable(thing)) or _returns_a_game(thing):
            return Factory(thing, find_options(thing, fixed), fixed)
    if callable(thing) and not inspect.isclass(thing):
        needs = "a function that makes games says so by its annotation (-> jaxplay.Game), or is registered"
        raise UserError(f"{quoted(name)} is no game; {needs}")
    raise UserError(f"{quoted(name)} is no game: it has no {', '.join(missing)}")


def build(name: str, factory: Factory, given: Mapping[str, Any]) -> Game[Any]:
    """A game.

    Args:
        name: of the game, for messages.
        factory: what makes it.
        given: its options, as text or as they are.

    Raises:
        UserError: an option or its value is not allowed, or the factory fails, whatever it raises, or gives
            something else.
    """
    options = read_options(name, factory.options, given)
    with user_code(f"game {quoted(name)}"):
        game = factory.call(**factory.fixed, **options)
        missing = [part for part in (*FUNCTIONS, *NUMBERS) if not _has(game, part)]
    if missing:
        raise UserError(f"{quoted(name)} is no game: it has no {', '.join(missing)}")
    return game


def _returns_a_game(function: Any) -> bool:
    """Whether a function is annotated to return a game."""
    try:
        hint = get_type_hints(getattr(function, "func", function)).get("return")
    except Exception:  # noqa: BLE001 an annotation may be any text of a user's
        return False
    kind = get_origin(hint) or hint
    return inspect.isclass(kind) and all(callable(getattr(kind, name, None)) for name in FUNCTIONS)


def _has(game: Any, name: str) -> bool:
    """Whether a game has an attribute; a property is not computed for it, which may take seconds (Pgx)."""
    return inspect.getattr_static(game, name, MISSING) is not MISSING or hasattr(game, name)
