"""One step of the engine in a process of its own, which a crash point may end.

`accept URL GUARANTEE [CONTENT]` stores one delivery, `flood URL COUNT` many, telling their ids;
`fail URL GUARANTEE COUNT` stores some that have failed, `replay` queues them; `pump`
sends what is due; `limited URL COUNT PER_MINUTE` stores some for a destination with a rate,
which `pump_for SECONDS` sends; `later` lets leases and waits be over, takes back what is left, and
sends. `serve` takes steps from the input, see `steps.py`.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notifications_site.settings")
django.setup()

from django.db.models.functions import Now  # noqa: E402

from channels_app.delivery import crash_points  # noqa: E402
from channels_app.delivery.reaper import reap  # noqa: E402
from channels_app.models import UNSETTLED, NotificationLog, UserConfig  # noqa: E402
from channels_app.services.bulk_replay import (  # noqa: E402
    ReplayFilter,
    plan_replay,
    replay,
)
from channels_app.tasks.jobs import run_pump  # noqa: E402
from channels_app.tasks.wake import wake_quietly  # noqa: E402
from tests.channels_app.delivery.deliveries import (  # noqa: E402
    new_delivery,
    store,
    webhook_config,
)

PAST = Now() - timedelta(seconds=1)


def _config(url: str) -> UserConfig:
    return UserConfig.objects.first() or webhook_config(url)


def accept(url: str, guarantee: str, content: str = "It works.") -> None:
    delivery = new_delivery(_config(url), guarantee=guarantee, content=content)
    store(delivery, after_commit=wake_quietly)


def flood(url: str, count: str) -> None:
    config = _config(url)
    for _ in range(int(count)):
        delivery = new_delivery(config, guarantee="at_least_once")
        store(delivery, after_commit=wake_quietly)
        print(delivery.message_id, flush=True)  # noqa: T201 - the caller's ledger


def limited(url: str, count: str, per_minute: str) -> None:
    config = webhook_config(url, user_id="limited", sends_per_minute=int(per_minute))
    for _ in range(int(count)):
        store(new_delivery(config, user_id="limited", destination="limited"))


def fail(url: str, guarantee: str, count: str) -> None:
    config = webhook_config(url)
    for number in range(int(count)):
        delivery = new_delivery(
            config, guarantee=guarantee, status="failed", content=f"It is {number}."
        )
        store(delivery, after_commit=wake_quietly)


def replay_all() -> None:
    replay(plan_replay(ReplayFilter()), by="test", batch_rows=2)


def pump() -> None:
    run_pump("test", budget=5.0, linger=0.0)


def pump_for(seconds: str) -> None:
    budget = float(seconds)
    run_pump(f"pump-{os.getpid()}", budget=budget, linger=budget)


def later() -> None:
    rows = NotificationLog.objects.filter(status__in=UNSETTLED)
    rows.filter(status="sending").update(lease_until=PAST)
    reap()
    rows.update(next_attempt_at=PAST)
    pump()


STEPS: dict[str, Callable[..., None]] = {
    "accept": accept,
    "flood": flood,
    "limited": limited,
    "fail": fail,
    "replay": replay_all,
    "pump": pump,
    "pump_for": pump_for,
    "later": later,
}


def serve() -> None:
    """Run each step that a line of the input names as a process of its own.

    It is forked from this one, which has loaded all that a step needs; a line is the
    crash point, or nothing, and the words. The answer is the step's exit status.
    """
    for line in sys.stdin:
        crash, *words = json.loads(line)
        step = os.fork()
        if not step:
            os.environ[crash_points.VARIABLE] = crash
            importlib.reload(crash_points)
            STEPS[words[0]](*words[1:])
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(step, 0)[1])
        print(status, flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    else:
        STEPS[sys.argv[1]](*sys.argv[2:])
