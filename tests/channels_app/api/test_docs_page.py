"""The page of the API in a browser: whole, and nothing of it from elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed."),
]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    # Playwright's loop runs in this thread, and Django then suspects async code.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser.new_page()
        browser.close()


def test_the_page_shows_the_api_and_loads_nothing_from_outside(
    page: Page, live_server: LiveServer
) -> None:
    asked: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda said: troubles.append(said.text) if said.type == "error" else None,
    )
    page.goto(f"{live_server.url}/api/docs/")
    summary = page.get_by_text("Send a notification", exact=True)
    summary.first.wait_for()
    summary.first.click()
    page.get_by_text("Idempotent-Replayed").first.wait_for()
    own = urlsplit(live_server.url).netloc
    elsewhere = [
        url
        for url in asked
        if urlsplit(url).scheme != "data" and urlsplit(url).netloc != own
    ]
    assert any("/api/schema" in url for url in asked)
    assert elsewhere == []
    assert troubles == []
