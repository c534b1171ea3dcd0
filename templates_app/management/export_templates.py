"""`manage.py templates export`: templates as one JSON or YAML file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from templates_app.management.files import cannot_run
from templates_app.selectors import templates
from templates_app.services.exchange import export_templates

HELP = "write templates into one JSON or YAML file"


def add_arguments(parser: ArgumentParser) -> None:
    """Name the templates and the file; the file's ending says its form."""
    parser.add_argument("keys", nargs="*", metavar="KEY", help="all if none is named")
    parser.add_argument("--output", metavar="FILE", help="a .json, .yaml or .yml file")
    parser.add_argument("--yaml", action="store_true", help="write YAML")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Write; status 2 if a key is unknown or the file cannot be written."""
    keys = options["keys"] or None
    unknown = set(keys or ()) - {
        one.template_key for one in templates(include_inactive=True)
    }
    if unknown:
        names = ", ".join(sorted(unknown))
        raise cannot_run(f"There is no template {names}.")
    output = options["output"]
    is_yaml = options["yaml"] or str(output or "").endswith((".yaml", ".yml"))
    text = export_templates(keys, as_yaml=is_yaml)
    if output is None:
        command.stdout.write(text, ending="")
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise cannot_run(f"{output} cannot be written: {error.strerror}.") from error
