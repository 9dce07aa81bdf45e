"""The 144 games of two players with two actions and four ranks, by number and by name.

A player ranks the four outcomes from 4, the best, to 1. A game is a pair of such rankings, and each of them
is the pattern of a symmetric game, told by its two letters (Bruns 2015). A pattern lists a player's ranks:
both play the first action (they cooperate), only the other plays the second, only the player does, both do.
"""

from jaxplay.games._normal_forms import NormalForm, as_tuples

ACTIONS = ("first", "second")
DISCORD = {
    "pd": (3, 1, 4, 2),  # prisoner's dilemma
    "ch": (3, 2, 4, 1),  # chicken
    "ba": (2, 3, 4, 1),  # battle, or leader
    "hr": (1, 3, 4, 2),  # hero
    "cm": (1, 2, 4, 3),  # compromise
    "dl": (2, 1, 4, 3),  # deadlock
}
"""Patterns in which it is best to be alone with the second action; neighbours differ by a swap of ranks."""
WIN_WIN = {
    "nc": (4, 2, 3, 1),  # concord, or no conflict
    "sh": (4, 1, 3, 2),  # stag hunt
    "as": (4, 1, 2, 3),  # assurance
    "co": (4, 2, 1, 3),  # coordination
    "pc": (4, 3, 1, 2),  # peace
    "ha": (4, 3, 2, 1),  # harmony
}
"""Patterns in which it is best that both play the first action, in the same order of swaps."""
LAYERS = ((DISCORD, DISCORD), (WIN_WIN, DISCORD), (WIN_WIN, WIN_WIN), (DISCORD, WIN_WIN))
"""The patterns of A and of B in the layers 1 to 4 of Robinson and Goforth."""


def _game(mine: tuple[int, ...], theirs: tuple[int, ...]) -> NormalForm:
    """The game in which A has the pattern `mine`, and B `theirs`."""
    cells = [[(mine[2 * a + b], theirs[2 * b + a]) for b in range(2)] for a in range(2)]
    return NormalForm(as_tuples(cells), ACTIONS)


def _numbered() -> dict[str, NormalForm]:
    """By the three digits of layer, row and column: row tells A's pattern, column B's."""
    return {
        f"{layer}{row}{column}": _game(mine, theirs)
        for layer, (of_a, of_b) in enumerate(LAYERS, 1)
        for row, mine in enumerate(of_a.values(), 1)
        for column, theirs in enumerate(of_b.values(), 1)
    }


def _paired() -> dict[str, NormalForm]:
    """By the letters of A's pattern and of B's."""
    patterns = DISCORD | WIN_WIN
    return {f"{a}_{b}": _game(patterns[a], patterns[b]) for a in patterns for b in patterns}


ORDINAL = _numbered() | _paired()
"""Every game twice: as `111` and as `pd_pd`."""
