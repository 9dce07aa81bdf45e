"""The files of shipped agents: a safetensors file and a card each, in the package's own folder."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from jaxplay.agents.facts import AgentFacts, from_plain, to_plain
from jaxplay.checkpoint.files import DamagedError, first_line, write_whole
from jaxplay.checkpoint.leaves import Named
from jaxplay.checkpoint.weights import SUFFIX, decode, encode
from jaxplay.errors import UserError, nearest

FOLDER = Path(__file__).parent / "data"
"""Of the files that ship with the package."""
CARD_SUFFIX = ".md"
MOST_BYTES = 10_000_000
"""Of all shipped agents together."""
HALF = np.float16
"""Of networks in files. Tables keep 32 bits: the last digits are what they are worth."""


def agent_names(folder: Path = FOLDER) -> list[str]:
    """The names of all agents that ship with the package, by the alphabet."""
    return sorted(path.stem for path in folder.glob(f"*{SUFFIX}"))


def agent_path(name: str, folder: Path = FOLDER) -> Path:
    """The file of an agent.

    Raises:
        UserError: there is no such agent.
    """
    if name not in agent_names(folder):
        raise UserError(f"no shipped agent {name!r}{nearest(name, agent_names(folder))}")
    return folder / f"{name}{SUFFIX}"


def agent_facts(name: str, folder: Path = FOLDER) -> AgentFacts:
    """What an agent says of itself. Its arrays are not read.

    Raises:
        UserError: there is no such agent, or its file is damaged.
    """
    return _facts(agent_path(name, folder))


@cache
def _facts(path: Path) -> AgentFacts:
    return _read(path, whole=False)[0]


def read_agent(path: Path) -> tuple[AgentFacts, Named]:
    """The facts and the arrays of an agent's file, with 32 bits to a number.

    Raises:
        UserError: the file is damaged, or no agent's.
    """
    facts, arrays = _read(path, whole=True)
    return facts, {name: _wide(array) for name, array in arrays.items()}


def write_agent(folder: Path, facts: AgentFacts, arrays: Named, card: str) -> Path:
    """Write the file of an agent and its card, each whole or not at all.

    Args:
        folder: in which they are written; it is made if it is missing.
        facts: about the agent.
        arrays: by name; those of a network are rounded to 16 bits.
        card: in Markdown.

    Returns:
        The file.

    Raises:
        UserError: a file cannot be written.
    """
    path = folder / f"{facts.name}{SUFFIX}"
    kept = arrays if facts.network is None else {name: _narrow(array) for name, array in arrays.items()}
    try:
        write_whole(path, encode(kept, {"agent": to_plain(facts)}))
        write_whole(path.with_suffix(CARD_SUFFIX), card)
    except OSError as error:
        raise UserError(f"cannot write {path}: {first_line(error)}") from error
    _facts.cache_clear()
    return path


def agent_card(name: str, folder: Path = FOLDER) -> str:
    """The card of an agent, in Markdown.

    Raises:
        UserError: there is no such agent, or its card cannot be read.
    """
    path = agent_path(name, folder).with_suffix(CARD_SUFFIX)
    try:
        return path.read_text()
    except OSError as error:
        raise UserError(f"cannot read {path}: {first_line(error)}") from error


def _read(path: Path, *, whole: bool) -> tuple[AgentFacts, Named]:
    try:
        about, arrays = decode(path, whole=whole)
        told = about.get("agent")
        if not isinstance(told, Mapping):
            raise DamagedError("it holds no agent of jaxplay")
        return from_plain(told), arrays
    except DamagedError as error:
        raise UserError(f"cannot read agent {path}: {error}") from error


def _narrow(array: Any) -> np.ndarray:
    return array.astype(HALF) if array.dtype == np.float32 else array


def _wide(array: Any) -> np.ndarray:
    return array.astype(np.float32) if array.dtype == HALF else array
