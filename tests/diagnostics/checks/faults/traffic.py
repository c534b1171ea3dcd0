"""Faults of what is sent: providers, channels, templates and secrets."""

from django.db.models.functions import Now

from channels_app.models import Breaker, Outcome, Status, UserConfig
from templates_app.models import TemplateContent
from templates_app.services import save_template
from tests.channels_app.delivery.deliveries import webhook_config
from tests.diagnostics.checks.faults.planting import (
    CRITICAL,
    INFO,
    WARNING,
    Fault,
    Hand,
    attempts,
    log,
    sql,
)

URL = "https://receiver.example/hook"


def a_provider_that_often_fails(hand: Hand) -> None:
    attempts(Outcome.OK, 20)
    attempts(Outcome.FAILED, 10, error_code="http_500")


def a_provider_that_is_down(hand: Hand) -> None:
    attempts(Outcome.OK, 5)
    attempts(Outcome.FAILED, 20, error_code="http_500")


def a_provider_that_answers_slowly(hand: Hand) -> None:
    attempts(Outcome.OK, 20, latency_ms=9000)


def deliveries_that_failed(hand: Hand) -> None:
    for _number in range(20):
        log(status=Status.FAILED, error_code="http_500", created_at=Now())


def an_open_breaker(hand: Hand) -> None:
    Breaker.objects.create(config=webhook_config(URL), open_until=10.0**11)


def a_channel_that_is_gone(hand: Hand) -> None:
    webhook_config(
        URL, is_active=False, disabled_at=Now(), disabled_reason="http_410: gone"
    )


def a_template_broken_in_the_database(hand: Hand) -> None:
    save_template(
        key="order",
        name="Order",
        author="somebody",
        variables=["name"],
        contents={"slack": {"content_template": "Hello {{name}}"}},
    )
    TemplateContent.objects.update(content_template="{% for x in %}")


def a_secret_under_a_lost_key(hand: Hand) -> None:
    webhook_config(URL)
    hand.settings.ENCRYPT_KEY = "another-key-of-thirty-two-bytes!"
    hand.settings.ENCRYPT_KEYS_OLD = []


def a_damaged_secret(hand: Hand) -> None:
    config = webhook_config(URL)
    rows = UserConfig.objects.filter(pk=config.pk)
    sql(
        "UPDATE user_configs SET secret_data = substr(secret_data, 1, 30)"
        " || 'AAAA' || substr(secret_data, 35) WHERE id = %s",
        rows.get().pk,
    )


TRAFFIC_FAULTS = (
    Fault(a_provider_that_often_fails, "providers.failing", WARNING),
    Fault(a_provider_that_is_down, "providers.failing", CRITICAL),
    Fault(a_provider_that_answers_slowly, "providers.slow", WARNING),
    Fault(deliveries_that_failed, "traffic.many_failed", INFO),
    Fault(an_open_breaker, "providers.breakers_open", WARNING),
    Fault(a_channel_that_is_gone, "providers.configs_off", WARNING),
    Fault(a_template_broken_in_the_database, "templates.broken", CRITICAL),
    Fault(a_secret_under_a_lost_key, "secrets.unreadable", CRITICAL),
    Fault(a_damaged_secret, "secrets.unreadable", CRITICAL),
)
