"""A config that died is asked once a day, and goes on by itself when it answers."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.db.models import QuerySet
from django.db.models.functions import Now

from channels_app.delivery.addresses import AddressPolicy, parse_networks
from channels_app.delivery.carrier import Carrier
from channels_app.delivery.notices import SYSTEM_NOTICE, tell_of_configs
from channels_app.delivery.probes import is_any_probe_due, run_probes
from channels_app.models import (
    Notice,
    NotificationLog,
    Priority,
    Status,
    UserConfig,
)
from channels_app.selectors.configs import masked_data
from channels_app.senders.contract import ConfigData
from channels_app.senders.telegram import TelegramSender
from channels_app.services.configs import save_config
from tests.channels_app.delivery.deliveries import stored, webhook_config
from tests.channels_app.delivery.receivers import OK, Receiver, answering, receiver
from tests.channels_app.rows import make_config

pytestmark = pytest.mark.django_db

LONG_DUE = Now() - timedelta(hours=1)
EMPTY_TELEGRAM: dict[str, object] = {
    "channel_type": "telegram",
    "public_data": {},
    "secret_data": None,
}
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with Carrier(AddressPolicy(parse_networks("127.0.0.0/8"))) as made:
        yield made


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver(answering(OK)) as running:
        yield running


@pytest.fixture
def gone() -> Iterator[Receiver]:
    with receiver(answering(GONE)) as running:
        yield running


def died(url: str, **fields: object) -> UserConfig:
    """Make a config that the product switched off, and that is due for a probe."""
    values = {
        "is_active": False,
        "disabled_reason": "http_410: gone",
        "disabled_at": Now() - timedelta(days=1),
        "next_probe_at": Now() - timedelta(seconds=1),
    }
    config = webhook_config(url, **{**values, **fields})
    config.refresh_from_db()
    return config


def failed(config: UserConfig | None, **fields: object) -> NotificationLog:
    values = {"status": "failed", "error_code": "channel_disabled"}
    return stored(config, **{**values, **fields})


def test_what_answers_is_switched_on_and_told_once(
    carrier: Carrier, there: Receiver
) -> None:
    config = died(there.url)
    other = make_config(config.client)
    assert run_probes(carrier) == 1
    config.refresh_from_db()
    assert (config.is_active, config.disabled_reason) == (True, "")
    assert (config.probe_answer, config.next_probe_at) == ("ok", None)
    assert config.version == 2
    assert (tell_of_configs(), tell_of_configs()) == (1, 0)
    notice = NotificationLog.objects.get()
    assert (notice.config, notice.metadata[SYSTEM_NOTICE]) == (other, "mended")
    assert "works again" in notice.subject
    assert there.requests[0].startswith(b"OPTIONS ")
    assert len(there.requests) == 1


def test_what_failed_because_it_was_off_goes_on(
    carrier: Carrier, there: Receiver
) -> None:
    config = died(there.url)
    going = [failed(config, ordering_key="k"), failed(config, error_code="http_410")]
    staying = [
        failed(config, error_code="message_invalid"),
        failed(config, content=""),
        failed(config, metadata={SYSTEM_NOTICE: "disabled"}),
        failed(None),
    ]
    run_probes(carrier)
    queued = NotificationLog.objects.filter(status=Status.PENDING)
    assert set(queued) == set(going)
    assert {log.priority for log in queued} == {Priority.LOW}
    assert {log.ordering_key for log in queued} == {""}
    assert NotificationLog.objects.filter(status="failed").count() == len(staying)


def test_what_is_still_gone_is_asked_again_a_day_later(
    carrier: Carrier, gone: Receiver
) -> None:
    config = died(gone.url)
    log = failed(config)
    assert (run_probes(carrier), run_probes(carrier)) == (1, 0)
    config.refresh_from_db()
    log.refresh_from_db()
    assert (config.is_active, log.status) == (False, Status.FAILED)
    assert config.probe_answer.startswith("http_410")
    assert config.probed_at is not None
    assert config.next_probe_at == config.probed_at + timedelta(days=1)
    assert config.notice_due == Notice.NONE
    assert len(gone.requests) == 1


def test_a_probe_keeps_to_the_address_policy(there: Receiver) -> None:
    config = died(there.url)
    with Carrier(AddressPolicy()) as strict:
        run_probes(strict)
    config.refresh_from_db()
    assert config.is_active is False
    assert config.probe_answer
    assert there.requests == []


@pytest.mark.parametrize(
    "fields",
    [
        {"next_probe_at": None},
        {"next_probe_at": Now() + timedelta(hours=1)},
        {"is_active": True},
        {"is_paused": True},
    ],
)
def test_nothing_else_is_probed(carrier: Carrier, fields: dict[str, object]) -> None:
    died("https://receiver.example/hook", **fields)
    assert not is_any_probe_due()
    assert run_probes(carrier) == 0


def test_a_held_kind_is_not_probed(carrier: Carrier, there: Receiver) -> None:
    died(there.url)
    assert is_any_probe_due()
    assert not is_any_probe_due(["webhook"])
    assert run_probes(carrier, ["webhook"]) == 0


def test_what_nothing_can_be_asked_of_waits_for_a_person(carrier: Carrier) -> None:
    config = died("x", channel_type="email", public_data={"to": "a@example.com"})
    run_probes(carrier)
    config.refresh_from_db()
    assert (config.is_active, config.next_probe_at) == (False, None)


def test_a_config_without_what_a_probe_needs_says_so(carrier: Carrier) -> None:
    config = died("x", channel_type="telegram", public_data={}, secret_data=None)
    run_probes(carrier)
    config.refresh_from_db()
    assert config.probe_answer.startswith("config_invalid")


def test_a_person_who_switches_it_off_ends_the_probes(there: Receiver) -> None:
    config = died(there.url)
    save_config(
        client=config.client,
        user_id=config.user_id,
        channel_type=config.channel_type,
        data=masked_data(config),
        is_active=False,
    )
    assert not is_any_probe_due()


def test_a_config_that_breaks_its_probe_loses_nobody_elses_day(
    carrier: Carrier,
    there: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stumbles(_sender: TelegramSender, _config: ConfigData) -> None:
        raise OverflowError

    monkeypatch.setattr(TelegramSender, "probe", stumbles)
    broken = died("x", next_probe_at=LONG_DUE, **EMPTY_TELEGRAM)
    config = died(there.url, user_id="u2")
    with caplog.at_level("INFO"):
        assert run_probes(carrier) == 2
    config.refresh_from_db()
    assert config.is_active
    assert f"The probe of channel config {broken.pk} broke" in caplog.text
    assert "2 probed, 1 answer again" in caplog.text


def test_a_write_that_fails_loses_nobody_elses_day(
    carrier: Carrier,
    there: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = died("x", next_probe_at=LONG_DUE, **EMPTY_TELEGRAM)
    config = died(there.url, user_id="u2")
    second = died("x", user_id="u3", **EMPTY_TELEGRAM)
    update, failures = QuerySet.update, [OperationalError("the database went away")]

    def dies(self: QuerySet[UserConfig], **fields: object) -> int:
        if failures and set(fields) == {"probe_answer"}:
            raise failures.pop()
        return update(self, **fields)

    monkeypatch.setattr(QuerySet, "update", dies)
    assert run_probes(carrier) == 3
    for one in (config, second):
        one.refresh_from_db()
    assert (config.is_active, bool(second.probe_answer)) == (True, True)
    assert f"{first.pk} broke: OperationalError" in caplog.text


def test_an_answer_that_cannot_be_stored_loses_nobody_elses_day(
    carrier: Carrier, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = [died(there.url, user_id=f"u{number}") for number in range(3)]
    update, failures = QuerySet.update, [OperationalError("the database went away")]

    def dies(self: QuerySet[UserConfig], **fields: object) -> int:
        if failures and "disabled_reason" in fields:
            raise failures.pop()
        return update(self, **fields)

    monkeypatch.setattr(QuerySet, "update", dies)
    assert run_probes(carrier) == 3
    active = UserConfig.objects.filter(pk__in=[one.pk for one in configs])
    assert active.filter(is_active=True).count() == 2


def test_old_failures_stay(
    carrier: Carrier, there: Receiver, settings: LazySettings
) -> None:
    settings.REPLAY_MAX_AGE_HOURS = 1
    config = died(there.url)
    log = failed(config)
    NotificationLog.objects.update(created_at=Now() - timedelta(hours=2))
    run_probes(carrier)
    log.refresh_from_db()
    assert log.status == Status.FAILED
