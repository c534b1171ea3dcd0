"""The steps of a message: each done, failed with its remedy, or never reached."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels_app.delivery.at_once import Trip
from channels_app.delivery.carriage import (
    CarriageFailure,
    CarriageOutcome,
    Carried,
    Timing,
)
from channels_app.senders.contract import Answer, OutgoingRequest, Receipt
from channels_app.senders.registry import SENDERS
from channels_app.services.steps import Step, steps_of

NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
HTTPS = OutgoingRequest("POST", "https://hooks.example/secret-part", (), b"12345")
HTTP = OutgoingRequest("POST", "http://hooks.example/secret-part", (), b"12345")
ANSWERED = Carried(
    0,
    Answer(200, NOON, {}, b'{"code":0,"echo":"secret-part"}'),
    None,
    Timing(0.01, 0.02, 0.03, 0.04, 0.1),
    bytes_went_out=True,
    remote_address="93.184.216.34",
)


def failure(code: str, outcome: CarriageOutcome = CarriageOutcome.NOT_SENT) -> Carried:
    return Carried(0, None, CarriageFailure(code, outcome, "said so", True))


def marks(steps: tuple[Step, ...]) -> str:
    signs = {True: "+", False: "!", None: "."}
    return " ".join(signs[step.ok] + step.name for step in steps)


def of(trip: Trip, kind: str = "lark") -> tuple[Step, ...]:
    return steps_of(SENDERS[kind], trip, ("secret-part",))


def test_all_that_was_passed_is_shown_with_its_evidence_and_time() -> None:
    steps = of(Trip((HTTPS,), 0, ANSWERED))
    assert marks(steps) == "+built +found +allowed +connected +secured +answered +read"
    said = {step.name: step.evidence for step in steps}
    assert said["built"] == "1 request of 5 bytes."
    assert said["found"] == "hooks.example → 93.184.216.34"
    assert said["answered"] == "HTTP 200 with 31 bytes."
    times = {step.name: step.milliseconds for step in steps if step.milliseconds}
    assert times == {"found": 10, "connected": 20, "secured": 30, "answered": 40}


def test_no_step_holds_a_secret() -> None:
    said = " ".join(step.evidence for step in of(Trip((HTTPS,), 0, ANSWERED)))
    assert "[hidden]" in said
    assert "secret-part" not in said


def test_a_plain_connection_has_no_tls_to_show() -> None:
    assert "secured" not in marks(of(Trip((HTTP,), 0, ANSWERED)))


def test_an_address_is_not_looked_up_and_takes_no_time() -> None:
    request = OutgoingRequest("POST", "http://127.0.0.1/x", (), b"")
    found = of(Trip((request,), 0, ANSWERED))[1]
    assert (found.name, found.ok, found.seconds) == ("found", True, None)
    assert "nothing to look up" in found.evidence


@pytest.mark.parametrize(
    ("code", "outcome", "shown"),
    [
        ("invalid_url", "not_sent", "!built .found .allowed .connected"),
        ("dns_failed", "not_sent", "+built !found .allowed .connected"),
        ("address_refused", "not_sent", "+built +found !allowed .connected"),
        ("connection_refused", "not_sent", "+allowed !connected .secured"),
        ("connect_timeout", "not_sent", "+allowed !connected .secured"),
        ("tls_failed", "not_sent", "+connected !secured .answered .read"),
        ("response_timeout", "unknown", "+secured !answered .read"),
        ("connection_reset", "unknown", "+secured !answered .read"),
        ("withdrawn", "not_sent", "+secured !answered .read"),
    ],
)
def test_what_ended_it_is_where_it_ended(code: str, outcome: str, shown: str) -> None:
    trip = Trip((HTTPS,), 0, failure(code, CarriageOutcome(outcome)), code, "said so")
    steps = of(trip)
    assert shown in marks(steps)
    [failed] = [step for step in steps if step.ok is False]
    assert "said so" in failed.evidence
    assert failed.remedy


def test_a_handshake_that_hangs_ends_at_the_handshake() -> None:
    carried = Carried(
        0,
        None,
        CarriageFailure("connect_timeout", CarriageOutcome.NOT_SENT, "", True),
        Timing(0.01, 0.02, 0, 0, 10),
    )
    trip = Trip((HTTPS,), 0, carried, "connect_timeout")
    assert "+connected !secured" in marks(of(trip))


def test_a_refusal_tells_cause_remedy_and_part() -> None:
    trip = Trip((HTTPS, HTTPS), 1, ANSWERED, "19021", "sign match fail")
    step = of(trip)[-1]
    assert (step.name, step.ok) == ("read", False)
    assert step.evidence.startswith("Part 2 of 2: ")
    assert "sign match fail" in step.evidence
    assert step.remedy


def test_what_cannot_be_built_goes_nowhere() -> None:
    steps = of(Trip(code="message_too_long", detail="30000 bytes"))
    assert marks(steps).startswith("!built .found")


def test_a_code_of_nobody_is_said_as_it_is() -> None:
    trip = Trip((HTTPS,), 0, ANSWERED, "never_heard_of", "what now")
    assert of(trip)[-1].evidence == "never_heard_of what now"


@pytest.mark.parametrize(
    ("trip", "shown"),
    [
        (
            Trip(
                carried=Carried(0, None, None, Timing(total=1), said=Receipt("", "OK"))
            ),
            "+built +connected +answered +read",
        ),
        (
            Trip(carried=failure("email_unreachable"), code="email_unreachable"),
            "+built !connected .answered .read",
        ),
        (
            Trip(carried=failure("address_refused"), code="address_refused"),
            "+built !connected .answered .read",
        ),
    ],
)
def test_of_a_library_the_steps_are_shown_that_can_be_seen(
    trip: Trip, shown: str
) -> None:
    assert marks(of(trip, "email")) == shown
