"""A preview gives the very bytes that a send would, and sends nothing."""

import json

import pytest

from channels_app.senders.registry import SENDERS
from channels_app.services.wire_previews import (
    WirePreview,
    channel_labels,
    preview_wire,
)


def preview(
    channel: str, content: str = "Disk *full*", content_type: str = "text"
) -> WirePreview:
    return preview_wire(
        channel,
        message_id="01920000-0000-7000-8000-000000000000",
        subject="Alert",
        content=content,
        content_type=content_type,
    )


@pytest.mark.parametrize("channel", SENDERS)
def test_every_channel_has_a_sample_config_that_its_form_takes(channel: str) -> None:
    sender = SENDERS[channel]
    form = sender.form(dict(sender.sample))
    assert form.is_valid(), form.errors
    shown = preview(channel)
    assert shown.code == ""
    assert b"Disk" in shown.bodies[0]


def test_a_lark_preview_is_the_body_of_the_request() -> None:
    (body,) = preview("lark").bodies
    assert json.loads(body)["content"] == {"text": "Alert\nDisk *full*"}


def test_an_email_preview_needs_no_mail_server() -> None:
    (body,) = preview("email").bodies
    assert b"Subject: Alert" in body


def test_meters_tell_how_much_of_a_limit_is_used() -> None:
    (meter,) = preview("lark").meters
    assert (meter.unit, meter.limit, meter.is_over) == ("bytes", 20480, False)
    assert 0 < meter.used < 100


def test_what_a_sender_refuses_is_told_with_its_remedy() -> None:
    shown = preview("lark", "x" * 30_000)
    assert shown.bodies == ()
    assert shown.code
    assert shown.title
    assert shown.remedy


def test_labels_name_every_channel() -> None:
    assert channel_labels()["lark"] == "Lark / Feishu"
    assert set(channel_labels()) == set(SENDERS)
