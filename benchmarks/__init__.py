"""Benchmarks, one file each, imported as `jaxplay.benchmarks.<name>` and run by `jaxplay bench`."""

if __name__ == "benchmarks":
    raise ImportError("import jaxplay.benchmarks, not benchmarks: else every class in it exists twice")
