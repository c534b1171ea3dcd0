"""The page in a real browser: it refreshes itself, and nothing in it runs."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from diagnostics.sandbox.server import RunningSandbox
from tests.diagnostics.sandbox.conftest import Caller

CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed."),
]


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser.new_page()
        browser.close()


def test_a_message_appears_without_reloading(
    page: Page, sandbox: RunningSandbox, caller: Caller
) -> None:
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    page.goto(f"{sandbox.url}/?lang=en")
    page.get_by_text("Nothing has arrived yet.").wait_for()
    attack = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    caller.call("POST", "/webhook/orders", {"text": attack})
    caller.call("POST", "/slack/services/T/B/demo", {"text": "*hello*"})
    page.locator(".message .bold", has_text="hello").wait_for()
    assert attack in page.locator(".webhook .bubble").inner_text()
    assert troubles == []


def test_an_opened_message_stays_open_when_another_arrives(
    page: Page, sandbox: RunningSandbox, caller: Caller
) -> None:
    caller.call("POST", "/webhook/first", {"a": 1})
    page.goto(f"{sandbox.url}/?lang=en")
    page.get_by_text("What was sent").click()
    caller.call("POST", "/webhook/second", {"a": 2})
    page.locator("#message-2").wait_for()
    assert page.locator("#raw-1").get_attribute("open") is not None


def test_the_form_switches_a_provider(page: Page, sandbox: RunningSandbox) -> None:
    page.goto(f"{sandbox.url}/?lang=en")
    panel = page.locator(".panel.telegram")
    panel.locator("select").select_option("hang")
    panel.locator("[name=count]").fill("2")
    panel.get_by_role("button").click()
    page.locator(".panel.telegram .state.odd").wait_for()
    switch = sandbox.behaviour.snapshot()["telegram"]
    assert (switch.mode, switch.count) == ("hang", 2)
