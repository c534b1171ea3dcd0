"""`manage.py doctor`: examines one thing step by step."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from diagnostics.management import signature_doctor

# Each doctor is a module with HELP, add_arguments(parser) and run(command, options).
DOCTORS = {"signature": signature_doctor}


class Command(BaseCommand):
    """Choose a doctor."""

    help = (
        "Examine one thing step by step. Status 0: all is well, 1: something was "
        "found, 2: it could not be examined. "
        "Example: manage.py doctor signature --file request.txt --client shop"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        doctors = parser.add_subparsers(dest="doctor", required=True)
        for name, doctor in DOCTORS.items():
            doctor.add_arguments(doctors.add_parser(name, help=doctor.HELP))

    def handle(self, *args: Any, **options: Any) -> None:
        DOCTORS[options["doctor"]].run(self, options)
