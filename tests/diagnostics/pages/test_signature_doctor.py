"""The page of the signature doctor: who may use it, what it shows, what it never does."""

import re
import time
from dataclasses import replace

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.test.utils import override_settings

from channels_app.models import ApiClient, UsedSignature
from notifications_client.doctor import Pasted
from tests.channels_app.services.signatures.pastes import (
    KEY_ID,
    as_curl,
    as_http,
    make_shop,
)
from tests.client.test_doctor import BODY, SECRET, pasted, signed
from tests.people import logged_in, make_person, make_superuser

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

PAGE = "/admin/signature-doctor/"


@pytest.fixture(autouse=True)
def shop() -> ApiClient:
    return make_shop()


@pytest.fixture
def boss() -> Client:
    return logged_in(make_superuser())


def fresh(mark: bytes = b"") -> Pasted:
    """Make a request of this moment, with something between stamp and body."""
    stamp = str(time.time_ns() // 1_000_000)
    signature = signed(stamp.encode() + mark + BODY)
    return pasted(signature, X_Timestamp=stamp)


def ask(person: Client, text: str, client: str = "") -> str:
    answer = person.post(PAGE, {"request": text, "client": client})
    assert answer.status_code == 200
    return answer.content.decode()


def steps(page: str, mark: str) -> list[str]:
    return re.findall(rf'nt-doctor-{mark}" data-step="(\w+)"', page)


@pytest.mark.parametrize("way", [as_http, as_curl])
def test_a_good_request_has_only_good_steps(boss: Client, way: type) -> None:
    page = ask(boss, way(fresh()))
    assert "The signature is good" in page
    assert len(steps(page, "good")) == 10
    assert "The messages are the same, byte for byte." in page
    assert not UsedSignature.objects.exists()


def test_a_mistake_is_named_with_both_messages_marked_where_they_part(
    boss: Client,
) -> None:
    page = ask(boss, as_http(fresh(b".")))
    assert "There is a separator between timestamp and payload" in page
    assert '<mark class="nt-good">{</mark>' in page
    assert '<mark class="nt-bad">.</mark>' in page
    assert "They part at byte 13." in page
    assert steps(page, "bad") == ["signature"]
    assert steps(page, "open") == ["replay"]


def test_what_nobody_sees_is_made_visible(boss: Client) -> None:
    assert '<mark class="nt-bad">‹LF›</mark>' in ask(boss, as_http(fresh(b"\n")))


def test_neither_secret_nor_signature_nor_the_paste_come_back(boss: Client) -> None:
    request = fresh(b".")
    text = as_http(replace(request, target=f"/api/x?secret={SECRET}"))
    page = ask(boss, text)
    assert SECRET not in page
    assert request.headers["x-signature"] not in page
    stamp = request.headers["x-timestamp"].encode()
    assert signed(stamp + BODY) not in page


def test_markup_in_a_request_is_text(boss: Client) -> None:
    bold = b"<b>bold</b>"
    assert bold.decode() not in ask(boss, as_http(replace(fresh(), bodies=(bold,))))


def test_a_chosen_client_is_the_one_that_is_meant(boss: Client) -> None:
    text = as_http(fresh()).replace(f"x-key-id: {KEY_ID}\n", "")
    assert steps(ask(boss, text), "bad") == ["signature"]
    page = ask(boss, text, KEY_ID)
    assert steps(page, "bad") == ["key_id"]
    assert f'value="{KEY_ID}" selected' in page


def test_what_is_no_request_is_said_and_kept_to_mend(boss: Client) -> None:
    page = ask(boss, "hello doctor")
    assert "nor a curl command" in page
    assert "hello doctor" in page
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("mark", [b"", b"."])
def test_who_examined_what_is_kept_without_the_request(
    boss: Client, shop: ApiClient, mark: bytes
) -> None:
    request = fresh(mark)
    ask(boss, as_http(request))
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.object_repr) == (str(shop.pk), str(shop))
    assert ("separator" if mark else "good") in entry.change_message
    assert request.headers["x-signature"] not in entry.change_message
    assert "user_id" not in entry.change_message


def test_an_unknown_client_is_kept_by_its_key_id(boss: Client) -> None:
    ask(boss, as_http(fresh()).replace(f"x-key-id: {KEY_ID}", "x-key-id: nobody"))
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.object_repr) == (None, "nobody")


def test_nobody_tries_more_than_the_api_allows(boss: Client) -> None:
    with override_settings(LIMIT_BAD_SIGNATURES=1):
        ask(boss, as_http(fresh(b".")))
        page = ask(boss, as_http(fresh()))
    assert "Too many requests were examined" in page
    assert steps(page, "good") == []
    assert LogEntry.objects.count() == 1


def test_only_who_may_see_api_clients_may_ask() -> None:
    stranger = make_person("viewer")
    stranger.groups.clear()
    assert logged_in(stranger).get(PAGE).status_code == 403
    assert logged_in(stranger).post(PAGE, {"request": "x"}).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_the_page_is_not_cached_and_in_the_menu(boss: Client, shop: ApiClient) -> None:
    answer = boss.get(PAGE, {"client": KEY_ID})
    assert "no-store" in answer.headers["Cache-Control"]
    assert f'value="{KEY_ID}" selected' in answer.content.decode()
    assert PAGE in boss.get("/admin/").content.decode()
    of_client = f"/admin/channels_app/apiclient/{shop.pk}/change/"
    assert f"{PAGE}?client={KEY_ID}" in boss.get(of_client).content.decode()
