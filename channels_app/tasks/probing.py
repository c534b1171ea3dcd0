"""What a worker does once a day for configs that were switched off: it probes them."""

from __future__ import annotations

import time

from channels_app.delivery.instance import make_ours
from channels_app.delivery.probes import run_probes
from channels_app.selectors.switches import held_kinds, is_on
from channels_app.tasks.jobs import is_draining, new_carrier
from channels_app.tasks.wake import wake_quietly

# Well below the time limit of a task, a whole round of sends included.
BUDGET = 30.0


def probe() -> None:
    """Probe all that is due, or as much as there is time for."""
    if not make_ours():
        return
    begun = time.monotonic()
    with new_carrier() as carrier:
        while time.monotonic() - begun < BUDGET and not is_draining():
            if not is_on("sending") or not run_probes(carrier, held_kinds()):
                break
    wake_quietly()
