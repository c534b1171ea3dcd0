"""`python -m tests.mutants`: breaks each promise in a copy of the tree, once at a time.

Exit status 0: every mutant was noticed by its test; 1: one survived, or could not run.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.catalogue import MUTANTS, ROOT, Mutant

AT_ONCE = 2
PATIENCE_SECONDS = 60
LEFT_OUT = shutil.ignore_patterns(
    ".*", "node_modules", "data", "staticfiles", "results", "docs", "__pycache__"
)
PASSED, FAILED, TIMED_OUT = 0, 1, -1


def main() -> int:
    """Return 0 when every mutant was noticed."""
    with tempfile.TemporaryDirectory(prefix="notifications-mutants-") as folder:
        tests = sorted({mutant.test for mutant in MUTANTS})
        status, output = _pytest(_copied(Path(folder) / "whole"), tests)
        if status != PASSED:
            _say(f"The tests fail without any mutant:\n{output}")
            return 1
        with ThreadPoolExecutor(AT_ONCE) as pool:
            jobs = [(mutant, Path(folder) / str(n)) for n, mutant in enumerate(MUTANTS)]
            complaints = list(pool.map(lambda job: _complaint(*job), jobs))
    survivors = [text for text in complaints if text]
    _say(f"{len(MUTANTS) - len(survivors)} of {len(MUTANTS)} mutants were noticed.")
    for survivor in survivors:
        _say(survivor)
    return int(bool(survivors))


def _complaint(mutant: Mutant, folder: Path) -> str:
    """Return why a mutant is alive, or nothing."""
    tree = _copied(folder)
    (tree / mutant.path).write_text(mutant.mutated(tree))
    status, output = _pytest(tree, [mutant.test])
    shutil.rmtree(tree)
    # An error is not a failure: a mutant that cannot run proves nothing.
    if status == FAILED and f"FAILED {mutant.test}" in output:
        _say(f"noticed: {mutant.name}")
        return ""
    return f"ALIVE: {mutant.name}; {mutant.test} should have failed:\n{output[-2000:]}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _copied(folder: Path) -> Path:
    return Path(shutil.copytree(ROOT, folder, ignore=LEFT_OUT))


def _pytest(tree: Path, tests: Sequence[str]) -> tuple[int, str]:
    words = ("-q", "-rf", "--tb=line", "-p", "no:cacheprovider", "--database", "sqlite")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words, *tests],
            cwd=tree,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return TIMED_OUT, str(error)
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
