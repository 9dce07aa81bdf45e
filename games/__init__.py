"""The games, one file each, imported as `jaxplay.games.<name>`."""

if __name__ == "games":
    raise ImportError("import jaxplay.games, not games: else every class of a game exists twice")
