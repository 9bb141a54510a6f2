"""`plainwatch models`: model files made ready.

Takes: a checkpoint, a folder.
Gives: files, and how closely they match.
Knows nothing about: how they are exported."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import Refused
from plainwatch.cli.terminal import AsJson, errors_as_exit_codes, print_json, words

app = typer.Typer(help="Model files.", no_args_is_help=True)


@app.callback()
def models() -> None:
    """Model files."""


@app.command("export-gate")
def export_gate(
    model: Annotated[str, typer.Argument(help="A SigLIP checkpoint: hub id, or folder.")],
    folder: Annotated[Path, typer.Argument(help="Where the files go; name it with PLAINWATCH_GATE.")],
    revision: Annotated[str, typer.Option("--revision", help="Commit or tag on the hub.")] = "",
    json: AsJson = False,
) -> None:
    """Write a dual tower as ONNX for the gate before a vision-language model, and check it against torch."""
    with errors_as_exit_codes():
        try:
            from analyzer.vlm.export_towers import export_towers
        except ImportError as error:
            raise Refused(
                f"exporting needs torch, transformers, onnx and onnxscript: {error.name} is missing",
                "pip install 'plainwatch[export]'",
            ) from error
        worst = export_towers(model, folder, revision=revision or None)
    if json:
        print_json({"folder": str(folder), "model": model, "largest_difference": worst})
    else:
        words.print(f"{folder}: done; torch and ONNX Runtime differ by {worst:.1e} at most", markup=False)
