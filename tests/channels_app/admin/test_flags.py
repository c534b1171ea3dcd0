"""Flags in the admin: what each does, and who turned it when and why."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from channels_app.models import FeatureFlag
from channels_app.selectors.switches import SWITCHES
from tests.people import logged_in, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

LIST = "/admin/channels_app/featureflag/"


def turn_page(name: str) -> str:
    return reverse("admin:channels_app_featureflag_turn", args=[name])


def test_every_flag_is_listed_with_what_it_does(boss: Client) -> None:
    page = boss.get(LIST).content.decode()

    for switch in SWITCHES.values():
        assert str(switch.title) in page
        assert str(switch.meaning) in page


@pytest.mark.parametrize("name", SWITCHES)
def test_a_flag_is_turned_with_who_and_why(boss: Client, name: str) -> None:
    boss.post(turn_page(name), {"to": "off", "note": "provider is down <b>"})

    flag = FeatureFlag.objects.get(name=name)
    assert (flag.is_enabled, flag.changed_by, flag.note) == (
        False,
        "boss",
        "provider is down <b>",
    )
    page = boss.get(LIST).content.decode()
    assert "provider is down &lt;b&gt;" in page
    assert "boss" in page
    assert LogEntry.objects.get().object_id == name


def test_a_flag_is_turned_back_on(boss: Client) -> None:
    for to in ("off", "on"):
        boss.post(turn_page("sending"), {"to": to})

    assert FeatureFlag.objects.get(name="sending").is_enabled


def test_asking_turns_nothing(boss: Client) -> None:
    assert boss.get(turn_page("sending")).status_code == 200
    assert not FeatureFlag.objects.exists()


def test_an_unknown_flag_is_not_found(boss: Client) -> None:
    assert boss.post(turn_page("gravity"), {"to": "off"}).status_code == 404


def test_a_viewer_looks_and_does_not_turn() -> None:
    client = logged_in(make_person("viewer"))

    assert client.get(LIST).status_code == 200
    assert turn_page("sending") not in client.get(LIST).content.decode()
    assert client.post(turn_page("sending"), {"to": "off"}).status_code == 403
    assert not FeatureFlag.objects.exists()


def test_an_operator_turns_flags() -> None:
    logged_in(make_person("operator")).post(turn_page("sending"), {"to": "off"})

    assert not FeatureFlag.objects.get(name="sending").is_enabled
