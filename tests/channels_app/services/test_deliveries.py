from datetime import timedelta

import pytest
from django.utils import timezone

from channels_app.models import SETTLED, ApiClient, NotificationLog, Scope, Status
from channels_app.services.deliveries import (
    cancel_delivery,
    resend_delivery,
    settle_held,
)
from channels_app.services.log_deletion import delete_log, delete_settled_logs
from channels_app.services.refusals import RequestRefusedError
from tests.channels_app.rows import (
    NOON,
    default_client,
    make_attempt,
    make_client,
    make_config,
    make_log,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller() -> ApiClient:
    return default_client()


@pytest.mark.parametrize("status", [Status.PENDING, Status.RETRYING])
def test_a_waiting_delivery_is_cancelled_at_once(
    caller: ApiClient, status: Status
) -> None:
    log = cancel_delivery(log=make_log(caller, status=status))
    assert (log.status, log.error_code) == (Status.CANCELLED, "cancelled")
    assert log.settled_at is not None


def test_one_under_way_is_asked_to_stop(caller: ApiClient) -> None:
    log = cancel_delivery(log=make_log(caller, status=Status.SENDING))
    assert (log.status, log.cancel_requested) == (Status.SENDING, True)


def test_what_a_delivery_became_meanwhile_decides_about_its_cancellation(
    caller: ApiClient,
) -> None:
    log = make_log(caller, status=Status.RETRYING)
    NotificationLog.objects.filter(pk=log.pk).update(status=Status.SENT)
    with pytest.raises(RequestRefusedError) as refused:
        cancel_delivery(log=log)
    assert refused.value.code == "CONFLICT"


@pytest.mark.parametrize(
    "status",
    [Status.SENT, Status.FAILED, Status.CANCELLED, Status.EXPIRED, Status.UNKNOWN],
)
def test_what_is_settled_or_held_cannot_be_cancelled(
    caller: ApiClient, status: Status
) -> None:
    log = make_log(caller, status=status)
    with pytest.raises(RequestRefusedError) as refused:
        cancel_delivery(log=log)
    assert refused.value.status == 409
    log.refresh_from_db()
    assert log.status == status


def test_a_failed_delivery_starts_anew_with_all_its_tries(caller: ApiClient) -> None:
    old = make_log(
        caller,
        status=Status.FAILED,
        retry_count=6,
        crash_count=2,
        attempt_no=7,
        error_code="dns_failed",
        error="no",
        settled_at=NOON,
        expires_at=NOON,
    )
    log = resend_delivery(log=old, request_id="r2")
    assert log.pk == old.pk
    assert (log.status, log.retry_count, log.crash_count) == (Status.PENDING, 0, 0)
    assert (log.error_code, log.error, log.settled_at) == ("", "", None)
    assert log.expires_at is None
    assert log.attempt_no == 7
    assert log.may_duplicate is False
    assert log.next_attempt_at > NOON


def test_an_expiry_that_is_still_ahead_is_kept(caller: ApiClient) -> None:
    ahead = timezone.now() + timedelta(days=1)
    old = make_log(caller, status=Status.FAILED, expires_at=ahead)
    assert resend_delivery(log=old, request_id="r2").expires_at == ahead


def test_a_held_delivery_that_is_resent_may_arrive_twice(caller: ApiClient) -> None:
    log = resend_delivery(log=make_log(caller, status=Status.UNKNOWN), request_id="r2")
    assert (log.status, log.may_duplicate) == (Status.PENDING, True)


def test_a_resent_delivery_finds_the_config_that_was_made_anew(
    caller: ApiClient,
) -> None:
    make_config(make_client("other"))
    old = make_log(caller, status=Status.FAILED, error_code="config_missing")
    config = make_config(caller)
    assert resend_delivery(log=old, request_id="r2").config == config


def test_a_sent_delivery_is_sent_again_as_a_new_one(caller: ApiClient) -> None:
    config = make_config(caller)
    old = make_log(
        caller,
        config=config,
        status=Status.SENT,
        attempt_no=2,
        metadata={"a": 1},
        subject="s",
    )
    new = resend_delivery(log=old, request_id="r2")
    assert new.pk != old.pk
    assert (new.status, new.attempt_no, new.request_id) == (Status.PENDING, 0, "r2")
    assert (new.content, new.subject, new.config) == ("hello", "s", config)
    assert new.metadata == {"a": 1, "resent_from": old.message_id}
    old.refresh_from_db()
    assert old.status == Status.SENT


@pytest.mark.parametrize(
    "status",
    [
        Status.PENDING,
        Status.RETRYING,
        Status.SENDING,
        Status.CANCELLED,
        Status.EXPIRED,
    ],
)
def test_nothing_else_can_be_resent(caller: ApiClient, status: Status) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        resend_delivery(log=make_log(caller, status=status), request_id="r2")
    assert refused.value.code == "CONFLICT"


def test_a_sent_one_without_a_config_cannot_be_sent_again(caller: ApiClient) -> None:
    with pytest.raises(RequestRefusedError):
        resend_delivery(log=make_log(caller, status=Status.SENT), request_id="r2")


def test_what_was_never_written_is_not_sent(caller: ApiClient) -> None:
    log = make_log(caller, status=Status.FAILED, content="")
    with pytest.raises(RequestRefusedError) as refused:
        resend_delivery(log=log, request_id="r2")
    assert refused.value.code == "CONFLICT"


@pytest.mark.parametrize(
    "status", [Status.SENT, Status.FAILED, Status.CANCELLED, Status.EXPIRED]
)
def test_a_settled_delivery_can_be_deleted(caller: ApiClient, status: Status) -> None:
    log = make_log(caller, status=status)
    make_attempt(log, 1)
    assert delete_log(client=caller, log_id=log.pk).user_id == "u1"
    assert not NotificationLog.objects.exists()


@pytest.mark.parametrize(
    "status", [Status.PENDING, Status.RETRYING, Status.SENDING, Status.UNKNOWN]
)
def test_an_unsettled_delivery_cannot_be_deleted(
    caller: ApiClient, status: Status
) -> None:
    log = make_log(caller, status=status)
    with pytest.raises(RequestRefusedError) as refused:
        delete_log(client=caller, log_id=log.pk)
    assert refused.value.code == "CONFLICT"


def test_anothers_delivery_is_not_there(caller: ApiClient) -> None:
    log = make_log(make_client("other"), status=Status.SENT)
    with pytest.raises(RequestRefusedError) as refused:
        delete_log(client=caller, log_id=log.pk)
    assert refused.value.code == "NOT_FOUND"


def test_cleaning_up_spares_the_unsettled_the_newer_and_the_foreign(
    caller: ApiClient,
) -> None:
    earlier = NOON - timedelta(days=1)
    spared = [
        *(
            make_log(caller, status=status, created_at=earlier)
            for status in (
                Status.PENDING,
                Status.RETRYING,
                Status.SENDING,
                Status.UNKNOWN,
            )
        ),
        make_log(caller, status=Status.SENT, created_at=NOON),
        make_log(make_client("other"), status=Status.SENT, created_at=earlier),
    ]
    for _ in range(3):
        make_attempt(make_log(caller, status=Status.SENT, created_at=earlier), 1)
    deleted = delete_settled_logs(client=caller, before=NOON)
    assert (deleted.count, deleted.has_more) == (3, False)
    assert set(NotificationLog.objects.all()) == set(spared)


def test_cleaning_up_ends_and_says_that_there_is_more(caller: ApiClient) -> None:
    for _ in range(5):
        make_log(caller, status=Status.SENT, created_at=NOON - timedelta(days=1))
    first = delete_settled_logs(client=caller, before=NOON, at_most=3)
    assert (first.count, first.has_more) == (3, True)
    rest = delete_settled_logs(client=caller, before=NOON, at_most=3)
    assert (rest.count, rest.has_more) == (2, False)


def test_an_admin_cleans_up_everybodys_logs() -> None:
    admin = make_client("admin", [Scope.ADMIN])
    make_log(make_client("other"), status=Status.SENT)
    deleted = delete_settled_logs(client=admin, before=timezone.now())
    assert deleted.count == 1


@pytest.mark.parametrize("status", [*SETTLED, Status.PENDING, Status.SENDING])
@pytest.mark.parametrize("has_arrived", [True, False])
def test_only_a_held_delivery_is_settled_by_hand(
    status: Status, has_arrived: bool
) -> None:
    log = make_log(default_client(), status=status)
    with pytest.raises(RequestRefusedError) as refused:
        settle_held(log=log, has_arrived=has_arrived)
    assert refused.value.code == "CONFLICT"


def test_what_arrived_after_all_has_no_error_any_more() -> None:
    held = {"status": Status.UNKNOWN, "error_code": "outcome_unknown", "error": "?"}
    log = settle_held(log=make_log(default_client(), **held), has_arrived=True)
    assert (log.status, log.error_code, log.error) == ("sent", "", "")
    assert log.sent_at is not None
