"""The task cluster's main process: `python -m channels_app.tasks.cluster`."""

from __future__ import annotations

import gc
import importlib
import os
import pydoc
import signal
import time

import django
from django.conf import settings
from django.core.management import call_command

from channels_app.processes.kernel import let_children_heed_only_their_parent

BROKER_PAUSE = 2.0


def main() -> None:
    """Run django-q2's cluster, whose processes a group's SIGTERM cannot break off.

    django-q2 stops well when its main process alone is told. Init systems tell all
    processes at once; the others would die in the middle of a send, and main would
    wait for them without end.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notifications_site.settings")
    let_children_heed_only_their_parent(signal.SIGTERM)
    django.setup()
    _share_memory()
    _wait_for_the_broker()
    call_command("qcluster")


def _wait_for_the_broker() -> None:
    """Return when the broker answers: django-q2's cluster would end without it."""
    while settings.REDIS_URL and not _answers(settings.REDIS_URL):
        time.sleep(BROKER_PAUSE)


def _answers(url: str) -> bool:
    redis = importlib.import_module("redis")  # 5 MB that only a broker is worth
    try:
        with redis.Redis.from_url(url, socket_timeout=BROKER_PAUSE) as broker:
            return bool(broker.ping())
    except redis.RedisError:
        # The worker, which sends it canaries, tells of a broker that is away.
        return False


def _share_memory() -> None:
    """Load what tasks need before the forks, and keep the collector off it.

    A collection writes to each object it looks at; the kernel then copies the page.
    """
    pydoc.locate("channels_app.tasks.jobs")
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
