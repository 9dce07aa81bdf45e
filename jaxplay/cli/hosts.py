"""Several processes that share a run: how a command joins the others, and leaves them."""

import argparse
import os
import sys
from contextlib import suppress
from typing import Any

from jaxplay.cli import inputs
from jaxplay.cli.parser import Parser
from jaxplay.errors import UserError, one_line, quoted
from jaxplay.text import parse_int

AUTO = "auto"
SHUTDOWN_SECONDS = 60
"""For which a process that is done waits for the others."""


def add_hosts(parser: Parser) -> None:
    """Add `--coordinator`, `--processes` and `--process`, which `--help-all` shows."""
    actions = [
        parser.add_argument(
            "--coordinator",
            type=inputs.word,
            metavar="HOST:PORT",
            help=(
                "Share the run with other processes: where the first of them listens, or `auto`, where SLURM,"
                " Open MPI, Cloud TPU or Kubernetes says who they are."
            ),
        ),
        parser.add_argument(
            "--processes", type=inputs.DEVICES, metavar="INT", help="Processes that share the run."
        ),
        parser.add_argument(
            "--process", type=inputs.PROCESS, metavar="INT", help="Number of this one of them, from 0."
        ),
    ]
    for action in actions:
        parser.hide(action)


def join(args: argparse.Namespace) -> int:
    """Join the other processes, if there are any; returns how many there are. JAX must not have started.

    Raises:
        UserError: options that do not go together, or no others were found.
    """
    numbers = (args.processes, args.process)
    if args.coordinator is None:
        if numbers != (None, None):
            raise UserError("--processes and --process need --coordinator HOST:PORT")
        return 1
    if args.coordinator == AUTO and numbers != (None, None):
        raise UserError("--coordinator auto tells the number of processes itself")
    if args.coordinator != AUTO and (None in numbers or not args.process < args.processes):
        raise UserError("--coordinator HOST:PORT needs --processes N and --process I, from 0 to N - 1")
    if args.coordinator != AUTO and parse_int(args.coordinator.rpartition(":")[2]) is None:
        raise UserError(f"--coordinator is {quoted(args.coordinator)}; allowed: HOST:PORT, or {AUTO}")
    if args.processes == 1:
        return 1
    import jax

    known = {} if args.coordinator == AUTO else _known(args)
    try:
        jax.distributed.initialize(**known, shutdown_timeout_seconds=SHUTDOWN_SECONDS)
    except (RuntimeError, ValueError, TypeError) as error:
        if "should be defined" in str(error) or "must be defined" in str(error):
            found = "no job of SLURM, Open MPI, Cloud TPU or Kubernetes"
            raise UserError(f"--coordinator auto finds {found} here; name HOST:PORT") from error
        raise UserError(f"cannot join the other processes: {one_line(str(error))}") from error
    from jax._src.distributed import global_state  # without starting JAX, which `jax.process_count` does

    return global_state.num_processes


def _known(args: argparse.Namespace) -> dict[str, Any]:
    return {
        "coordinator_address": args.coordinator,
        "num_processes": args.processes,
        "process_id": args.process,
        "cluster_detection_method": "deactivate",
    }


def leave(status: int) -> None:
    """Leave the other processes, if this one has joined any; after a failure at once, as they may be gone."""
    jax = sys.modules.get("jax")
    if jax is None or not jax.distributed.is_initialized():
        return
    if status == 0:
        with suppress(Exception):  # what was done is on disk; a process that is late changes nothing
            jax.distributed.shutdown()
        return
    from jaxplay.run.hosts import make_orders

    orders = make_orders()
    if orders is not None:
        orders.part()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
