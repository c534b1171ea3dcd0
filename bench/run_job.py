"""Runs one function of bench.jobs under Django: `python -m bench.run_job NAME JSON`."""

from __future__ import annotations

import importlib
import json
import sys

import django


def main() -> None:
    """Print what the function returns as one line of JSON."""
    name, values = sys.argv[1:]
    django.setup()
    module, _, function = name.partition(".")
    job = getattr(importlib.import_module(f"bench.jobs.{module}"), function)
    print(json.dumps(job(**json.loads(values))))


if __name__ == "__main__":
    main()
