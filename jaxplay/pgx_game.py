"""The former home of `jaxplay.game.pgx`; its names still work here."""

from jaxplay.game.pgx import BRIDGE, FACTS, NUM_ROLLS, Facts, PgxGame, PgxState, environment, to_pgx

__all__ = ["BRIDGE", "FACTS", "NUM_ROLLS", "Facts", "PgxGame", "PgxState", "environment", "to_pgx"]
