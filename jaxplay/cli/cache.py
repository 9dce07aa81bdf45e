"""The compilation cache of commands: what was compiled once loads in a second or two."""

import argparse
import os
from pathlib import Path

VARIABLE = "JAX_COMPILATION_CACHE_DIR"
"""JAX's own choice of folder, which stands if it is set."""
LEAST_SECONDS = 0.5
"""What compiles faster is not kept."""


def add_cache(parser: argparse.ArgumentParser) -> None:
    """Add `--no-cache`, which `use_cache` obeys."""
    parser.add_argument(
        "--no-cache", action="store_true", help=f"Compile anew, without the cache in {cache_folder()}."
    )


def use_cache(args: argparse.Namespace) -> None:
    """Keep compiled programs, unless told not to."""
    import jax

    if args.no_cache:
        jax.config.update("jax_enable_compilation_cache", False)
    elif VARIABLE not in os.environ:
        jax.config.update("jax_compilation_cache_dir", str(cache_folder()))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", LEAST_SECONDS)


def cache_folder() -> Path:
    """A folder of the user, where the system wants it."""
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE])
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "jaxplay" / "jax"
