"""An operator writes a template in the browser and sees what will arrive while typing."""

import re
import secrets
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.journeys.service import Service

CHROMIUM = shutil.which("chromium")
NEW = "/admin/templates_app/notificationtemplate/add/"

pytestmark = [
    pytest.mark.journey,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed."),
]


@pytest.fixture(scope="module")
def password(shared_service: Service) -> str:
    said = shared_service.installation.manage("first_admin")
    found = re.search(r"password\s+(\S+)", said)
    assert found
    return found[1]


@pytest.fixture
def page(service: Service, password: str) -> Iterator[Page]:
    base = f"http://127.0.0.1:{service.installation.port}"
    troubles: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_context(base_url=base, locale="en-US").new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        page.on("request", lambda request: _note_outside(request.url, base, troubles))
        page.goto("/admin/login/")
        page.fill("[name=username]", "admin")
        page.fill("[name=password]", password)
        page.click("[type=submit]")
        yield page
        browser.close()
    assert troubles == []


def _note_outside(address: str, base: str, troubles: list[str]) -> None:
    if not address.startswith((base, "data:", "about:")):
        troubles.append(address)


def editor(page: Page, field: str) -> Locator:
    return page.locator(f".cm-editor:has(+ #id_{field}) .cm-content")


def write(page: Page, field: str, text: str) -> None:
    """Type over what an editor holds, as a person would."""
    place = editor(page, field)
    place.scroll_into_view_if_needed()
    place.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def is_beside(one: Locator, other: Locator) -> bool:
    """Tell whether one stands on the right of the other, both in sight."""
    left, right = other.bounding_box(), one.bounding_box()
    assert left
    assert right
    is_level = right["y"] < left["y"] + left["height"] < 720
    return is_level and right["x"] >= left["x"] + left["width"]


def opened(page: Page) -> str:
    """Open the form of a new template with its name and samples; return its key."""
    key = f"t{secrets.token_hex(4)}"
    page.goto(NEW)
    page.fill("#id_template_key", key)
    page.fill("#id_template_name", "Disk full")
    page.fill("#id_variable_names", "host")
    write(page, "sample_variables", '{"host": "db<1>"}')
    page.get_by_text("Telegram", exact=True).first.click()
    return key


def test_the_preview_follows_the_keys_and_a_broken_template_says_what_is_wrong(
    page: Page,
) -> None:
    key = opened(page)
    preview = page.locator("[data-live-drawings]")
    write(page, "content_telegram", "Disk of {{host}} is full")
    expect(preview.get_by_text("Disk of db<1> is full").first).to_be_visible()
    assert is_beside(preview, editor(page, "content_telegram"))

    write(page, "content_telegram", "Disk of {{host is full")
    expect(preview.locator(".nt-bad").first).to_be_visible()
    expect(page.locator(".cm-lint-marker-error").first).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("ul.errorlist, .errors, [id$=_error]").first).to_be_visible()
    assert "/add/" in page.url

    write(page, "content_telegram", "Disk of {{host}} is full")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name=key).first).to_be_visible()


def test_a_draft_is_published_and_an_old_version_comes_back(page: Page) -> None:
    key = opened(page)
    write(page, "content_telegram", "First text")
    page.get_by_role("button", name="Save and continue editing").click()
    write(page, "content_telegram", "Second text")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(
        page.get_by_text("The draft is kept. Version 1 is still live.")
    ).to_be_visible()
    page.get_by_role("link", name="Compare with the live version").click()
    expect(page.locator(".nt-diff-new", has_text="Second text")).to_be_visible()
    page.get_by_role("link", name="Back to the template").click()

    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("Version 1 is live until")).to_have_count(0)
    page.get_by_role("button", name="Go back to this").first.click()
    expect(page.get_by_text("Version 1 is live again, as version 3.")).to_be_visible()
    expect(editor(page, "content_telegram")).to_have_text("First text")
    assert key in page.title()


def test_a_new_template_begins_as_a_draft_and_is_tested_in_the_sandbox(
    page: Page,
) -> None:
    key = opened(page)
    write(page, "content_telegram", "Disk of {{host}} is nearly full")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_text("Nothing is live yet.")).to_be_visible()
    page.get_by_role("link", name="Send a test").click()
    page.locator("#id_channel_type").select_option("telegram")
    page.get_by_role("button", name="Send the test").click()
    expect(page.get_by_role("heading", name="It arrived")).to_be_visible()
    expect(page.locator(".nt-doctor-good")).to_have_count(6)
    drawn = page.locator("article.telegram")
    expect(drawn.get_by_text("Disk of db<1> is nearly full")).to_be_visible()
    assert key in page.title()
