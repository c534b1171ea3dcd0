"""How a doctor's steps look on a terminal and in JSON."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.base import OutputWrapper

from channels_app.services.steps import Step

MARKS = {True: "✔", False: "✘", None: "–"}


def draw_steps(out: OutputWrapper, steps: Sequence[Step]) -> None:
    """Write each step with its mark, its evidence and its remedies."""
    for step in steps:
        out.write(f"{MARKS[step.ok]} {step.title}")
        for line in filter(None, (step.evidence, *step.remedy)):
            out.write(f"    {line}")


def step_dict(step: Step) -> dict[str, object]:
    """Return a step as JSON has it."""
    return {
        "name": step.name,
        "ok": step.ok,
        "title": step.title,
        "evidence": step.evidence,
        "remedy": list(step.remedy),
    }
