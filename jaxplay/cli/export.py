"""Write an agent for other programs: parameters, StableHLO or ONNX, with a file that says what is in them.

archive: safetensors and the configuration, which do not expire. stablehlo: rules, network and moves as
programs for cpu, cuda and tpu, which run with JAX alone, for about half a year. onnx: the network alone, for
any runtime.
"""

import argparse

from jaxplay.cli import inputs
from jaxplay.cli.contenders import add_game
from jaxplay.cli.output import add_json, show_rows, working
from jaxplay.errors import UserError

EXAMPLE = "jaxplay export runs/c4 --to exported --format onnx"

FORMATS = ("archive", "stablehlo", "onnx")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument(
        "player",
        type=inputs.player,
        metavar="PLAYER",
        help="The folder of a run, a player of it (RUN@STEP:PLAYER), a solution, or agents:NAME.",
    )
    parser.add_argument(
        "--to", type=inputs.path, required=True, metavar="FOLDER", help="A new or empty folder for the files."
    )
    parser.add_argument(
        "--format",
        type=inputs.OneOf(FORMATS),
        default="archive",
        metavar="NAME",
        help="archive, stablehlo or onnx.",
    )
    parser.add_argument(
        "--batch-size",
        type=inputs.BATCH,
        metavar="INT",
        help="Games at once, which is part of the programs of stablehlo. (default: 1)",
    )
    add_game(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Export, and list the files."""
    from jaxplay.cli.contenders import find_game
    from jaxplay.export import export_archive, export_onnx, export_stablehlo, find_source

    if args.batch_size is not None and args.format != "stablehlo":
        raise UserError(f"--batch-size is for stablehlo; the format is {args.format}")
    source = find_source(args.player, find_game(args.game))
    with working(f"writing {args.format}", quiet=args.json):
        if args.format == "stablehlo":
            paths = export_stablehlo(source, args.to, batch_size=args.batch_size or 1)
        else:
            paths = (export_onnx if args.format == "onnx" else export_archive)(source, args.to)
    show_rows([{"file": str(path), "bytes": path.stat().st_size} for path in paths], as_json=args.json)
