"""`manage.py templates`: what can be done to templates from a shell."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from templates_app.management import (
    export_templates,
    import_templates,
    lint_templates,
)

# Each action is a module with HELP, add_arguments(parser) and run(command, options).
ACTIONS = {
    "lint": lint_templates,
    "export": export_templates,
    "import": import_templates,
}


class Command(BaseCommand):
    """Choose an action."""

    help = (
        "Check, export and import templates. "
        "Example: manage.py templates export --output templates.yaml"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, action in ACTIONS.items():
            action.add_arguments(actions.add_parser(name, help=action.HELP))

    def handle(self, *args: Any, **options: Any) -> None:
        ACTIONS[options["action"]].run(self, options)
