import pytest
from django.urls import URLPattern

from channels_app.api import management_urls
from templates_app.api import urls as template_urls

PATTERNS = [*management_urls.urlpatterns, *template_urls.urlpatterns]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_every_address_has_a_name_and_takes_a_trailing_slash(
    pattern: URLPattern,
) -> None:
    assert pattern.name
    assert str(pattern.pattern).endswith(r"/?\Z")
