"""The card of a shipped agent: what a reader must know before trusting it."""

from collections.abc import Iterator

from jaxplay.agents.facts import AgentFacts, Trust
from jaxplay.run.card import in_sections, table_lines

GROUNDS: dict[Trust, str] = {
    "exact": "Exact: it was measured against every line of play, or at every information set.",
    "sampled": "Sampled: it was measured on a sample of positions whose exact values are known.",
    "matches": "Matches: it was measured by games against players of fixed strength only, which says"
    " nothing of what a player who knows it could find.",
}
"""What the strength of an agent rests on, for people."""


def card_text(facts: AgentFacts) -> str:
    """The card, in Markdown."""
    sections = {
        "Game": [f"`{facts.game_text}`"],
        "How it plays": _plays(facts),
        "How it was made": _made(facts),
        "Measured": _measured(facts),
        "Before you trust it": _doubts(facts),
    }
    told = f"Ships with jaxplay: `agents:{facts.name}` in the grammar of players."
    return in_sections(f"An agent: {facts.name}", told, sections)


def _plays(facts: AgentFacts) -> Iterator[str]:
    if facts.network is None:
        yield "- By the table of a strategy, in which each information set has its probabilities; it samples."
        return
    yield f"- Network: `{facts.network.kind}`, of 16-bit numbers in its file, computed in 32 bits."
    if facts.search is None:
        yield "- By its policy, without search."
    else:
        yield f"- Search: `{facts.search.kind}`, {facts.num_simulations} simulations if nothing else is said."


def _made(facts: AgentFacts) -> Iterator[str]:
    yield f"- Command: `{facts.command}`."
    yield f"- Effort: {facts.effort}, on a machine that did other work besides. Date: {facts.date}."
    yield f"- Hardware: {facts.hardware}."
    if facts.network is not None:
        yield "- Data: games that it played itself, from nothing. One run, one seed."


def _measured(facts: AgentFacts) -> Iterator[str]:
    if not facts.measurements:
        yield "Nothing has been measured."
        return
    rows = [(found.measure, found.told(), f"`{found.command}`") for found in facts.measurements]
    yield from table_lines(("measure", "value, 95 %", "command"), rows)


def _doubts(facts: AgentFacts) -> Iterator[str]:
    if facts.trust is not None:
        yield f"- {GROUNDS[facts.trust]}"
    yield "- It was trained for this game with these options, and plays no other."
    yield "- Intervals are those of the games or positions that were played, not of another training."
