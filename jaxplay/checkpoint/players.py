"""The frozen players of a league on disk: a file each, also of those that have left the league since.

`players/NAME.safetensors` of a run holds the parameters and the facts about the player. Nothing else must be
written with it: no index could disagree with the files. Runs of format 1 have `players/NAME.npz` instead.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jaxplay.checkpoint import npz
from jaxplay.checkpoint.files import DRAFT, DamagedError, first_line, write_whole
from jaxplay.checkpoint.leaves import Named, check_shapes, from_host, shapes, to_host
from jaxplay.checkpoint.payoff import PLAYERS, cut_payoff
from jaxplay.checkpoint.store import warn
from jaxplay.checkpoint.weights import SUFFIX, decode, encode
from jaxplay.errors import UserError, nearest

OPPONENT = "opponent"
"""The player that an exploiter's run is about."""
SUFFIXES = (npz.SUFFIX, SUFFIX)
"""Of files of players; where both are there, the last counts."""


@dataclass(frozen=True)
class FrozenPlayer:
    """The facts about a frozen player.

    Attributes:
        name: see `player_name`; unique in its run.
        kind: of its learner, one of `jaxplay.league.KINDS`.
        parent: the learner of which it is a copy; None: of none.
        generation: its number among all copies of that learner, from 1; 0: no copy.
        born: the league's step at which it was frozen.
    """

    name: str
    kind: str
    parent: str | None
    generation: int
    born: int


def player_name(parent: str | None, generation: int) -> str:
    """What a frozen player is called, such as `main-12`: its learner, and which of its copies it is."""
    return "initial" if parent is None else f"{parent}-{generation}"


def save_player(folder: Path, facts: FrozenPlayer, params: Any) -> Path:
    """Write a player; one of the same name is replaced.

    Args:
        folder: of the run.
        facts: about it.
        params: a tree of arrays, on a device or not.

    Returns:
        The file.

    Raises:
        UserError: it cannot be written. Nothing is left of it then.
    """
    path = folder / PLAYERS / f"{facts.name}{SUFFIX}"
    try:
        write_whole(path, encode(to_host(params), asdict(facts)))
    except OSError as error:
        raise UserError(f"cannot save player {facts.name} in {path.parent}: {first_line(error)}") from error
    return path


def save_opponent(folder: Path, params: Any) -> Path:
    """Write the player that an exploiter meets. Raises like `save_player`."""
    return save_player(folder, FrozenPlayer(OPPONENT, "main agent", None, 0, 0), params)


def list_players(folder: Path, warn: Callable[[str], None] = warn) -> list[FrozenPlayer]:
    """All frozen players of a run, in the order in which they were frozen.

    Args:
        folder: of the run.
        warn: is given a line for each file that is damaged, which is left out.
    """
    found = []
    for path in _files(folder).values():
        try:
            found.append(_read(path, whole=False)[0])
        except DamagedError as error:
            warn(f"player {path} is damaged and left out: {error}")
    return sorted(found, key=lambda facts: (facts.born, facts.name))


def player_names(folder: Path) -> list[str]:
    """The names of all files of frozen players of a run, good or damaged, by the alphabet."""
    return sorted(_files(folder))


def load_player(folder: Path, name: str, abstract: Any) -> tuple[FrozenPlayer, Any]:
    """A frozen player: its facts, and its parameters in the form of `abstract`.

    Args:
        folder: of the run.
        name: of the player.
        abstract: what `jax.eval_shape` says of the network's parameters.

    Raises:
        UserError: there is no such player, its file is damaged, or it does not fit `abstract`.
    """
    files = _files(folder)
    if name not in files:
        raise UserError(f"{folder} has no frozen player {name!r}{nearest(name, files)}")
    path = files[name]
    try:
        facts, arrays = _read(path, whole=True)
    except DamagedError as error:
        raise UserError(f"player {path} is damaged: {error}") from error
    check_shapes(shapes(arrays), shapes(abstract), str(path))
    return facts, from_host(arrays, abstract)


def cut_players(folder: Path, step: int, warn: Callable[[str], None] = warn) -> None:
    """Forget players that a run froze after a step of the league, a payoff measured later, and drafts.

    A run that goes on from an older checkpoint comes to freeze its players anew.

    Args:
        folder: of the run.
        step: from which it goes on.
        warn: is given a line for each file that is damaged.

    Raises:
        UserError: a file cannot be deleted.
    """
    files = _files(folder)
    late = [files[facts.name] for facts in list_players(folder, warn) if facts.born > step]
    try:
        for path in [*(folder / PLAYERS).glob(f"*{DRAFT}"), *late]:
            path.unlink()
        cut_payoff(folder, step)
    except OSError as error:
        raise UserError(f"cannot write {folder / PLAYERS}: {first_line(error)}") from error


def _files(folder: Path) -> dict[str, Path]:
    """The files of all frozen players of a run, by name."""
    found = [path for suffix in SUFFIXES for path in sorted((folder / PLAYERS).glob(f"*{suffix}"))]
    return {path.stem: path for path in found}


def _read(path: Path, *, whole: bool) -> tuple[FrozenPlayer, Named]:
    """The facts of a file, and if `whole` its arrays.

    Raises:
        DamagedError: it cannot be read, or is not the file of a player of that name.
    """
    read = npz.decode if path.suffix == npz.SUFFIX else decode
    stored, arrays = read(path, whole=whole)
    try:
        facts = FrozenPlayer(**stored)
    except TypeError as error:
        raise DamagedError("it holds no frozen player") from error
    if facts.name != path.stem:
        raise DamagedError(f"it is a copy of {facts.name}")
    return facts, arrays
