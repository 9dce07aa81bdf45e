"""The frozen players of a league on disk: a file each, also of those that have left the league since.

`players/NAME.npz` of a run holds the parameters as plain arrays, and the facts and shapes as one more array,
of JSON. It is written under another name and renamed, and nothing else must be written with it: no index
could disagree with the files. Every array has a checksum, which the format brings.
"""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jaxplay.checkpoint.files import DRAFT, DamagedError, drafted, first_line
from jaxplay.checkpoint.leaves import Named, Shapes, check_shapes, from_host, shapes, to_host
from jaxplay.checkpoint.payoff import PLAYERS, cut_payoff
from jaxplay.checkpoint.store import warn
from jaxplay.errors import UserError, nearest

SUFFIX = ".npz"
FORMAT = 1
OPPONENT = "opponent"
"""The player that an exploiter's run is about."""
ABOUT = "about"
PARAMS = "params."
"""Before the path of each array of parameters."""


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
    arrays = to_host(params)
    about = {"format": FORMAT, "facts": asdict(facts), "shapes": shapes(arrays)}
    path = folder / PLAYERS / f"{facts.name}{SUFFIX}"
    try:
        with drafted(path) as draft:
            _write(draft, about, arrays)
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
    for path in sorted((folder / PLAYERS).glob(f"*{SUFFIX}")):
        try:
            found.append(_read(path, whole=False)[0])
        except DamagedError as error:
            warn(f"player {path} is damaged and left out: {error}")
    return sorted(found, key=lambda facts: (facts.born, facts.name))


def player_names(folder: Path) -> list[str]:
    """The names of all files of frozen players of a run, good or damaged, by the alphabet."""
    return sorted(path.stem for path in (folder / PLAYERS).glob(f"*{SUFFIX}"))


def load_player(folder: Path, name: str, abstract: Any) -> tuple[FrozenPlayer, Any]:
    """A frozen player: its facts, and its parameters in the form of `abstract`.

    Args:
        folder: of the run.
        name: of the player.
        abstract: what `jax.eval_shape` says of the network's parameters.

    Raises:
        UserError: there is no such player, its file is damaged, or it does not fit `abstract`.
    """
    path = folder / PLAYERS / f"{name}{SUFFIX}"
    if name not in player_names(folder):
        raise UserError(f"{folder} has no frozen player {name!r}{nearest(name, player_names(folder))}")
    try:
        facts, arrays = _read(path, whole=True)
    except DamagedError as error:
        raise UserError(f"player {path} is damaged: {error}") from error
    check_shapes(shapes(arrays), shapes(abstract), str(path))
    return facts, from_host(arrays, abstract)


def cut_players(folder: Path, step: int) -> None:
    """Forget players that a run froze after a step of the league, a payoff measured later, and drafts.

    A run that goes on from an older checkpoint comes to freeze its players anew.
    """
    for path in (folder / PLAYERS).glob(f"*{DRAFT}"):
        path.unlink()
    for facts in list_players(folder):
        if facts.born > step:
            (folder / PLAYERS / f"{facts.name}{SUFFIX}").unlink()
    cut_payoff(folder, step)


def _write(path: Path, about: Mapping[str, Any], arrays: Named) -> None:
    """What `numpy.savez` writes, for any name of an array."""
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    entries = {ABOUT: text} | {PARAMS + name: array for name, array in arrays.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in entries.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)


def _read(path: Path, *, whole: bool) -> tuple[FrozenPlayer, Named]:
    """The facts of a file, and if `whole` its arrays.

    Raises:
        DamagedError: it cannot be read, whatever is the matter with it, or is of no player of that name.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if f"{ABOUT}.npy" not in archive.namelist():
                raise DamagedError("it holds no frozen player")
            about = json.loads(_array(archive, ABOUT).tobytes())
            if about["format"] != FORMAT:
                raise DamagedError(f"it has format {about['format']}; this version reads {FORMAT}")
            facts = FrozenPlayer(**about["facts"])
            if facts.name != path.stem:
                raise DamagedError(f"it is a copy of {facts.name}")
            return facts, _params(archive, about["shapes"]) if whole else {}
    except DamagedError:
        raise
    except Exception as error:
        raise DamagedError(first_line(error)) from error


def _params(archive: zipfile.ZipFile, stored: Shapes) -> Named:
    """The arrays, in types too that the format has no name for, such as bfloat16."""
    arrays = {name: _array(archive, PARAMS + name) for name in stored}
    return {name: x.view(stored[name][1]) if x.dtype.kind == "V" else x for name, x in arrays.items()}


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """One array; its bytes are all read first, because that compares the checksum."""
    return np.lib.format.read_array(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
