"""`manage.py worker` as a process: it gets ready, drains and leaves nothing behind."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.notifications_site.programs import manage, running, settings_for
from tests.processes import descendants, is_alive
from tests.waiting import wait_until

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["main only", "its group"])
def test_a_signal_drains_and_stops_the_whole_cluster(
    tmp_path: Path, send: Callable[[int, int], None]
) -> None:
    environment, output = settings_for(tmp_path), tmp_path / "output"
    manage("migrate", "-v0", environment=environment)
    with running("worker", environment=environment, output=output) as worker:
        wait_until(lambda: "worker is ready" in output.read_text(), "it is ready", 60)
        family = descendants(worker.pid)
        send(worker.pid, signal.SIGTERM)
        assert worker.wait(25) == 0
    assert len(family) >= 6
    assert not any(map(is_alive, family))
    assert "did not stop in time" not in output.read_text()


def test_a_cluster_that_loses_its_main_process_is_replaced_whole(
    tmp_path: Path,
) -> None:
    environment, output = settings_for(tmp_path), tmp_path / "output"
    manage("migrate", "-v0", environment=environment)
    with running("worker", environment=environment, output=output) as worker:
        wait_until(lambda: "worker is ready" in output.read_text(), "it is ready", 60)
        family = descendants(worker.pid)
        os.kill(min(family), signal.SIGKILL)
        wait_until(
            lambda: len({*descendants(worker.pid)} - {*family}) >= len(family),
            "a new cluster runs",
            60,
        )
        assert not any(map(is_alive, family))


def test_a_worker_does_the_scheduled_work_in_a_process_of_its_own(
    tmp_path: Path,
) -> None:
    environment, output = settings_for(tmp_path), tmp_path / "output"
    manage("migrate", "-v0", environment=environment)
    ask = (
        "from channels_app.services.scheduled_work import ask_for_run;"
        "ask_for_run(name='retention', asked_by='a test')"
    )
    look = (
        "from channels_app.models import TaskExecutionRecord;"
        "print(*TaskExecutionRecord.objects.values_list('status', 'summary').first())"
    )

    def told() -> str:
        return manage("shell", "-v0", "-c", look, environment=environment).stdout

    assert manage("shell", "-v0", "-c", ask, environment=environment).returncode == 0
    with running("worker", environment=environment, output=output):
        wait_until(lambda: "succeeded" in told(), "the task has run", 60)
    assert "rows deleted" in told()
