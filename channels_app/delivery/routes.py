"""Where a user's notifications may go, remembered for as long as the database agrees.

What accepting reads of a user's configs is one text, made by the database. Whoever stores
deliveries has the same text made again by the storing statement and compared: an edit in
any process, or by hand, is seen by the very next request, whatever is remembered.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from threading import Lock
from typing import Any

from django.db import connection

from channels_app.delivery.destinations import hash_of_destination
from channels_app.models import Secret
from channels_app.models.sql import Column, as_parameter, is_postgres, rows_of
from channels_app.selectors.switches import is_on
from templates_app.selectors import CacheUse

MOST_USERS = 10_000
KEPT_SECONDS = 60.0
TRIES = 3

_SECRETS_PLACE = "user_configs.secret_data"
_USERS = (Column("user_id", "text"),)


class RoutesChangedError(Exception):
    """The configs of a user are no longer those that its deliveries were planned by."""


@dataclass(frozen=True)
class Route:
    """One channel config, as far as accepting needs it."""

    pk: int
    channel_type: str
    is_active: bool
    guarantee: str
    public_data: dict[str, Any]
    secret_data: Secret | None

    @cached_property
    def destination(self) -> str:
        """A hash of what the provider counts its limits by; "" where none is known."""
        return hash_of_destination(
            self.channel_type, self.public_data, self.secret_data
        )


@dataclass(frozen=True)
class Seen:
    """What a user's configs were when they were read."""

    client_id: int
    user_id: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Routes:
    """A user's configs by channel, the inactive included, and what they were made of.

    Without `seen`, what is planned by them is stored whatever happened meanwhile.
    """

    by_kind: Mapping[str, Route]
    seen: Seen | None = None
    is_remembered: bool = False


class _Memory:
    """The routes of the users that were sent to last, for all threads of the process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[int, str], tuple[float, Routes]] = OrderedDict()
        self._hits = self._misses = 0

    @property
    def use(self) -> CacheUse:
        with self._lock:
            return CacheUse(self._hits, self._misses)

    def get(self, client_id: int, user_id: str) -> Routes | None:
        with self._lock:
            kept = self._kept.get((client_id, user_id))
            if kept is None or time.monotonic() - kept[0] > KEPT_SECONDS:
                return None
            self._kept.move_to_end((client_id, user_id))
            return kept[1]

    def put(self, client_id: int, user_id: str, routes: Routes) -> None:
        with self._lock:
            self._misses += 1
            kept = replace(routes, is_remembered=True)
            self._kept[client_id, user_id] = (time.monotonic(), kept)
            self._kept.move_to_end((client_id, user_id))
            if len(self._kept) > MOST_USERS:
                self._kept.popitem(last=False)

    def note_hit(self) -> None:
        with self._lock:
            self._hits += 1

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


MEMORY = _Memory()


def routes_to_try(*, client_id: int, user_id: str) -> Iterator[Routes]:
    """Give a user's routes: those remembered, then those read, again and again.

    The last ones are not compared any more: who edits a config over and over again
    keeps nobody from sending.
    """
    is_kept = is_on("cache")
    if is_kept and (kept := MEMORY.get(client_id, user_id)):
        yield kept
    for left in reversed(range(TRIES)):
        routes = _read(client_id, user_id)
        if is_kept:
            MEMORY.put(client_id, user_id, routes)
        yield routes if left else replace(routes, seen=None)


def note_use(routes: Routes) -> None:
    """Count that what was remembered was good."""
    if routes.is_remembered:
        MEMORY.note_hit()


def _read(client_id: int, user_id: str) -> Routes:
    with connection.cursor() as cursor:
        cursor.execute(_text_sql(), [client_id, user_id])
        text = cursor.fetchone()[0] or "[]"
    return _routes_of(Seen(client_id, user_id, text))


def routes_of_users(
    *, client_id: int, user_ids: Collection[str]
) -> dict[str, Mapping[str, Route]]:
    """Return the routes of several users with one client, read in one statement.

    What is remembered spares the reading of what the database says again.
    """
    wanted = as_parameter({"user_id": user_id} for user_id in sorted(user_ids))
    with connection.cursor() as cursor:
        cursor.execute(_texts_sql(), [client_id, wanted])
        texts = [Seen(client_id, user_id, text) for user_id, text in cursor.fetchall()]
    known = _known if is_on("cache") else _routes_of
    return {seen.user_id: known(seen).by_kind for seen in texts}


def _known(seen: Seen) -> Routes:
    kept = MEMORY.get(seen.client_id, seen.user_id)
    if kept is not None and kept.seen == seen:
        return kept
    routes = _routes_of(seen)
    MEMORY.put(seen.client_id, seen.user_id, routes)
    return routes


def _routes_of(seen: Seen) -> Routes:
    return Routes(_routes_in(seen.text), seen)


def _routes_in(text: str) -> Mapping[str, Route]:
    found = {}
    for pk, kind, is_active, guarantee, public, secret in json.loads(text):
        sealed = Secret(ciphertext=secret, place=_SECRETS_PLACE) if secret else None
        data = json.loads(public)
        found[kind] = Route(pk, kind, bool(is_active), guarantee, data, sealed)
    return {kind: found[kind] for kind in sorted(found)}


def condition_of(seen: Seen | None) -> str:
    """Return the SQL that is true while a user's configs are those that were seen."""
    return f"({_text_sql()}) = %s" if seen else "TRUE"


def parameters_of(seen: Seen | None) -> list[int | str]:
    """Return the parameters of the condition."""
    return [seen.client_id, seen.user_id, seen.text] if seen else []


@cache
def _text_sql() -> str:
    """Return the query of all that accepting reads of one user's configs, as one text."""
    return f"""SELECT {_as_text()} FROM (
        SELECT * FROM user_configs WHERE client_id = %s AND user_id = %s
        ORDER BY channel_type) AS c"""


@cache
def _texts_sql() -> str:
    return f"""SELECT c.user_id, {_as_text()} FROM user_configs AS c
        WHERE c.client_id = %s
            AND c.user_id IN (SELECT r.user_id FROM {rows_of(_USERS)})
        GROUP BY c.user_id"""


def _as_text() -> str:
    fields = "c.id, c.channel_type, c.is_active, c.guarantee"
    if is_postgres():
        row = f"json_build_array({fields}, c.public_data::text, c.secret_data)"
        return f"json_agg({row})::text"
    return f"json_group_array(json_array({fields}, c.public_data, c.secret_data))"
