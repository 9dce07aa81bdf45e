"""Protocols by which programs play with each other: GTP, UCI, and analysis in JSON."""
