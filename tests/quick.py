"""Compilation for tests that compile much and run little."""

from functools import partial

import jax

quick_jit = partial(jax.jit, compiler_options={"xla_backend_optimization_level": "0"})
"""`jax.jit` that compiles in half the time, to slower machine code."""
