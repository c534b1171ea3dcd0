"""Asking destinations that were gone, once a day, whether they are there again.

A probe goes over the same carrier and address policy as a message, and is nothing
that anybody sees. Each is taken by moving its time a day on, so that of several
workers one sends it.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from channels_app.delivery.carriage import Carried
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.configs_mended import switch_on
from channels_app.delivery.destinations import Destination, opened
from channels_app.delivery.probe_times import DAY
from channels_app.models import UserConfig
from channels_app.models.sql import close_lost_connection, is_postgres, one_writer
from channels_app.senders.contract import HttpSender, OutgoingRequest, SendError
from channels_app.senders.redaction import redact
from channels_app.senders.registry import SENDERS

logger = logging.getLogger(__name__)

AT_ONCE = 50
ANSWERED = "ok"


@dataclass(frozen=True)
class Probe:
    """One config that is asked, as it was when it was taken."""

    config_id: int
    version: int
    sender: HttpSender
    destination: Destination
    request: OutgoingRequest


def is_any_probe_due(held_kinds: Collection[str] = ()) -> bool:
    """Return whether `run_probes` would find something; takes no lock."""
    return _due(held_kinds).exists()


def run_probes(carrier: Carrier, held_kinds: Collection[str] = ()) -> int:
    """Probe some configs that are due; return how many were taken.

    `carrier` must be nobody else's. A config that answers is switched on, and its
    deliveries go on; of the others the answer is kept.
    """
    taken = _take(held_kinds)
    flying = sum(_is_under_way(config, carrier) for config in taken)
    answering = 0
    while flying:
        for carried in carrier.results():
            flying -= 1
            answering += _land(carried)
    if taken:
        logger.info("%d probed, %d answer again.", len(taken), answering)
    return len(taken)


def _due(held_kinds: Collection[str]) -> QuerySet[UserConfig]:
    due = UserConfig.objects.filter(
        next_probe_at__lte=Now(), is_active=False, is_paused=False
    )
    return due.exclude(channel_type__in=held_kinds)


def _take(held_kinds: Collection[str]) -> list[UserConfig]:
    with one_writer(), transaction.atomic():
        due = _due(held_kinds).order_by("next_probe_at")
        configs = list(due.select_for_update(skip_locked=is_postgres())[:AT_ONCE])
        UserConfig.objects.filter(pk__in=[config.pk for config in configs]).update(
            probed_at=Now(), next_probe_at=Now() + DAY, probe_answer=""
        )
    return configs


def _is_under_way(config: UserConfig, carrier: Carrier) -> bool:
    with _apart(config.pk):
        if probe := _prepared(config):
            seconds = float(settings.SEND_DEADLINE_SECONDS)
            carrier.submit(probe, probe.request, deadline_seconds=seconds)
            return True
    return False


@contextlib.contextmanager
def _apart(config_id: int) -> Iterator[None]:
    """Let what breaks one probe be logged, and the others of its round go on."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the border of one probe
        close_lost_connection()
        # The error may quote the config, so only its name is told.
        name = type(error).__name__
        logger.warning("The probe of channel config %d broke: %s.", config_id, name)


def _prepared(config: UserConfig) -> Probe | None:
    destination = opened(config)
    if destination.problem:
        _keep(config.pk, destination.problem)
        return None
    sender = SENDERS.get(config.channel_type)
    try:
        request = (
            sender.probe(destination.data) if isinstance(sender, HttpSender) else None
        )
    except SendError as error:
        _keep(config.pk, _words(error, destination))
        return None
    if request is None or not isinstance(sender, HttpSender):
        # Nothing can be asked: only a person can switch it on.
        UserConfig.objects.filter(pk=config.pk).update(next_probe_at=None)
        return None
    return Probe(config.pk, config.version, sender, destination, request)


def _land(carried: Carried) -> bool:
    """Write down what came of a probe; return whether its config is on again."""
    probe = carried.ticket
    if not isinstance(probe, Probe):
        raise TypeError("The carrier returned somebody else's ticket.")
    with _apart(probe.config_id):
        answer = _answer(probe, carried)
        if answer != ANSWERED:
            _keep(probe.config_id, answer)
        elif switch_on(probe.config_id, probe.version, answer):
            logger.info("Channel config %d answers again.", probe.config_id)
            return True
    return False


def _answer(probe: Probe, carried: Carried) -> str:
    if carried.answer is None:
        failure = carried.failure
        return f"{failure.code}: {failure.detail}" if failure else "no answer"
    try:
        probe.sender.read_probe(carried.answer)
    except SendError as error:
        return _words(error, probe.destination)
    return ANSWERED


def _words(error: SendError, destination: Destination) -> str:
    detail = redact(error.detail, destination.secrets)
    return f"{error.code}: {detail}" if detail else error.code


def _keep(config_id: int, answer: str) -> None:
    UserConfig.objects.filter(pk=config_id).update(probe_answer=answer[:500])
