"""Small agents that ship with the package, so that there is somebody to play against at once."""

from jaxplay.agents.add import add_agent
from jaxplay.agents.alone import Boards, final_boards
from jaxplay.agents.card import GROUNDS, card_text
from jaxplay.agents.facts import TRUSTS, AgentFacts, Measurement, Trust
from jaxplay.agents.files import FOLDER, MOST_BYTES, agent_card, agent_facts, agent_names, agent_path
from jaxplay.agents.load import PREFIX, agent_for, default_player, game_of, load_agent, strategy_programs
from jaxplay.agents.measure import measurements
from jaxplay.agents.won import Won, won_positions

__all__ = [
    "FOLDER",
    "GROUNDS",
    "MOST_BYTES",
    "PREFIX",
    "TRUSTS",
    "AgentFacts",
    "Boards",
    "Measurement",
    "Trust",
    "Won",
    "add_agent",
    "agent_card",
    "agent_facts",
    "agent_for",
    "agent_names",
    "agent_path",
    "card_text",
    "default_player",
    "final_boards",
    "game_of",
    "load_agent",
    "measurements",
    "strategy_programs",
    "won_positions",
]
