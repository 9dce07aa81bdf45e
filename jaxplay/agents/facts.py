"""What a shipped agent says of itself: its game, how it plays, how it was made, what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jaxplay.checkpoint.files import DamagedError
from jaxplay.config import NetworkConfig, SearchConfig, from_json, to_json
from jaxplay.config.data import alternatives, field_types
from jaxplay.config.whole import TrainingConfig

Trust = Literal["exact", "sampled", "matches"]
"""What a figure rests on: `exact`: every line of play or every information set; `sampled`: exact values of a
sample of positions; `matches`: games against players of fixed strength."""

TRUSTS: tuple[Trust, ...] = ("exact", "sampled", "matches")
"""From the firmest to the least firm."""


@dataclass(frozen=True)
class Measurement:
    """One figure of strength.

    Attributes:
        measure: what was measured, such as `score against mcts:1000, of 200 games`.
        value: the figure.
        interval: of 95 %, where chance plays a part; None: the figure is exact.
        trust: what it rests on.
        command: measures it again.
    """

    measure: str
    value: float
    interval: tuple[float, float] | None
    trust: Trust
    command: str

    def told(self) -> str:
        """The figure with its interval, for people."""
        if self.interval is None:
            return f"{self.value:.4g}"
        low, high = self.interval
        return f"{self.value:.3f} ({low:.3f} to {high:.3f})"


@dataclass(frozen=True)
class AgentFacts:
    """What the file of an agent says besides its arrays.

    Attributes:
        name: after `agents:` in the grammar of players.
        game: as `jaxplay.make` takes it.
        game_options: of the game, as pairs.
        network: whose parameters the file holds; None: it holds the table of a strategy.
        search: by which it moves; None: it plays by its policy, or by its table.
        num_simulations: of a search, where nobody says another number; 0 without a search.
        command: that trained or solved it.
        effort: what that took, such as `1,000 steps, 21 minutes of wall clock`.
        hardware: on which it was made.
        date: on which it was made, `YYYY-MM-DD`.
        measurements: what was measured, the firmest first.
    """

    name: str
    game: str
    game_options: tuple[tuple[str, Any], ...]
    network: NetworkConfig | None
    search: SearchConfig | None
    num_simulations: int
    command: str
    effort: str
    hardware: str
    date: str
    measurements: tuple[Measurement, ...] = ()

    @property
    def trust(self) -> Trust | None:
        """The firmest ground that its strength rests on; None: nothing was measured."""
        held = {found.trust for found in self.measurements}
        return next((trust for trust in TRUSTS if trust in held), None)

    @property
    def game_text(self) -> str:
        """The game as a command line has it: `hex,size=5`."""
        return ",".join([self.game, *(f"{name}={value}" for name, value in self.game_options)])


def to_plain(facts: AgentFacts) -> dict[str, Any]:
    """The facts as JSON data."""
    told = dict(vars(facts))
    told["game_options"] = [list(pair) for pair in facts.game_options]
    told["network"] = None if facts.network is None else to_json(facts.network)
    told["search"] = None if facts.search is None else to_json(facts.search)
    told["measurements"] = [dict(vars(found)) for found in facts.measurements]
    return told


def from_plain(data: Mapping[str, Any]) -> AgentFacts:
    """The facts that `to_plain` gave.

    Raises:
        DamagedError: the data are none.
        UserError: a network or a search has a setting that this version does not know.
    """
    told = dict(data)
    try:
        kinds = field_types(TrainingConfig)
        for part in ("network", "search"):
            told[part] = None if told[part] is None else _choice(kinds[part], part, told[part])
        told["game_options"] = tuple((str(name), value) for name, value in told["game_options"])
        told["measurements"] = tuple(_measurement(found) for found in told["measurements"])
        return AgentFacts(**told)
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedError("it holds no agent of jaxplay") from error


def _choice(hint: Any, part: str, data: Any) -> Any:
    """The configuration of one of the alternatives of a field of `TrainingConfig`."""
    return from_json(alternatives(hint)[data["kind"]], data, part)


def _measurement(data: Mapping[str, Any]) -> Measurement:
    interval = data["interval"]
    return Measurement(**{**data, "interval": None if interval is None else (interval[0], interval[1])})
