"""Sends to somebody whose configs are remembered, and where they went."""

from uuid import uuid4

from django.db import connection

from channels_app.delivery.destinations import destination_hash
from channels_app.delivery.intake import Entry, Stored, store_entries
from channels_app.delivery.new_deliveries import NewDelivery
from channels_app.delivery.once import SignatureUse
from channels_app.delivery.routes import Seen, routes_to_try
from channels_app.models import ApiClient, NotificationLog, Secret, UserConfig
from channels_app.services.plans import Envelope, TemplatesAtOnce, plan_deliveries
from channels_app.services.sending import accept_notification
from tests.channels_app.services.accepting import request

HOOK = "https://open.larksuite.com/open-apis/bot/v2/hook/"


def hook(number: int) -> Secret:
    return Secret({"webhook_url": f"{HOOK}{number}"})


def new_signature() -> SignatureUse:
    return SignatureUse(uuid4().hex, 60)


Sent = tuple[int | None, str, str, str]


def send(client: ApiClient, signature: SignatureUse | None = None) -> list[Sent]:
    """Send to u1; return what is stored: config, destination, guarantee and status."""
    accepted = accept_notification(
        client=client,
        request=request(),
        request_id="r1",
        signature=signature or new_signature(),
    )
    ids = [result["message_id"] for result in accepted.body["results"]]
    stored = NotificationLog.objects.filter(message_id__in=ids).order_by("channel_type")
    columns = ("config_id", "destination", "guarantee", "status")
    return list(stored.values_list(*columns))


def what_the_configs_say(client: ApiClient) -> list[Sent]:
    """Return what `send` has to store, by the configs as they are now."""
    active = UserConfig.objects.filter(client=client, user_id="u1", is_active=True)
    return [
        (config.pk, destination_hash(config), config.guarantee, "pending")
        for config in active.order_by("channel_type")
    ]


def run_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [])


def planned(client: ApiClient) -> tuple[list[NewDelivery], Seen | None]:
    found = next(routes_to_try(client_id=client.pk, user_id="u1"))
    envelope = Envelope(client.pk, "r1", request())
    return plan_deliveries(envelope, found.by_kind, TemplatesAtOnce()), found.seen


def store(
    plans: list[NewDelivery], seen: Seen | None, signature: SignatureUse
) -> Stored:
    return store_entries(
        [Entry(plans, lambda _stored: "{}")],
        after_commit=lambda: None,
        signature=signature,
        seen=seen,
    )
