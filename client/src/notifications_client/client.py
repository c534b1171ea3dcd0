"""The client: one object for a whole program, used by all its threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from notifications_client.addresses import origin_of, proxy_for
from notifications_client.answers import (
    Accepted,
    BatchAnswer,
    BatchItem,
    Explanation,
    Log,
    Message,
    SendResult,
)
from notifications_client.asking import LogFilter, Notification, Options
from notifications_client.calls import Answer, Call, Caller, Manner
from notifications_client.connections import Connections
from notifications_client.pacing import Pace
from notifications_client.rehearsals import DryRun
from notifications_client.resources import (
    Config,
    Health,
    Template,
)
from notifications_client.signing import VERSIONS, Credentials
from notifications_client.version import VERSION
from notifications_client.waiting import wait_until_settled
from notifications_client.words import is_chinese, say

MOST_IN_BATCH = 1_000
MOST_PREFERRED_WAIT = 10
_UNHEALTHY = frozenset({503})
_ANY_LOG = LogFilter()


class Client:
    """Calls the API of a notification service, signed with an API client's secret.

    Threads may share it; it keeps connections open. `rate_per_minute` makes calls wait
    in a queue; without it they go out at once. Every method raises NotificationError.
    """

    def __init__(
        self,
        base_url: str,
        secret: str,
        key_id: str | None = None,
        *,
        signature_version: int = 2,
        rate_per_minute: float | None = None,
        options: Options | None = None,
    ) -> None:
        """Prepare a client; nothing is connected yet. Raises ValueError."""
        chosen = options or Options()
        origin = origin_of(base_url)
        proxy = proxy_for(origin) if chosen.use_proxies else None
        signed_path = chosen.signed_base_path
        manner = Manner(
            credentials=_credentials(secret, key_id, signature_version),
            base_path=origin.base_path,
            signed_base_path=origin.base_path if signed_path is None else signed_path,
            timeout=chosen.timeout,
            retries=chosen.retries,
            correct_clock=chosen.correct_clock,
            user_agent=f"notifications-client/{VERSION}",
            language=chosen.language or ("zh-Hans" if is_chinese() else "en"),
        )
        self._connections = Connections(origin, chosen.tls, proxy)
        self._caller = Caller(manner, self._connections, Pace(rate_per_minute))

    def __enter__(self) -> Client:
        """Return itself; its connections are closed at the end of the block."""
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are not in use; the client may be used on."""
        self._connections.close()

    @property
    def clock_skew_ms(self) -> int | None:
        """How far this computer's clock is ahead of the service's, as last seen."""
        return self._caller.clock.skew_ms

    def send(
        self, notification: Notification, *, wait: float | None = None
    ) -> Accepted:
        """Have a notification stored and sent.

        With `wait` the service is asked to answer only when all is settled, or after
        so many seconds, at most 10.
        """
        keyed = notification.with_key()
        answer = self._post("/api/notifications/send", keyed.as_body(), wait)
        return Accepted(
            request_id=answer.row.text("request_id"),
            results=tuple(map(SendResult.read, answer.row.rows("results"))),
            idempotency_key=keyed.idempotency_key or "",
            is_replayed=answer.headers.get("Idempotent-Replayed") == "true",
        )

    def send_batch(self, notifications: Sequence[Notification]) -> BatchAnswer:
        """Have up to 1,000 notifications stored in one call; each is judged alone."""
        if not 1 <= len(notifications) <= MOST_IN_BATCH:
            raise ValueError(
                say("A batch holds 1 to {most} notifications.", most=MOST_IN_BATCH)
            )
        keyed = [notification.with_key() for notification in notifications]
        body = {"notifications": [item.as_body() for item in keyed]}
        row = self._post("/api/notifications/send-batch", body).row
        keys = tuple(item.idempotency_key or "" for item in keyed)
        return BatchAnswer(
            request_id=row.text("request_id"),
            items=tuple(BatchItem.read(item, keys) for item in row.rows("results")),
            accepted=row.number("accepted") or 0,
            rejected=row.number("rejected") or 0,
        )

    def dry_run(self, notification: Notification) -> DryRun:
        """Return what sending would do: channels, contents, queue. Sends nothing."""
        body = {**notification.as_body(), "dry_run": True}
        return DryRun.read(self._post("/api/notifications/send", body).row)

    def wait(
        self,
        sent: Accepted | BatchAnswer | str | Iterable[str],
        *,
        timeout: float = 60.0,
    ) -> tuple[Message, ...]:
        """Return the deliveries once all are settled. Raises NotSettledError.

        `sent` is the answer of `send` or `send_batch`, or message ids.
        """
        if isinstance(sent, (Accepted, BatchAnswer)):
            sent = sent.message_ids
        message_ids = (sent,) if isinstance(sent, str) else tuple(sent)
        return wait_until_settled(self.get, message_ids, timeout)

    def get(self, message_id: str) -> Message:
        """Return one delivery with its timeline and explanation."""
        row = self._get(f"/api/notifications/{quote(message_id, safe='')}").row
        return Message.read(row.row("data"))

    def explain(self, message_id: str) -> Explanation | None:
        """Return why a delivery is not where it should be; None if it is."""
        return self.get(message_id).explanation

    def cancel(self, message_id: str) -> str:
        """Cancel a delivery that is not settled; return its status."""
        return self._moved(message_id, "cancel", is_repeatable=True)

    def resend(self, message_id: str) -> str:
        """Send a delivery again; return its status. A lost answer is not retried."""
        return self._moved(message_id, "resend", is_repeatable=False)

    def logs(
        self, wanted: LogFilter = _ANY_LOG, *, page_size: int = 100
    ) -> Iterator[Log]:
        """Give deliveries, newest first, fetching a page when it is needed."""
        query = {**wanted.as_query(), "limit": page_size}
        cursor: str | None = None
        while True:
            page = self._get("/api/notification-logs", {**query, "cursor": cursor})
            data = page.row.row("data")
            yield from map(Log.read, data.rows("logs"))
            cursor = data.text("next_cursor")
            if not cursor:
                return

    def configs(self, user_id: str, channel: str | None = None) -> tuple[Config, ...]:
        """Return a user's channel configs, secrets masked."""
        query = {"user_id": user_id, "channel_type": channel}
        rows = self._get("/api/user-configs", query).row.rows("data")
        return tuple(map(Config.read, rows))

    def save_config(
        self,
        user_id: str,
        channel: str,
        data: Mapping[str, object],
        *,
        is_active: bool = True,
    ) -> Config:
        """Create or update a channel config. A masked secret keeps the stored one."""
        body = {"config_data": data, "is_active": is_active}
        answer = self._caller.call(
            Call("PUT", _config_path(user_id, channel), body=body)
        )
        return Config.read(answer.row.row("data"))

    def delete_config(self, user_id: str, channel: str) -> None:
        """Delete a channel config."""
        self._caller.call(Call("DELETE", _config_path(user_id, channel)))

    def templates(self, *, include_inactive: bool = False) -> tuple[Template, ...]:
        """Return all templates, without their contents."""
        query = {"include_inactive": "true" if include_inactive else None}
        rows = self._get("/api/templates", query).row.rows("data")
        return tuple(Template.read(row) for row in rows)

    def template(self, key: str) -> Template:
        """Return one template with its contents."""
        data = self._get(f"/api/templates/{quote(key, safe='')}").row.row("data")
        return Template.read(data.row("template"), data.rows("contents"))

    def save_template(
        self, key: str, template: Mapping[str, object]
    ) -> tuple[Mapping[str, object], ...]:
        """Create or replace a template, as the API takes it; return the warnings."""
        path = f"/api/templates/{quote(key, safe='')}"
        answer = self._caller.call(Call("PUT", path, body=template))
        return tuple(row.fields for row in answer.row.rows("warnings"))

    def health(self, *, detailed: bool = False) -> Health:
        """Return how the service is; a bad state is an answer, not an exception."""
        call = Call(
            "GET",
            "/health",
            query={"detailed": "true" if detailed else None},
            is_signed=detailed,
            good_statuses=_UNHEALTHY,
        )
        return Health.read(self._caller.call(call).row)

    def _get(self, path: str, query: Mapping[str, object] | None = None) -> Answer:
        return self._caller.call(Call("GET", path, query=query or {}))

    def _post(
        self, path: str, body: Mapping[str, object], wait: float | None = None
    ) -> Answer:
        seconds = min(max(int(wait or 0), 0), MOST_PREFERRED_WAIT)
        headers = {"Prefer": f"wait={seconds}"} if seconds else {}
        call = Call("POST", path, body=body, headers=headers, patience=seconds)
        return self._caller.call(call)

    def _moved(self, message_id: str, move: str, *, is_repeatable: bool) -> str:
        path = f"/api/notifications/{quote(message_id, safe='')}/{move}"
        answer = self._caller.call(Call("POST", path, is_repeatable=is_repeatable))
        return answer.row.row("data").text("status")


def _config_path(user_id: str, channel: str) -> str:
    return f"/api/users/{quote(user_id, safe='')}/configs/{quote(channel, safe='')}"


def _credentials(secret: str, key_id: str | None, version: int) -> Credentials:
    if not secret:
        raise ValueError(say("The secret is empty: give the API client's secret."))
    if secret != secret.strip():
        raise ValueError(
            say(
                "The secret has white space around it: strip it, for it would be signed "
                "with as well."
            )
        )
    if version not in VERSIONS:
        raise ValueError(say("signature_version is 1 or 2."))
    return Credentials(secret, key_id, version)
