"""Accepting many notifications at once: a bad one does not stop the good ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from channels_app.delivery.intake import Entry, Stored, store_entries
from channels_app.delivery.new_deliveries import NewDelivery
from channels_app.delivery.once import (
    KeyTakenError,
    SignatureSpentError,
    SignatureUse,
)
from channels_app.delivery.routes import Route, routes_of_users
from channels_app.models import ApiClient
from channels_app.selectors.idempotency import FirstAnswer, Key, first_answers
from channels_app.selectors.visibility import may_reach
from channels_app.services.client_users import out_of_reach
from channels_app.services.plans import Envelope, TemplatesAtOnce, plan_deliveries
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.replays import note_spent, use_signature
from channels_app.services.requests import NotificationRequest
from channels_app.services.sending import (
    Accepted,
    answer_of,
    entry_of,
    refuse_when_closed,
    repeated,
)
from channels_app.tasks.wake import wake_quietly

Outcome = Accepted | RequestRefusedError
# What makes deliveries of a request, the configs of its user and the templates.
Planner = Callable[
    [Envelope, Mapping[str, Route], TemplatesAtOnce], Sequence[NewDelivery]
]


@dataclass(frozen=True)
class Planned:
    """A notification that will be stored: its place in the batch, its deliveries."""

    index: int
    request: NotificationRequest
    deliveries: Sequence[NewDelivery]


@dataclass
class Batch:
    """What becomes of the notifications of a batch, by their places in it."""

    client: ApiClient
    request_id: str
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    plans: list[Planned] = field(default_factory=list)
    repeats: list[tuple[int, NotificationRequest]] = field(default_factory=list)

    def refuse(self, index: int, error: RequestRefusedError) -> None:
        self.outcomes[index] = error

    def repeat(
        self, index: int, request: NotificationRequest, first: FirstAnswer
    ) -> None:
        """Answer a notification as the first with its key was answered."""
        try:
            self.outcomes[index] = repeated(first, request)
        except RequestRefusedError as error:
            self.refuse(index, error)


def accept_batch(
    *,
    client: ApiClient,
    requests: Mapping[int, NotificationRequest],
    request_id: str,
    signature: SignatureUse | None = None,
    planner: Planner = plan_deliveries,
) -> Mapping[int, Outcome]:
    """Store what can be stored of a batch in one commit; return what became of each.

    `requests` are those well formed, by their places in the batch. The number of
    statements does not grow with theirs, but for one for each template. Raises
    RequestRefusedError with MAINTENANCE, DEGRADED, QUEUE_FULL or REPLAYED_REQUEST, and
    then nothing of the batch is stored.
    """
    batch = Batch(client, request_id)
    fresh = _without_repeats(batch, _within_reach(batch, requests))
    if fresh:
        refuse_when_closed()
    _plan(batch, fresh, planner)
    _store(batch, signature)
    _answer_repeats(batch)
    return batch.outcomes


def _within_reach(
    batch: Batch, requests: Mapping[int, NotificationRequest]
) -> Mapping[int, NotificationRequest]:
    """Refuse what is for users that the client may not reach; return the rest."""
    reached = {}
    for index, request in requests.items():
        if may_reach(batch.client, request.user_id):
            reached[index] = request
        else:
            batch.refuse(index, out_of_reach(batch.client, request.user_id))
    return reached


def _without_repeats(
    batch: Batch, requests: Mapping[int, NotificationRequest]
) -> dict[int, NotificationRequest]:
    """Answer what was answered before; return the rest."""
    keys = [key for request in requests.values() if (key := _key(request))]
    earlier = first_answers(client_id=batch.client.pk, keys=keys) if keys else {}
    fresh = {}
    for index, request in requests.items():
        key = _key(request)
        if key in earlier:
            batch.repeat(index, request, earlier[key])
        else:
            fresh[index] = request
    return fresh


def _key(request: NotificationRequest) -> Key | None:
    key = request.idempotency_key
    return None if key is None else (request.user_id, key)


def _plan(
    batch: Batch, fresh: Mapping[int, NotificationRequest], planner: Planner
) -> None:
    """Plan each by the same code as a single one; the first with a key leads."""
    configs = routes_of_users(
        client_id=batch.client.pk,
        user_ids={request.user_id for request in fresh.values()},
    )
    templates, led = TemplatesAtOnce(), set[Key]()
    for index, request in fresh.items():
        key = _key(request)
        if key in led:
            batch.repeats.append((index, request))
            continue
        envelope = Envelope(batch.client.pk, batch.request_id, request)
        try:
            plans = planner(envelope, configs.get(request.user_id, {}), templates)
        except RequestRefusedError as error:
            batch.refuse(index, error)
            continue
        batch.plans.append(Planned(index, request, plans))
        if key:
            led.add(key)


def _store(batch: Batch, signature: SignatureUse | None) -> None:
    entries = [_entry(batch, plan) for plan in batch.plans]
    try:
        stored = _stored(entries, signature)
    except SignatureSpentError:
        raise RequestRefusedError("REPLAYED_REQUEST") from None
    for at, plan in enumerate(batch.plans):
        if at in stored.taken:
            batch.repeats.append((plan.index, plan.request))
        else:
            body = answer_of(batch.request_id, plan.deliveries, stored)
            batch.outcomes[plan.index] = Accepted(body)


def _stored(entries: Sequence[Entry], signature: SignatureUse | None) -> Stored:
    """Store entries; with none that is new, the signature is spent by itself."""
    try:
        if entries:
            stored = store_entries(
                entries, after_commit=wake_quietly, signature=signature
            )
            if signature:
                note_spent()
            return stored
    except KeyTakenError:
        pass  # every key was used since we looked: nothing is left to store
    if signature:
        use_signature(signature)
    return Stored({}, taken=frozenset(range(len(entries))))


def _entry(batch: Batch, plan: Planned) -> Entry:
    return entry_of(batch.client, plan.request, batch.request_id, plan.deliveries)


def _answer_repeats(batch: Batch) -> None:
    """Answer what shares a key with another of this batch, or of one just committed."""
    keys = [key for _index, request in batch.repeats if (key := _key(request))]
    answers = first_answers(client_id=batch.client.pk, keys=keys) if keys else {}
    for index, request in batch.repeats:
        first = answers.get(_key(request) or ("", ""))
        if first is None:
            batch.refuse(index, RequestRefusedError("IDEMPOTENCY_IN_PROGRESS"))
        else:
            batch.repeat(index, request, first)
