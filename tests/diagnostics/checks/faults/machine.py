"""Faults of the cache, of the machine and of its processes."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.core.cache.backends.locmem import LocMemCache
from django.test.utils import override_settings

from channels_app.processes.child import PROJECT_DIR
from channels_app.selectors.disk import disk_state
from diagnostics.checks import cache, machine
from diagnostics.checks.processes import our_processes
from diagnostics.models import HealthReport
from tests.diagnostics.checks.faults.planting import CRITICAL, WARNING, Fault, Hand
from tests.notifications_site.programs import free_port
from tests.waiting import wait_until


def redis_down(hand: Hand) -> None:
    use_cache(
        hand,
        BACKEND="django.core.cache.backends.redis.RedisCache",
        LOCATION="redis://127.0.0.1:9/0",
    )


def a_cache_that_keeps_nothing(hand: Hand) -> None:
    use_cache(hand, BACKEND="django.core.cache.backends.dummy.DummyCache")


def use_cache(hand: Hand, **chosen: str) -> None:
    hand.afterwards.enter_context(override_settings(CACHES={"default": chosen}))


class SlowCache(LocMemCache):
    """A cache at the end of a slow line."""

    def get(self, *args: Any, **options: Any) -> Any:
        time.sleep(1.2 * cache.SLOW_MS / 1000)
        return super().get(*args, **options)


def a_slow_cache(hand: Hand) -> None:
    use_cache(hand, BACKEND=f"{__name__}.SlowCache")


def a_disk_quota_that_is_full(hand: Hand) -> None:
    hand.settings.MIN_FREE_DISK_MB = 10**9


def a_disk_that_fills_up(hand: Hand) -> None:
    state = disk_state()
    assert state.free_mb is not None
    hand.settings.MIN_FREE_DISK_MB = state.free_mb // 2


def a_disk_that_lasts_five_days(hand: Hand) -> None:
    reports_of_two_days(free_per_day=-free_mb(hand) / 5)


def a_disk_that_lasts_a_day(hand: Hand) -> None:
    reports_of_two_days(free_per_day=-free_mb(hand))


def a_database_that_outgrows_its_disk(hand: Hand) -> None:
    reports_of_two_days(size_per_day=free_mb(hand) / 5)


def free_mb(hand: Hand) -> int:
    hand.settings.MIN_FREE_DISK_MB = 1
    free = disk_state().free_mb
    assert free is not None
    return free


def reports_of_two_days(
    *, free_per_day: float = 0.0, size_per_day: float = 0.0
) -> None:
    """Store hourly reports by which that much becomes more a day."""
    for hour in range(48):
        days = hour / 24
        figures = {
            "machine.disk": ("free", 10**6 + free_per_day * days),
            "database.load": ("size", 10.0 + size_per_day * days),
        }
        at = datetime.now(UTC) + timedelta(hours=hour - 48)
        HealthReport.objects.create(
            started_at=at,
            finished_at=at,
            total=2,
            body=[
                {"check": check, "figures": [{"name": name, "value": value}]}
                for check, (name, value) in figures.items()
            ],
        )


def a_machine_with_too_much_to_do(hand: Hand) -> None:
    hand.monkeypatch.setattr(machine, "BUSY_PER_CORE", -1.0)


def no_memory_left(hand: Hand) -> None:
    hand.monkeypatch.setattr(machine, "MEMORY_SHORT", 1.0)


def a_clock_ten_minutes_off(hand: Hand) -> None:
    later = datetime.now(UTC) + timedelta(minutes=10)
    hand.afterwards.enter_context(time_machine.travel(later))


def a_clock_that_drifts(hand: Hand) -> None:
    later = datetime.now(UTC) + timedelta(seconds=20)
    hand.afterwards.enter_context(time_machine.travel(later))


def a_process_that_has_grown(hand: Hand) -> None:
    hand.monkeypatch.setattr(machine, "LARGE_MB", 1.0)
    command = (sys.executable, "manage.py", "sandbox", "--port", str(free_port()))
    process = subprocess.Popen(command, cwd=PROJECT_DIR)
    hand.afterwards.callback(process.wait)
    hand.afterwards.callback(process.terminate)
    wait_until(lambda: [p for p in our_processes() if p.mb > 1], "it is seen")


MACHINE_FAULTS = (
    Fault(redis_down, "cache.away", CRITICAL),
    Fault(a_cache_that_keeps_nothing, "cache.forgetful", WARNING),
    Fault(a_slow_cache, "cache.slow", WARNING),
    Fault(a_disk_quota_that_is_full, "machine.disk_short", CRITICAL),
    Fault(a_disk_that_fills_up, "machine.disk_short", WARNING),
    Fault(a_disk_that_lasts_five_days, "machine.disk_filling", WARNING),
    Fault(a_disk_that_lasts_a_day, "machine.disk_filling", CRITICAL),
    Fault(a_database_that_outgrows_its_disk, "machine.disk_filling", WARNING, "sqlite"),
    Fault(a_machine_with_too_much_to_do, "machine.busy", WARNING),
    Fault(no_memory_left, "machine.memory_short", CRITICAL),
    Fault(a_clock_ten_minutes_off, "machine.clock_off", CRITICAL),
    Fault(a_clock_that_drifts, "machine.clock_off", WARNING),
    Fault(a_process_that_has_grown, "machine.process_large", WARNING),
)
