"""Writes the table of the agents that ship into docs/agents.md: python docs/agent_table.py."""

import re
from pathlib import Path

from jaxplay.agents import agent_facts, agent_names, agent_path

PAGE = Path(__file__).with_name("agents.md")
BLOCK = re.compile(r"(?<=<!-- agents -->\n).*?(?=<!-- agents end -->)", re.DOTALL)


def table() -> str:
    """A row for each measurement of each agent, under how the agent was made."""
    lines = ["| agent | made by | measured | value, 95 % |", "|---|---|---|--:|"]
    for name in agent_names():
        facts = agent_facts(name)
        size = agent_path(name).stat().st_size / 1000
        first = f"`{name}` ({size:,.0f} kB)", f"`{facts.command}`: {facts.effort}"
        for found in facts.measurements:
            lines.append("| " + " | ".join([*first, found.measure, found.told()]) + " |")
            first = "", ""
    return re.sub(r"\|  (?=\|)", "| ", "\n".join(lines)) + "\n"


def filled(page: str) -> str:
    """A page with the table in its place."""
    return BLOCK.sub(lambda _: table(), page)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text()))
