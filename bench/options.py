"""What a run of the benchmark was asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """How often, how long and how much is measured."""

    runs: int = 5
    seconds: float = 4.0
    deliveries: int = 20_000
    is_quick: bool = False
    is_large: bool = False
