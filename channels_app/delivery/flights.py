"""One claimed delivery on its way: its requests, part by part, and where each ended."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from channels_app.delivery.carriage import Carried
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.claims import Claim
from channels_app.delivery.curl_verdicts import unknown
from channels_app.delivery.destinations import Destination
from channels_app.delivery.errands import Errand
from channels_app.delivery.outcomes import (
    Verdict,
    accepted,
    not_accepted,
    not_carried,
    refused_before_sending,
)
from channels_app.delivery.policy import RetryPolicy
from channels_app.delivery.recalls import ConfigRead, Recalls
from channels_app.log_context import logged_with
from channels_app.senders.contract import (
    BlockingSender,
    ContentType,
    HttpSender,
    Message,
    OutgoingRequest,
    Receipt,
    Sender,
    SendError,
)
from channels_app.senders.redaction import redact
from channels_app.senders.registry import UnknownSenderError, sender_for

logger = logging.getLogger(__name__)


def message_of(claim: Claim) -> Message:
    """Return what the sender is to deliver, as of this attempt."""
    return Message(
        message_id=claim.message_id,
        subject=claim.subject,
        content=claim.content,
        content_type=ContentType(claim.content_type),
        sent_at=claim.claimed_at,
        created_at=claim.created_at,
        metadata=claim.metadata,
    )


@dataclass(frozen=True)
class Flight:
    """A delivery whose part number `part` is to be carried.

    A blocking sender sends its `message` whole; then there are no requests.
    `start_before` is on this process's monotonic clock: later, the lease would not
    cover the send or the delivery is expired, and not a byte may go out. Nor may one
    when `recalls` covers it.
    """

    claim: Claim
    sender: Sender
    config: Destination
    message: Message = field(repr=False)
    requests: Sequence[OutgoingRequest] = field(repr=False)
    part: int
    start_before: float
    recalls: Recalls = field(repr=False)

    def take_off(self, carrier: Carrier, seconds: float) -> None:
        """Give the carrier what is to be sent now, in `seconds` at most."""
        sender = self.sender
        if isinstance(sender, BlockingSender):
            carrier.run(
                Errand(self, sender, self.config.data, self.message, self.may_start),
                seconds,
            )
        else:
            carrier.submit(
                self,
                self.requests[self.part],
                deadline_seconds=seconds,
                before_bytes=self.may_start,
            )

    def read(self, carried: Carried) -> Receipt:
        """Return what the provider said, or raise the SendError that it means."""
        if isinstance(carried.said, SendError):
            raise carried.said
        if carried.answer is not None and isinstance(self.sender, HttpSender):
            return self.sender.read(carried.answer)
        return carried.said or Receipt()

    @property
    def has_more(self) -> bool:
        return self.part + 1 < len(self.requests)

    def may_start(self) -> bool:
        is_in_time = time.monotonic() < self.start_before
        return is_in_time and not self.recalls.covers(self.claim, self.config_read)

    @property
    def config_read(self) -> ConfigRead:
        return ConfigRead(self.config.config_id, self.config.version)

    @classmethod
    def prepare(
        cls, claim: Claim, config: Destination, start_before: float, recalls: Recalls
    ) -> Flight | Verdict:
        """Return the flight, or why the message cannot be put into requests."""
        try:
            sender = sender_for(claim.channel_type)
            message = message_of(claim)
            requests = _requests(sender, config, message, plain=claim.send_plain)
        except UnknownSenderError:
            return refused_before_sending(claim, "sender_unknown")
        except SendError as error:
            return refused_before_sending(claim, error.code, error.detail)
        except Exception:
            # One message that a sender stumbles over must not stop the others.
            with logged_with(message_id=claim.message_id):
                logger.exception("The sender made no request of the message.")
            return refused_before_sending(claim, "build_failed")
        part = max(0, min(claim.parts_sent, len(requests) - 1))
        return cls(
            claim, sender, config, message, requests, part, start_before, recalls
        )


def first_step(
    claim: Claim,
    configs: Mapping[int, Destination],
    start_before: float,
    recalls: Recalls,
) -> Flight | Verdict:
    """Return the flight of what was taken, or why there is none."""
    config = configs.get(claim.config_id) if claim.config_id is not None else None
    if config is None:
        return refused_before_sending(claim, "config_missing")
    if config.problem:
        return refused_before_sending(claim, config.problem, config.detail)
    return Flight.prepare(claim, config, start_before, recalls)


def _requests(
    sender: Sender, config: Destination, message: Message, *, plain: bool
) -> Sequence[OutgoingRequest]:
    if isinstance(sender, HttpSender):
        build = sender.build_plain if plain else sender.build
        return build(config.data, message)
    if isinstance(sender, BlockingSender):
        sender.check(config.data, message)
    return ()


@dataclass(frozen=True)
class Landing:
    """A flight that came back from the network."""

    flight: Flight
    carried: Carried

    @classmethod
    def of(cls, carried: Carried) -> Landing:
        if not isinstance(carried.ticket, Flight):
            raise TypeError("The carrier returned somebody else's ticket.")
        return cls(carried.ticket, carried)

    def next_step(self, policy: RetryPolicy) -> Flight | Verdict:
        """Return the flight of the next part, or the verdict on the delivery.

        A schedule of the config's own replaces the policy's.
        """
        own = self.flight.config.retry_schedule
        if own is not None and policy.waits:
            policy = replace(policy, waits=own)
        step = self._step(self.flight, policy)
        return _redacted(step, self.flight) if isinstance(step, Verdict) else step

    def _step(self, flight: Flight, policy: RetryPolicy) -> Flight | Verdict:
        if self.carried.failure is not None:
            return not_carried(
                flight.claim, self.carried, parts_sent=flight.part, policy=policy
            )
        try:
            flight.read(self.carried)
        except SendError as error:
            return not_accepted(
                flight.claim,
                flight.sender,
                error,
                self.carried,
                parts_sent=flight.part,
                policy=policy,
            )
        except Exception:
            # One answer that a sender stumbles over must not stop the others.
            with logged_with(message_id=flight.claim.message_id):
                logger.exception("The sender could not read the answer.")
            return _not_readable(flight, self.carried, policy)
        if flight.has_more:
            return replace(flight, part=flight.part + 1)
        return accepted(flight.claim, flight.part + 1, self.carried)


def _not_readable(flight: Flight, carried: Carried, policy: RetryPolicy) -> Verdict:
    failure = unknown("response_unreadable", "the sender could not read the answer")
    carried = replace(carried, failure=failure)
    return not_carried(flight.claim, carried, parts_sent=flight.part, policy=policy)


def _redacted(verdict: Verdict, flight: Flight) -> Verdict:
    """Take the config's secrets out of what is written down."""
    result = verdict.result
    if not (result.error or result.response_excerpt):
        return verdict
    secrets = flight.config.secrets
    return replace(
        verdict,
        result=replace(
            result,
            error=redact(result.error, secrets),
            response_excerpt=redact(result.response_excerpt, secrets),
        ),
    )
