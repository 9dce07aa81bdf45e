"""How the tests run JAX: strictly, on CPU, with a compilation cache; and what each file cost."""

import ctypes
import gc
import os
import sys
from collections import defaultdict
from collections.abc import Iterator

import pytest
from source import ROOT, xla_flags

# Environment variables, so that tests that start Python inherit them; a value that is set stays.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_NUM_CPU_DEVICES", "1")  # commands make one a core
os.environ.setdefault("JAX_NUMPY_RANK_PROMOTION", "raise")
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(ROOT / ".cache" / "jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
os.environ["XLA_FLAGS"] = xla_flags()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--regenerate` writes golden files anew; the diff is the review."""
    parser.addoption("--regenerate", action="store_true", help="write the golden files under tests/golden")


@pytest.fixture(autouse=True)
def _strict_dtypes(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("strict_dtypes") is None:
        yield
        return
    import jax

    with jax.numpy_dtype_promotion("strict"):
        yield


BUSY = ("test_chess_perft", "test_learning", "test_positions", "test_strength")
"""Files whose programs run long. Those of others run for a moment, so they are compiled in haste."""


@pytest.fixture(autouse=True, scope="module")
def _compile_in_haste(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.path.stem in BUSY:
        yield
        return
    import jax

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")  # of the Python that tests start
        jax.config.update("jax_disable_most_optimizations", True)
        yield
    jax.config.update("jax_disable_most_optimizations", False)


@pytest.fixture(autouse=True, scope="module")
def _cache_as_before() -> Iterator[None]:
    """`--no-cache` of a command turns the compilation cache off for its file alone."""
    yield
    jax = sys.modules.get("jax")
    if jax is not None:
        jax.config.update("jax_enable_compilation_cache", True)


@pytest.fixture(autouse=True, scope="module")
def _kinds_of_other_files(request: pytest.FixtureRequest) -> Iterator[None]:
    """Configurations of a kind of its own that a test file defines are known to that file alone."""
    from jaxplay.config import LearnerConfig, NetworkConfig, SearchConfig

    families = LearnerConfig, NetworkConfig, SearchConfig
    before = [dict(family.kinds) for family in families]
    for family in families:
        for name, kind in [*family.kinds.items()]:
            own = kind.__module__.startswith("jaxplay.") and ".benchmarks." not in kind.__module__
            if not own and kind.__module__ != request.module.__name__:
                del family.kinds[name]
    yield
    for family, kinds in zip(families, before, strict=True):
        family.kinds.clear()
        family.kinds.update(kinds)


@pytest.fixture(autouse=True, scope="module")
def _forget_programs() -> Iterator[None]:
    """Free the compiled programs of a file behind it: those of all files take ten gigabytes a worker."""
    yield
    jax = sys.modules.get("jax")
    if jax is None:
        return
    jax.clear_caches()
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    if trim is not None:
        trim(0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the seconds that each test file took, dearest first (summed over workers)."""
    seconds: dict[str, float] = defaultdict(float)
    tests: dict[str, int] = defaultdict(int)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                path = report.nodeid.partition("::")[0]
                seconds[path] += report.duration
                tests[path] += report.when == "call"
    terminalreporter.section("seconds by file")
    for path in sorted(seconds, key=seconds.__getitem__, reverse=True):
        terminalreporter.write_line(f"{seconds[path]:8.1f}  {tests[path]:5d} tests  {path}")
