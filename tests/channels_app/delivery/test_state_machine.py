"""Whatever happens in whatever order: the rows are what the reference model says.

`STATE_MACHINE_EXAMPLES` and `STATE_MACHINE_STEPS` let it run for longer;
`STATE_MACHINE_SHRINKS=1` looks for the shortest story of a difference, for minutes.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from channels_app.models import UserConfig
from tests.channels_app.delivery.deliveries_machine import Deliveries

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("STATE_MACHINE_EXAMPLES", "40"))
STEPS = int(os.environ.get("STATE_MACHINE_STEPS", "50"))
SHRINKS = os.environ.get("STATE_MACHINE_SHRINKS", "0") == "1"
PHASES = set(Phase) - (set() if SHRINKS else {Phase.shrink, Phase.explain})


def test_the_engine_does_what_the_model_does() -> None:
    UserConfig.objects.all().delete()
    run_state_machine_as_test(
        Deliveries,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
