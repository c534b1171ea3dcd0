"""`manage.py reference_pages`: writes the reference pages that are made from the code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

STALE = 1


class Command(BaseCommand):
    """Write the pages, or say which are out of date."""

    help = (
        "Write the pages of docs/reference that are made from the code. "
        "Examples: manage.py reference_pages; manage.py reference_pages --check"
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        folder = Path(settings.BASE_DIR) / "docs" / "reference"
        parser.add_argument("--folder", type=Path, default=folder)
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing; status 1 if out of date",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        stale = [
            (folder / name, text)
            for name, text in _pages().items()
            if not _is_current(folder / name, text)
        ]
        if options["check"] and stale:
            names = ", ".join(path.name for path, _ in stale)
            raise CommandError(
                f"Out of date: {names}. Run: python manage.py reference_pages",
                returncode=STALE,
            )
        for path, text in stale:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"{path} written")


def _pages() -> dict[str, str]:
    makers = map(import_string, settings.REFERENCE_PAGES)
    return {name: text for pages in makers for name, text in pages().items()}


def _is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text
