"""Configs that are remembered: what the database says holds for the very next request."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from channels_app.delivery import routes
from channels_app.delivery.destinations import destination_hash, hash_of_destination
from channels_app.delivery.intake import Entry, NewDelivery, Stored, store_entries
from channels_app.delivery.once import SignatureSpentError, SignatureUse
from channels_app.delivery.routes import MEMORY, RoutesChangedError, Seen, routes_to_try
from channels_app.models import ApiClient, NotificationLog, Secret, UserConfig
from channels_app.models.sql import is_postgres
from channels_app.services.configs import delete_configs, save_config
from channels_app.services.plans import Envelope, TemplatesAtOnce, plan_deliveries
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.replays import use_signature
from channels_app.services.sending import accept_notification
from channels_app.services.switches import set_switch
from tests.channels_app.delivery.deliveries import default_client
from tests.channels_app.rows import BOT_TOKEN, make_client, make_config
from tests.channels_app.services.accepting import request, save
from tests.channels_app.services.test_sending_costs import statements

pytestmark = pytest.mark.django_db

HOOK = "https://open.larksuite.com/open-apis/bot/v2/hook/"
THREADS = 50
SENDS_EACH = 6
NOBODY = "USER_NO_CHANNELS"


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


def save_again(client: ApiClient) -> None:
    save_config(
        client=client,
        user_id="u1",
        channel_type="lark",
        data={"webhook_url": f"{HOOK}2"},
        guarantee="at_most_once",
    )


def add_telegram(client: ApiClient) -> None:
    make_config(
        client,
        channel_type="telegram",
        public_data={"chat_id": "42"},
        secret_data=Secret({"bot_token": BOT_TOKEN}),
    )


def restore_another(client: ApiClient) -> None:
    """Put another config in its place: the same number, the same version."""
    old = UserConfig.objects.get(client=client)
    number, version = old.pk, old.version
    old.delete()
    make_config(client, pk=number, version=version, secret_data=hook(3))


def replace_all(client: ApiClient) -> None:
    delete_configs(client=client, user_id="u1")
    make_config(client, secret_data=hook(4))


EDITS: dict[str, Callable[[ApiClient], object]] = {
    "saved anew": save_again,
    "another channel": add_telegram,
    "restored under its number": restore_another,
    "all replaced": replace_all,
    "by hand: guarantee": lambda _client: run_sql(
        "UPDATE user_configs SET guarantee = 'at_most_once'"
    ),
    "without a new version: secrets": lambda client: UserConfig.objects.filter(
        client=client
    ).update(secret_data=hook(5)),
    "of another client": lambda _client: make_config(
        make_client(), secret_data=hook(6)
    ),
}
ENDS: dict[str, Callable[[ApiClient], object]] = {
    "off by hand": lambda _client: run_sql("UPDATE user_configs SET is_active = FALSE"),
    "deleted": lambda client: delete_configs(client=client, user_id="u1"),
    "handed to another user": lambda _client: run_sql(
        "UPDATE user_configs SET user_id = 'u2'"
    ),
}


@pytest.fixture
def client() -> ApiClient:
    found = default_client()
    make_config(found, secret_data=hook(1))
    return found


@pytest.mark.parametrize("is_signed", [True, False])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_the_next_request_sees_an_edit(
    client: ApiClient, edit: Callable[[ApiClient], object], is_signed: bool
) -> None:
    first = new_signature() if is_signed else None
    assert send(client, first) == what_the_configs_say(client)
    edit(client)
    assert send(client) == what_the_configs_say(client)
    assert send(client) == what_the_configs_say(client)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_the_next_request_finds_nobody(
    client: ApiClient, end: Callable[[ApiClient], object]
) -> None:
    send(client)
    end(client)
    with pytest.raises(RequestRefusedError) as refused:
        send(client)
    assert refused.value.code == NOBODY
    assert NotificationLog.objects.count() == 1


def test_what_was_off_goes_out_once_it_is_on(client: ApiClient) -> None:
    run_sql("UPDATE user_configs SET is_active = FALSE")
    with pytest.raises(RequestRefusedError):
        send(client)
    run_sql("UPDATE user_configs SET is_active = TRUE")
    assert send(client) == what_the_configs_say(client)


def test_two_clients_have_each_their_own(client: ApiClient) -> None:
    other = make_client()
    make_config(other, secret_data=hook(9))
    for _ in range(2):
        assert send(client) == what_the_configs_say(client)
        assert send(other) == what_the_configs_say(other)
    assert what_the_configs_say(client) != what_the_configs_say(other)


@pytest.mark.parametrize("edit", ENDS.values(), ids=ENDS)
def test_an_edit_between_reading_and_storing_stores_nothing_and_spends_nothing(
    client: ApiClient, edit: Callable[[ApiClient], object]
) -> None:
    plans, seen = planned(client)
    signature = new_signature()
    edit(client)
    with pytest.raises(RoutesChangedError):
        store(plans, seen, signature)
    assert not NotificationLog.objects.exists()
    use_signature(signature)


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


def test_a_signature_is_good_once_whether_or_not_anything_changed(
    client: ApiClient,
) -> None:
    signature = new_signature()
    send(client, signature)
    for _ in range(2):
        with pytest.raises(RequestRefusedError) as refused:
            send(client, signature)
        assert refused.value.code == "REPLAYED_REQUEST"
        UserConfig.objects.update(secret_data=hook(7))
    plans, seen = planned(client)
    with pytest.raises(SignatureSpentError):
        store(plans, seen, signature)
    assert NotificationLog.objects.count() == 1


def cost(client: ApiClient) -> int:
    """Return how many statements a signed send takes, those of its transaction aside."""
    signature = new_signature()
    with CaptureQueriesContext(connection) as captured:
        accept_notification(
            client=client, request=request(), request_id="r", signature=signature
        )
    return len(statements(captured.captured_queries))


def test_what_is_remembered_saves_a_statement_and_the_switch_takes_it_back(
    client: ApiClient,
) -> None:
    least = 1 if is_postgres() else 2  # signature and deliveries: one statement or two
    send(client)
    before = MEMORY.use.hits
    assert cost(client) == least
    assert MEMORY.use.hits == before + 1
    set_switch(name="cache", is_enabled=False, changed_by="a test")
    send(client)
    assert cost(client) == least + 1
    assert MEMORY.use.hits == before + 1


def test_a_stale_memory_counts_as_a_miss(client: ApiClient) -> None:
    send(client)
    before = MEMORY.use
    UserConfig.objects.update(secret_data=hook(2))
    send(client)
    assert (MEMORY.use.hits, MEMORY.use.misses) == (before.hits, before.misses + 1)


@pytest.mark.parametrize(("is_enabled", "count"), [(True, 3), (False, 5)])
def test_the_switch_lets_templates_be_compiled_anew(
    client: ApiClient, is_enabled: bool, count: int
) -> None:
    by_template = request(content=None, template_key=save("lark"))
    set_switch(name="cache", is_enabled=is_enabled, changed_by="a test")
    accept_notification(client=client, request=by_template, request_id="r")
    with CaptureQueriesContext(connection) as captured:
        accept_notification(client=client, request=by_template, request_id="r")
    assert len(statements(captured.captured_queries)) == count


def test_memory_has_an_end(client: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "MOST_USERS", 2)
    make_config(client, "u2")
    make_config(client, "u3")
    for user_id in ("u1", "u2", "u1", "u3"):
        next(routes_to_try(client_id=client.pk, user_id=user_id))
    kept = [MEMORY.get(client.pk, user_id) for user_id in ("u1", "u2", "u3")]
    assert [found is not None for found in kept] == [True, False, True]
    monkeypatch.setattr(routes, "KEPT_SECONDS", 0.0)
    assert MEMORY.get(client.pk, "u1") is None


def test_who_edits_without_end_keeps_nobody_from_sending(client: ApiClient) -> None:
    offered = list(routes_to_try(client_id=client.pk, user_id="u1"))
    assert [found.seen is not None for found in offered] == [True, True, False]


@pytest.mark.django_db(transaction=True)
def test_fifty_threads_see_each_edit_that_was_committed_before_they_asked() -> None:
    client = default_client()
    config = make_config(client, secret_data=hook(0))
    editor = Editor(config)
    with ThreadPoolExecutor(THREADS) as pool:
        editor.start()
        spans = list(pool.map(editor.send_now, [client] * THREADS))
        editor.done.set()
        editor.join()
    assert editor.committed > 0
    for earliest, latest, sent in [span for mine in spans for span in mine]:
        assert earliest <= editor.numbers[sent] <= latest


class Editor(Thread):
    """Gives a config one address after the other, and notes when each may be met."""

    def __init__(self, config: UserConfig) -> None:
        super().__init__()
        self.config = config
        self.done = Event()
        self.begun = self.committed = 0
        self.numbers = {destination_hash(config): 0}

    def run(self) -> None:
        while not self.done.is_set():
            number = self.begun + 1
            self.numbers[hash_of_destination("lark", {}, hook(number))] = number
            self.begun = number
            UserConfig.objects.filter(pk=self.config.pk).update(
                secret_data=hook(number), version=F("version") + 1
            )
            self.committed = number
        connection.close()

    def send_now(self, client: ApiClient) -> list[tuple[int, int, str]]:
        """Send some; return the edits that each may have met, and where it went."""
        spans = []
        for _ in range(SENDS_EACH):
            earliest = self.committed
            [(_config, sent, _guarantee, _status)] = send(client)
            spans.append((earliest, self.begun, sent))
        connection.close()
        return spans
