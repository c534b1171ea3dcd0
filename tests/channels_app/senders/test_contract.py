"""What every sender in the registry keeps. A new sender is covered by being there.

A sender's own test file `test_<kind>.py` holds `CONFIG`, its documented config, and
`REQUIRED`, the fields it cannot do without, and `JSON`, a message to Zoë of its own
shape; its answers lie in `tests/payloads/<kind>`. How the sandbox is reached for a kind
stands in `judge.py`. What is kept of requests and of answers stands in the two files
beside this one.
"""

import json

import pytest
from django import forms

from channels_app.senders.contract import (
    Actor,
    ContentType,
    KnownError,
    PermanentSendError,
)
from channels_app.senders.registry import SENDERS
from tests.channels_app.senders.every_sender import (
    config_of,
    kinds,
    prepare,
    required_of,
)
from tests.channels_app.senders.examples import message

pytestmark = pytest.mark.usefixtures("mail_settings")


@kinds
def test_a_sender_names_itself_completely(kind: str) -> None:
    sender = SENDERS[kind]
    assert sender.kind == kind
    assert str(sender.label)
    assert ContentType.TEXT in sender.content_types
    assert sender.form.secret_fields <= sender.form.base_fields.keys()


@kinds
def test_a_config_without_its_required_fields_is_refused(kind: str) -> None:
    sender = SENDERS[kind]
    for name in required_of(kind):
        broken = {k: v for k, v in config_of(kind).items() if k != name}
        assert name in sender.form(data=broken).errors
        with pytest.raises(PermanentSendError) as caught:
            prepare(sender, broken, message())
        assert caught.value.code == "config_invalid"


@kinds
def test_the_documented_config_is_accepted_and_can_be_sent_with(kind: str) -> None:
    form = SENDERS[kind].form(data=config_of(kind))
    assert form.is_valid(), form.errors
    assert form.warnings() == []
    prepare(SENDERS[kind], form.cleaned_data, message())
    json.dumps(form.cleaned_data)


@kinds
@pytest.mark.parametrize(
    "value",
    [[], {}, 7, True, None, "\0", "\ud800", "x" * 100_000, {"a": [1]}, "a: b\r\nc: d"],
    ids=repr,
)
def test_no_value_of_a_wrong_type_breaks_the_form(kind: str, value: object) -> None:
    for name in SENDERS[kind].form.base_fields:
        form = SENDERS[kind].form(data={**config_of(kind), name: value})
        if form.is_valid():
            assert isinstance(form.warnings(), list)


@kinds
def test_every_field_tells_a_person_what_it_is(kind: str) -> None:
    for name, field in SENDERS[kind].form.base_fields.items():
        assert str(field.label or ""), name
        if field.required:
            assert len(str(field.help_text)) > 20, name


@kinds
def test_the_destination_stays_the_same(kind: str) -> None:
    sender, config = SENDERS[kind], config_of(kind)
    assert sender.destination(config)
    assert sender.destination(config) == sender.destination(dict(config))


@pytest.mark.parametrize(
    ("kind", "row"),
    [(kind, row) for kind in sorted(SENDERS) for row in SENDERS[kind].errors.values()],
    ids=lambda value: value.code if isinstance(value, KnownError) else value,
)
def test_every_known_error_says_what_to_do(kind: str, row: KnownError) -> None:
    assert SENDERS[kind].errors[row.code] is row
    assert str(row.title)
    assert str(row.cause)
    assert str(row.verify)
    assert row.remedy
    assert all(str(step) for step in row.remedy)
    assert isinstance(row.actor, Actor)
    assert not str(row.title).endswith(".")
    assert str(row.cause).endswith(".")


@kinds
def test_forms_do_no_work_but_checking(kind: str) -> None:
    for field in SENDERS[kind].form.base_fields.values():
        assert isinstance(field, forms.Field)
        assert not isinstance(field, forms.FileField | forms.ModelChoiceField)
