"""In which settings a run differs from the preset that comes nearest to it."""

from dataclasses import replace
from typing import Any, NamedTuple

from jaxplay.config import ExploiterConfig, RunConfig, to_json
from jaxplay.errors import UserError
from jaxplay.presets import PRESETS, preset, with_league

MISSING = "not there"
"""Stands for a setting that one of the two has not."""
SKIPPED = ("training.seed", "training.game", "training.game_options", "training.num_shards", "devices")
"""What a card tells elsewhere, and no preset decides."""


class Changes(NamedTuple):
    """What was changed.

    Attributes:
        preset: the one that comes nearest; None: there is none for this game or learner.
        fields: name, value here, value of the preset; in the order of the configuration.
    """

    preset: str | None
    fields: tuple[tuple[str, Any, Any], ...] = ()


def changes_of(config: RunConfig) -> Changes:
    """The settings in which `config` differs from the nearest preset of its game."""
    found = []
    for name in PRESETS:
        base = _base(config, name)
        if base is not None:
            found.append(Changes(name, _differences(_flat(config), base)))
    return min(found, key=lambda changes: len(changes.fields), default=Changes(None))


def _base(config: RunConfig, name: str) -> dict[str, Any] | None:
    """The preset's settings by name, of a run of the same sort."""
    training = config.training
    try:
        base = preset(training.game, name, dict(training.game_options))
        if training.league is not None:
            base = with_league(base)
    except UserError:
        return None
    flat = _flat(base)
    if training.exploiter is not None:
        usual = replace(
            ExploiterConfig(),
            opponent=training.exploiter.opponent,
            opponent_network=training.exploiter.opponent_network,
        )
        flat.pop("training.exploiter")
        flat |= _flat(usual, "training.exploiter.")
    return flat


def _differences(here: dict[str, Any], there: dict[str, Any]) -> tuple[tuple[str, Any, Any], ...]:
    names = [name for name in dict.fromkeys((*here, *there)) if name not in SKIPPED]
    pairs = [(name, here.get(name, MISSING), there.get(name, MISSING)) for name in names]
    return tuple(row for row in pairs if row[1] != row[2])


def _flat(config: Any, front: str = "") -> dict[str, Any]:
    """All settings under names such as `training.search.kind`."""
    return dict(_leaves(to_json(config), front))


def _leaves(data: dict[str, Any], front: str) -> list[tuple[str, Any]]:
    found = []
    for name, value in data.items():
        found += _leaves(value, f"{front}{name}.") if isinstance(value, dict) else [(front + name, value)]
    return found


def plain(value: Any) -> str:
    """A value of a setting as people write it."""
    if value is None:
        return "none"
    return f"{value:,}" if type(value) is int else f"{value:g}" if type(value) is float else str(value)
