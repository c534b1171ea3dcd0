import pytest
from django.test import Client
from django.urls import URLPattern

from channels_app.api import management_urls
from templates_app.api import urls as template_urls

PATTERNS = [*management_urls.urlpatterns, *template_urls.urlpatterns]
PATHS = {
    "/api/admin/clear-cache/",
    "/api/admin/clear-queue/",
    "/api/notification-logs/",
    "/api/notification-logs/cleanup/",
    "/api/notification-logs/{log_id}/",
    "/api/notifications/retry/",
    "/api/notifications/{message_id}/",
    "/api/notifications/{message_id}/cancel/",
    "/api/notifications/{message_id}/resend/",
    "/api/queue/clear-retries/",
    "/api/queue/status/",
    "/api/templates/",
    "/api/templates/{key}/",
    "/api/templates/{key}/contents/{channel}/",
    "/api/templates/{key}/render/",
    "/api/user-configs/",
    "/api/users/{user_id}/configs/",
    "/api/users/{user_id}/configs/{channel}/",
}


@pytest.mark.django_db
def test_every_address_is_described(client: Client) -> None:
    described = client.get("/api/schema/?format=json").json()
    assert set(described["paths"]) >= PATHS
    assert len(PATHS) == len(PATTERNS)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_every_address_has_a_name_and_takes_a_trailing_slash(
    pattern: URLPattern,
) -> None:
    assert pattern.name
    assert str(pattern.pattern).endswith(r"/?\Z")
