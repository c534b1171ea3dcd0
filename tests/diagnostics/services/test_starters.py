"""Every starter is taken by every provider, as it comes."""

import pytest

from diagnostics.services.template_previews import preview_template
from templates_app.services.starters import LANGUAGES, starter_text
from templates_app.services.template_files import FileTemplate, read_templates

CHANNELS = {"lark", "telegram", "slack", "webhook", "email", "apprise"}
KINDS = {"alert_firing", "alert_resolved", "order", "deploy", "report", "login_code"}


def starters(language: str) -> tuple[FileTemplate, ...]:
    return read_templates(starter_text(language)).templates


ALL = [
    pytest.param(one, id=str(one.draft.key))
    for language in LANGUAGES
    for one in starters(language)
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_one_for_every_occasion(language: str) -> None:
    suffix = "" if language == "en" else "_zh"
    keys = {str(one.draft.key) for one in starters(language)}
    assert keys == {f"starter_{kind}{suffix}" for kind in KINDS}


@pytest.mark.parametrize("starter", ALL)
def test_a_starter_is_accepted_on_every_channel(starter: FileTemplate) -> None:
    shown = preview_template(starter.draft)
    assert shown.problems == ()
    assert {channel.channel_type for channel in shown.channels} == CHANNELS
    for channel in shown.channels:
        assert (channel.problem, channel.missing) == ("", ())
        assert [one.refusal for one in channel.drawings if one.refusal] == []
        assert channel.sent
        assert not any(meter.is_over for meter in channel.meters)
