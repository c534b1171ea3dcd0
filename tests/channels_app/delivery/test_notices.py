"""Who hears that a channel died: the user's other channels and the operators, once."""

import pytest
from django.conf import LazySettings
from django.db import OperationalError
from django.db.models import QuerySet

from channels_app.delivery.configs_mended import apply_to_configs
from channels_app.delivery.notices import SYSTEM_NOTICE, tell_of_configs
from channels_app.delivery.outcomes import Verdict
from channels_app.delivery.recording import Result
from channels_app.models import (
    Notice,
    NotificationLog,
    Outcome,
    Priority,
    Secret,
    Status,
    UserConfig,
)
from channels_app.selectors.configs import masked_data
from channels_app.services.configs import save_config
from channels_app.tasks.ticker import Ticker
from tests.channels_app.delivery.deliveries import default_client as engine_client
from tests.channels_app.rows import (
    BOT_TOKEN,
    default_client,
    make_client,
    make_config,
    make_log,
)

pytestmark = pytest.mark.django_db


def telegram(user_id: str = "u1", **fields: object) -> UserConfig:
    values = {
        "channel_type": "telegram",
        "public_data": {"chat_id": "42"},
        "secret_data": Secret({"bot_token": BOT_TOKEN}),
    }
    return make_config(default_client(), user_id, **{**values, **fields})


def gone(config: UserConfig, **fields: object) -> None:
    """Let a delivery find out that the destination no longer exists."""
    log = make_log(config.client, config=config, status=Status.FAILED, **fields)
    result = Result(
        log_id=log.pk,
        attempt_no=1,
        outcome=Outcome.REJECTED,
        status=Status.FAILED,
        error_code="bot_blocked",
        error="Forbidden: bot was blocked by the user",
    )
    apply_to_configs([Verdict(result, is_destination_gone=True)])


def switch_on_by_hand(config: UserConfig) -> None:
    save_config(
        client=config.client,
        user_id=config.user_id,
        channel_type=config.channel_type,
        data=masked_data(config),
        is_active=True,
    )


def notices() -> list[NotificationLog]:
    told = NotificationLog.objects.filter(status=Status.PENDING).order_by("pk")
    return [log for log in told if SYSTEM_NOTICE in log.metadata]


def test_the_users_other_active_channels_are_told() -> None:
    config, lark = telegram(), make_config(default_client())
    make_config(default_client(), channel_type="slack", is_active=False)
    make_config(make_client("other"))
    make_config(default_client(), "u2")
    gone(config)
    assert tell_of_configs() == 1
    [notice] = notices()
    assert (notice.config, notice.user_id, notice.priority) == (lark, "u1", 0)
    assert notice.priority == Priority.HIGH
    assert notice.metadata == {SYSTEM_NOTICE: "disabled", "config": config.pk}
    assert notice.destination


def test_the_notice_says_what_happened_why_what_to_do_and_where() -> None:
    config = telegram()
    make_config(default_client())
    gone(config)
    tell_of_configs()
    [notice] = notices()
    assert "Telegram of u1 is switched off" in notice.subject
    assert "bot_blocked" in notice.content
    assert "bot was blocked by the user" in notice.content
    assert "What to do:" in notice.content
    assert "the owner of the channel" in notice.content
    assert f"number {config.pk}" in notice.content
    assert BOT_TOKEN not in notice.content


def test_the_operators_are_told_once_even_of_their_own(settings: LazySettings) -> None:
    settings.OPERATOR_USER_ID = "ops"
    config = telegram()
    operator = make_config(default_client(), "ops")
    make_config(make_client("stranger"), "ops")
    gone(config)
    assert tell_of_configs() == 1
    assert [notice.config for notice in notices()] == [operator]
    own = telegram("ops")
    gone(own)
    assert tell_of_configs() == 1


def test_the_log_says_what_was_switched_off_and_how_many_were_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = telegram()
    make_config(default_client())
    with caplog.at_level("INFO"):
        gone(config)
        tell_of_configs()
    assert f"Channel config {config.pk} is switched off: bot_blocked." in caplog.text
    assert "Forbidden" not in caplog.text
    assert "1 notices about 1 channel configs are stored." in caplog.text
    assert "Nobody" not in caplog.text


def test_one_disabling_is_told_once() -> None:
    config = telegram()
    make_config(default_client())
    gone(config)
    gone(config)
    assert (tell_of_configs(), tell_of_configs()) == (1, 0)
    gone(config)
    assert tell_of_configs() == 0


def test_a_new_disabling_is_told_anew() -> None:
    config = telegram()
    make_config(default_client())
    gone(config)
    tell_of_configs()
    switch_on_by_hand(config)
    gone(config)
    assert tell_of_configs() == 1


def test_a_notice_that_cannot_arrive_makes_no_notice() -> None:
    config = telegram()
    make_config(default_client())
    gone(config, metadata={SYSTEM_NOTICE: "disabled"})
    config.refresh_from_db()
    assert (config.is_active, config.notice_due) == (False, Notice.NONE)
    assert tell_of_configs() == 0


def test_nothing_is_told_of_what_a_person_mended_before() -> None:
    config = telegram()
    make_config(default_client())
    gone(config)
    switch_on_by_hand(config)
    assert tell_of_configs() == 0


def test_whoever_has_no_other_channel_is_not_told_for_ever(
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = telegram()
    gone(config)
    assert tell_of_configs() == 0
    assert f"Nobody can be told about channel config {config.pk}" in caplog.text
    config.refresh_from_db()
    assert config.notice_due == Notice.NONE


def test_a_died_config_has_its_first_probe_a_day_later() -> None:
    config = telegram()
    gone(config)
    config.refresh_from_db()
    assert config.disabled_at is not None
    assert config.next_probe_at is not None
    hours = (config.next_probe_at - config.disabled_at).total_seconds() / 3600
    assert 24 <= hours < 26.1


def test_the_ticker_tells_what_a_crash_left_untold() -> None:
    config = telegram()
    make_config(default_client())
    gone(config)
    Ticker().tick()
    assert len(notices()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_notice_is_stored_with_what_is_told_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = engine_client()
    config = make_config(client, channel_type="telegram")
    make_config(client)
    gone(config)
    update = QuerySet.update

    def dies(self: QuerySet[UserConfig], **fields: object) -> int:
        if "notice_due" in fields:
            raise OperationalError("the database went away")
        return update(self, **fields)

    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "update", dies)
        with pytest.raises(OperationalError):
            tell_of_configs()
    assert not notices()
    assert tell_of_configs() == 1
