"""Playing against agents: the course of one game, explanations, and the terminal."""
