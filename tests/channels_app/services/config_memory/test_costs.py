"""What the memory of configs saves, when it is cold, and where it ends."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.delivery import routes
from channels_app.delivery.routes import MEMORY, routes_to_try
from channels_app.models import ApiClient, UserConfig
from channels_app.models.sql import is_postgres
from channels_app.services.sending import accept_notification
from channels_app.services.switches import set_switch
from tests.channels_app.rows import make_config
from tests.channels_app.services.accepting import request, save
from tests.channels_app.services.config_memory.sends import hook, new_signature, send
from tests.channels_app.services.test_sending_costs import statements

pytestmark = pytest.mark.django_db


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
