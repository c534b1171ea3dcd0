"""Sends what is due, and says how fast it went by the database's own clock."""

from __future__ import annotations

import os
import resource
import time
from collections import deque
from typing import Any

import pycurl
from django.db import connection
from django.db.models import Max, Min

from bench.machine import pss_megabytes
from channels_app.delivery.wire_options import WireOptions, new_handle
from channels_app.models import WAITING, DeliveryAttempt, NotificationLog, Outcome
from channels_app.tasks.jobs import run_pump

PATIENCE_SECONDS = 90.0
BODY = b'{"content": "' + b"x" * 400 + b'"}'


def pump() -> dict[str, float]:
    """Run one pump until nothing is due."""
    before = _cpu()
    run_pump("bench", budget=120.0, linger=0.0)
    cpu = _cpu() - before
    return {**rate(), "cpu": cpu, "pss": pss_megabytes(os.getpid())}


def rate() -> dict[str, float]:
    """Return how many were sent, in which time, from first claim to last record."""
    sent = DeliveryAttempt.objects.filter(outcome=Outcome.OK)
    ends = sent.aggregate(first=Min("started_at"), last=Max("ended_at"))
    count = sent.count()
    if not count:
        return {"count": 0, "seconds": 1.0}
    return {"count": count, "seconds": (ends["last"] - ends["first"]).total_seconds()}


def wait_until_sent() -> dict[str, float]:
    """Wait until nothing waits or is under way any more; give up in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    unsettled = NotificationLog.objects.filter(status__in=[*WAITING, "sending"])
    while unsettled.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{unsettled.count()} deliveries are left")
        time.sleep(0.2)
    return rate()


def bare(*, port: int, count: int, destinations: int, in_flight: int) -> dict[str, Any]:
    """Send as many requests by libcurl alone: no database, no checks, no records."""
    connection.close()
    before, started = _cpu(), time.monotonic()
    urls = deque(
        f"http://127.0.0.{number % destinations + 1}:{port}/hook"
        for number in range(count)
    )
    _send_all(urls, min(in_flight, count))
    seconds = time.monotonic() - started
    return {"count": count, "seconds": seconds, "cpu": _cpu() - before}


def _send_all(urls: deque[str], in_flight: int) -> None:
    multi = pycurl.CurlMulti()
    multi.setopt(pycurl.M_MAXCONNECTS, in_flight)
    for _number in range(in_flight):
        multi.add_handle(_prepared(_new_handle(), urls.popleft()))
    running = in_flight
    while running:
        multi.select(1.0)
        _code, _count = multi.perform()
        _more, succeeded, failed = multi.info_read()
        if failed:
            raise RuntimeError(f"the receiver failed: {failed[0][2]}")
        for curl in succeeded:
            multi.remove_handle(curl)
            if urls:
                multi.add_handle(_prepared(curl, urls.popleft()))
            else:
                running -= 1


def _new_handle() -> pycurl.Curl:
    curl = new_handle(WireOptions())
    curl.setopt(pycurl.HTTPHEADER, ["Content-Type: application/json"])
    curl.setopt(pycurl.POSTFIELDS, BODY)
    curl.setopt(pycurl.WRITEFUNCTION, lambda chunk: None)
    return curl


def _prepared(curl: pycurl.Curl, url: str) -> pycurl.Curl:
    curl.setopt(pycurl.URL, url)
    return curl


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
