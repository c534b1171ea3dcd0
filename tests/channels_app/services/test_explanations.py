from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from channels_app.delivery.carriage_errors import CARRIAGE_ERRORS
from channels_app.delivery.errors import ENGINE_ERRORS
from channels_app.models import Outcome, Status
from channels_app.selectors.logs import attempts_of, log_by_message_id
from channels_app.selectors.timelines import timeline_of
from channels_app.senders.contract import Actor
from channels_app.senders.registry import SENDERS
from channels_app.senders.waiting_steps import WAITING_STEPS
from channels_app.services.explanations import Severity, explain
from tests.channels_app.rows import (
    NOON,
    default_client,
    make_attempt,
    make_config,
    make_log,
)

pytestmark = pytest.mark.django_db

CODES = [
    *((kind, code) for kind, sender in SENDERS.items() for code in sender.errors),
    *(("webhook", code) for code in CARRIAGE_ERRORS),
    *(("webhook", code) for code in ENGINE_ERRORS),
]


@pytest.mark.parametrize(("kind", "code"), CODES)
@pytest.mark.parametrize("status", [Status.FAILED, Status.RETRYING])
def test_every_code_has_a_complete_explanation(
    kind: str, code: str, status: Status
) -> None:
    log = make_log(
        default_client(), channel_type=kind, status=status, error_code=code, error="no"
    )
    explanation = explain(log, attempts=[])
    assert explanation is not None
    assert code in {explanation.id, explanation.evidence.get("underlying_error")}
    assert explanation.title
    assert explanation.cause
    assert explanation.who in set(Actor)
    assert explanation.remedy
    assert all(explanation.remedy)
    assert explanation.evidence["error"] == "no"


@pytest.mark.parametrize("code", sorted(ENGINE_ERRORS))
def test_every_code_of_the_engine_says_how_to_see_that_it_is_mended(code: str) -> None:
    assert ENGINE_ERRORS[code].verify


@pytest.mark.parametrize(
    "fields",
    [
        {"status": Status.PENDING},
        {"status": Status.SENDING},
        {"status": Status.SENT},
        {"status": Status.SENT, "error_code": "response_timeout"},
    ],
)
def test_a_healthy_delivery_needs_no_explanation(fields: dict[str, Any]) -> None:
    assert explain(make_log(default_client(), **fields)) is None


@pytest.mark.parametrize(
    ("status", "code", "explained_as", "severity"),
    [
        (Status.FAILED, "", "unrecognised", Severity.CRITICAL),
        (Status.FAILED, "of_a_newer_version", "unrecognised", Severity.CRITICAL),
        (Status.CANCELLED, "", "cancelled", Severity.INFO),
        (Status.EXPIRED, "dns_failed", "expired", Severity.INFO),
        (Status.UNKNOWN, "response_timeout", "outcome_unknown", Severity.WARNING),
        (Status.RETRYING, "dns_failed", "dns_failed", Severity.WARNING),
        (Status.PENDING, "dns_failed", "dns_failed", Severity.WARNING),
        (Status.FAILED, "dns_failed", "retries_exhausted", Severity.CRITICAL),
        (Status.FAILED, "invalid_url", "invalid_url", Severity.CRITICAL),
    ],
)
def test_state_and_code_decide_what_is_explained(
    status: Status, code: str, explained_as: str, severity: Severity
) -> None:
    log = make_log(default_client(), status=status, error_code=code)
    explanation = explain(log)
    assert explanation is not None
    assert (explanation.id, explanation.severity) == (explained_as, severity)


def test_used_up_tries_are_explained_with_the_last_error_beneath() -> None:
    log = make_log(
        default_client(), status=Status.FAILED, error_code="retries_exhausted"
    )
    make_attempt(log, 1, error_code="connection_refused")
    make_attempt(
        log, 2, error_code="dns_failed", error="no such host", outcome=Outcome.NOT_SENT
    )
    explanation = explain(log)
    assert explanation is not None
    assert explanation.id == "retries_exhausted"
    assert explanation.evidence["underlying_error"] == "dns_failed"
    assert explanation.evidence["last_error"] == "no such host"
    assert str(CARRIAGE_ERRORS["dns_failed"].cause) in explanation.cause
    assert explanation.remedy[0] == str(CARRIAGE_ERRORS["dns_failed"].remedy[0])
    assert explanation.who == Actor.OWNER


@pytest.mark.parametrize("verdict", ["retries_exhausted", "too_old"])
@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (kind, row.code)
        for kind, sender in SENDERS.items()
        for row in (*sender.errors.values(), *CARRIAGE_ERRORS.values())
        if set(row.remedy) & set(WAITING_STEPS)
    ],
)
def test_who_was_given_up_is_not_told_to_wait(
    kind: str, code: str, verdict: str
) -> None:
    log = make_log(
        default_client(), channel_type=kind, status=Status.FAILED, error_code=verdict
    )
    given_up = explain(log, [make_attempt(log, 1, error_code=code)])
    log.error_code, log.status = code, Status.RETRYING
    still_tried = explain(log, [])
    assert given_up is not None
    assert still_tried is not None
    assert not set(given_up.remedy) & set(map(str, WAITING_STEPS))
    assert given_up.evidence["underlying_error"] == code
    assert set(still_tried.remedy) & set(map(str, WAITING_STEPS))


def test_the_evidence_is_what_was_seen() -> None:
    due = NOON + timedelta(hours=1)
    log = make_log(
        default_client(),
        channel_type="webhook",
        status=Status.RETRYING,
        error_code="response_timeout",
        error="no answer",
        next_attempt_at=due,
    )
    make_attempt(
        log, 1, http_status=503, latency_ms=15000, response_excerpt="busy", error="busy"
    )
    explanation = explain(log)
    assert explanation is not None
    seen = explanation.evidence
    assert seen["http_status"] == 503
    assert seen["answer"] == "busy"
    assert seen["attempts"] == 1
    assert seen["next_try_at"] == due


def test_a_whole_page_about_one_message_costs_two_queries(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    client = default_client()
    made = make_log(
        client,
        config=make_config(client, is_active=False, disabled_reason="revoked"),
        status=Status.FAILED,
        error_code="channel_disabled",
    )
    make_attempt(made, 1)
    with django_assert_num_queries(2):
        log = log_by_message_id(client, made.message_id)
        assert log is not None
        attempts = list(attempts_of(log))
        explanation = explain(log, attempts)
        timeline_of(log, attempts)
    assert explanation is not None
    assert explanation.evidence["config_is_off_because"] == "revoked"


def test_as_json_the_remedy_is_a_list() -> None:
    log = make_log(default_client(), status=Status.CANCELLED)
    explanation = explain(log)
    assert explanation is not None
    shown = explanation.as_dict()
    assert list(shown) == [
        "id",
        "severity",
        "who",
        "title",
        "cause",
        "evidence",
        "remedy",
        "verify",
    ]
    assert isinstance(shown["remedy"], list)
