"""The card of a run: what a reader must know before trusting it, as text for people.

After Reward Reports (Gilbert et al. 2022, https://arxiv.org/abs/2204.10817): what was optimized, against
whom, what was measured, and what was not. The text is made of plain data; nothing reads it back.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from jaxplay.checkpoint import LeagueTable
from jaxplay.config import ExploiterConfig, LeagueConfig, RunConfig, SelfPlayConfig, TrainingConfig
from jaxplay.run.card_changes import Changes, plain
from jaxplay.run.card_doubts import doubts
from jaxplay.run.card_measured import Measured
from jaxplay.run.standing import league_ratings

MOST_RATED = 8
"""Players of a league that are shown, the best rated."""
SIZES = ("width", "depth", "channels", "num_simulations")
"""Settings that are told even where they are the defaults of their kind."""


class About(NamedTuple):
    """What stays the same through a session.

    Attributes:
        config: of the run.
        game: name and rules in a line.
        facts: about the game: the names of its properties and their values.
        hardware: the devices and the host.
        versions: of the libraries, by name.
        changes: from the nearest preset.
    """

    config: RunConfig
    game: str
    facts: Mapping[str, Any]
    hardware: str
    versions: Mapping[str, str]
    changes: Changes


class Moment(NamedTuple):
    """Where the run stands.

    Attributes:
        written: date and time.
        standing: what it did, such as `was going on`.
        step: number of steps done.
        totals: `seconds`, `games` and `positions` of all sessions.
        measured: the newest value of each measure.
        table: payoffs among the players of a league; None: there are none.
    """

    written: str
    standing: str
    step: int
    totals: Mapping[str, float]
    measured: Measured
    table: LeagueTable | None = None


def card_text(about: About, moment: Moment) -> str:
    """The card, in Markdown."""
    training = about.config.training
    sections = {
        "Game": game_lines(training.game, training.game_options, about.game, about.facts),
        "Rewards": _rewards(about),
        "Players and learners": _players(training),
        "Measured": _measured(moment),
        "Before you trust it": doubts(about.config, about.facts, moment.measured),
        "How much, on what": _effort(about, moment),
        "Settings": _settings(about.changes),
    }
    told = (
        f"At step {moment.step:,}, on {moment.written}, the run {moment.standing}. This card is for people,"
        " and written anew when the run starts, is evaluated, and stops."
    )
    return in_sections(f"{_sort(training)}: {training.game}", told, sections)


def in_sections(title: str, told: str, sections: Mapping[str, Iterable[str]]) -> str:
    """A card: its title, what is told at first, and the lines of each section."""
    parts = [f"## {name}\n\n" + "\n".join(lines) for name, lines in sections.items()]
    return "\n\n".join([f"# {title}", told, *parts]) + "\n"


def _sort(training: TrainingConfig) -> str:
    if training.exploiter is not None:
        return "An exploiter"
    return "Self-play" if training.league is None else "A league"


def game_lines(
    name: str, options: Iterable[tuple[str, Any]], told: str, facts: Mapping[str, Any]
) -> Iterator[str]:
    """What a card tells of a game.

    Args:
        name: as `jaxplay.make` takes it.
        options: names and values.
        told: the game in a line.
        facts: the names of its properties and their values.
    """
    given = ", ".join(f"{option}={value}" for option, value in options)
    yield f"- `{name}`, {f'options {given}' if given else 'no options'}. {told}"
    seen = "everybody sees everything" if facts["perfect_information"] else "something is hidden from players"
    outcomes = facts["num_chance_outcomes"]
    chance = f"chance with {outcomes} outcomes at most" if outcomes else "no explicit chance"
    yield f"- Players: {facts['num_players']}; actions: {facts['num_actions']:,}; {seen}; {chance}."
    if facts["teams"]:
        yield f"- Teams, by player: {', '.join(map(str, facts['teams']))}."
    yield f"- At most {facts['max_plies']:,} decisions; a longer game is cut there."


def return_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """What a card tells of the returns of a game."""
    yield f"- A player earns from {facts['min_return']:g} to {facts['max_return']:g} in a game."
    if facts["zero_sum"]:
        yield "- Returns add up to zero: what one wins the others lose. A game that is cut counts as a draw."
    elif facts["num_players"] > 1:
        yield "- Returns need not add up to zero: all can gain, or lose, together."


def _rewards(about: About) -> Iterator[str]:
    facts, learner = about.facts, about.config.training.learner
    yield from return_lines(facts)
    who = "team" if facts["teams"] else "player"
    discount = getattr(learner, "discount", 1.0)
    later = "" if discount == 1.0 else f", discounted by {discount:g} from one own decision to the next"
    yield f"- Objective: each {who}'s own return in expectation{later}. The game's rewards are all there is."


def _players(training: TrainingConfig) -> Iterator[str]:
    if training.exploiter is not None:
        yield from _target(training.exploiter)
    elif training.league is not None:
        yield from _league(training.league)
    else:
        yield "- One network played all seats: it met nobody but itself as it was then."
    yield f"- Learner: {_short(training.learner)}. {_first_line(training.learner)}"
    yield f"- Network: {_short(training.network)}. {_first_line(training.network)}"
    if training.learner.searches:
        yield f"- Search: {_short(training.search)}. {_first_line(training.search)}"
    else:
        yield "- No search: moves are sampled from the network's policy."
    yield _games(training.selfplay)


def _target(exploiter: ExploiterConfig) -> Iterator[str]:
    yield f"- One learner, which met one frozen player only: `{exploiter.opponent or 'opponent'}`."
    known = f"knew that player's network, and used its estimates by `{exploiter.minimax.form}`"
    told = known if exploiter.models_opponent else "were told nothing of that player"
    begun = "anew" if exploiter.start == "fresh" else "as a copy of that player"
    yield f"- It began {begun}; its searches, if any, {told}."


def _league(league: LeagueConfig) -> Iterator[str]:
    kinds = {
        "Main agents": league.main_agents,
        "Main exploiters": league.main_exploiters,
        "League exploiters": league.league_exploiters,
    }
    for name, rules in kinds.items():
        if rules.count:
            again = f", then reset with probability {rules.reset:g}" if rules.reset else ""
            steps = f"{rules.min_steps:,} to {rules.max_steps:,}"
            yield f"- {name}: {rules.count}, by `{rules.matchmaking}`, frozen after {steps} steps{again}."
    uniform = f"{league.uniform_share:.0%} of matches are with any of these alike"
    yield f"- Places for frozen players: {league.slots}; {uniform}."


def _games(selfplay: SelfPlayConfig) -> str:
    opening = selfplay.max_opening_plies
    first = f"up to {opening} random moves first" if opening else "no random moves first"
    size = f"{selfplay.num_matches:,} at a time, {selfplay.num_plies} decisions each in a step"
    return f"- Games of training: {size}; {first}."


def _first_line(config: Any) -> str:
    return (type(config).__doc__ or "").partition("\n")[0]


def _short(config: Any) -> str:
    """Its kind, its sizes, and what else differs from the defaults of its kind."""
    told = [
        f"{field.name}={plain(getattr(config, field.name))}"
        for field in dataclasses.fields(config)
        if field.name in SIZES or getattr(config, field.name) != field.default
    ]
    return f"`{config.kind}`" + (f" ({', '.join(told)})" if told else "")


def _measured(moment: Moment) -> Iterator[str]:
    rows = [*moment.measured.rows()]
    if rows:
        yield from table_lines(("measure", "value", "games with each", "step", "minute"), rows)
    else:
        yield "Nothing has been measured."
    if moment.measured.left_out:
        yield f"\nThe newest evaluation had no time for: {', '.join(moment.measured.left_out)}."
    if moment.table is not None:
        yield from _ratings(moment.table)


def _ratings(table: LeagueTable) -> Iterator[str]:
    ratings = league_ratings(table)
    told = f"\nThe {len(table.names)} players of the league, by its own games up to step {table.step:,}"
    if ratings is None:
        yield f"{told}: these do not tell ratings."
        return
    yield f"{told}, the best rated:\n"
    best = sorted(range(len(table.names)), key=lambda i: -ratings.elo[i])[:MOST_RATED]
    elo = [f"{ratings.elo[i]:+.0f} ± {1.96 * ratings.error[i]:.0f}" for i in best]
    games = [f"{table.games[i].sum():,.0f}" for i in best]
    rows = zip((table.names[i] for i in best), elo, games, strict=True)
    yield from table_lines(("player", "Elo, 95 %", "games, by weight"), rows)


def _effort(about: About, moment: Moment) -> Iterator[str]:
    totals = {"seconds": 0.0, "games": 0.0, "positions": 0.0} | dict(moment.totals)
    yield f"- {moment.step:,} steps, {totals['games']:,.0f} games, {totals['positions']:,.0f} positions."
    yield f"- {totals['seconds'] / 60:.1f} minutes of wall clock, compilation and evaluations included."
    yield f"- Hardware of the newest session: {about.hardware}."
    versions = ", ".join(f"{name} {version}" for name, version in about.versions.items())
    yield f"- Versions of the newest session: {versions}. `config.json` has those of the first."
    yield f"- Seed: {about.config.training.seed}. Shards: {about.config.training.num_shards}."


def _settings(changes: Changes) -> Iterator[str]:
    if changes.preset is None:
        yield "No preset fits; `config.json` has all settings."
        return
    if not changes.fields:
        yield f"Those of the preset `{changes.preset}`; all are in `config.json`."
        return
    yield f"All are in `config.json`. The nearest preset is `{changes.preset}`; what differs from it:\n"
    rows = [(f"`{name}`", plain(here), plain(there)) for name, here, there in changes.fields]
    yield from table_lines(("setting", "here", "preset"), rows)


def table_lines(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table in Markdown."""
    head = [*head]
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(row)} |"
