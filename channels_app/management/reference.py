"""The reference pages that are made from the code: errors and channels, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from django import forms
from django.utils import translation

from channels_app.delivery.carriage_errors import CARRIAGE_ERRORS
from channels_app.delivery.errors import ENGINE_ERRORS
from channels_app.senders.contract import (
    Actor,
    BlockingSender,
    FailureClass,
    KnownError,
    Limits,
    Sender,
)
from channels_app.senders.links import AnyCaseChoiceField
from channels_app.senders.registry import SENDERS
from channels_app.services.refusals import REFUSALS, RefusalCode

MADE = "<!-- Made from the code by `manage.py reference_pages`: do not edit. -->"
EVERY_CHANNEL = "Every channel"
OVER_HTTP = "Every channel over HTTP"
WHO = {
    Actor.CALLER: "the program that sent the request",
    Actor.OWNER: "the owner of the channel",
    Actor.OPERATOR: "whoever runs this system",
    Actor.TEMPLATE_AUTHOR: "the author of the template",
    Actor.PROVIDER: "the provider",
}
WHAT_FOLLOWS = {
    FailureClass.RETRYABLE: "tried again by itself",
    FailureClass.PERMANENT: "not tried again",
    FailureClass.CONFIG: "not tried again until the cause is mended",
    FailureClass.GONE: "not tried again, and the channel config is switched off",
}
ERRORS_INTRO = """\
# Errors

Every code that this system answers with or writes into its log. A program may rely on
the codes; the sentences may change.

- [Refused requests](#refused-requests): the API did not take the request.
- [Failed deliveries](#failed-deliveries): the request was taken, a delivery did not
  arrive. `GET /api/notifications/{message_id}` and the delivery's page in the admin show
  the same explanation, together with the evidence of that one delivery.

## Refused requests

The answer is JSON: `error` (a sentence), `code`, `hint` and `request_id`; often
`details`. Where waiting helps, the header `Retry-After` says how many seconds.
Sentence and hint are more exact than here where the place that refuses knows more.

| code | status | what happened | what to do |
| --- | --- | --- | --- |
"""
FAILURES_INTRO = """
## Failed deliveries

The code stands in `error_code` of the log, of the attempt, and in the explanation's
`id`. A code is looked up in this order: the channel's own, the carriage's, the engine's.
"""
CHANNELS_INTRO = """\
# Channels

What a channel config holds, for each kind of channel. `POST /api/user-configs` takes
the fields as `config_data`; the admin shows the same form. Secret fields are encrypted at
rest and never shown again: answers hold a mask in their place.
"""
LIMIT_WORDS: tuple[tuple[str, str], ...] = (
    ("content_characters", "content {:,} characters"),
    ("body_bytes", "body {:,} bytes"),
    ("sends_per_second", "sends a second: {:g}"),
    ("sends_per_minute", "sends a minute: {:,}"),
)


def pages() -> Mapping[str, str]:
    """Return each page's text by its file name in docs/reference."""
    makers: Mapping[str, Callable[[], str]] = {
        "errors.md": errors_page,
        "channels.md": channels_page,
    }
    with translation.override("en"):
        return {name: make() for name, make in makers.items()}


def errors_page() -> str:
    """Return every refusal of the API and every explanation of a delivery."""
    refusals = "".join(_refusal_row(*item) for item in REFUSALS.items())
    tables = "".join(_error_table(*section) for section in _sections())
    return f"{MADE}\n\n{ERRORS_INTRO}{refusals}{FAILURES_INTRO}{tables}"


def channels_page() -> str:
    """Return the fields of each kind of channel config."""
    return f"{MADE}\n\n{CHANNELS_INTRO}" + "".join(map(_channel, SENDERS.values()))


def _refusal_row(code: str, row: RefusalCode) -> str:
    return f"| `{code}` | {row.status} | {_text(row.message)} | {_text(row.hint)} |\n"


def _sections() -> Iterator[tuple[str, str, Iterable[KnownError]]]:
    yield (
        "The engine",
        "What stops a delivery besides providers.",
        ENGINE_ERRORS.values(),
    )
    yield (
        "The carriage",
        "The request was not carried, or brought no answer.",
        CARRIAGE_ERRORS.values(),
    )
    yield (
        EVERY_CHANNEL,
        "Messages and answers that mean the same on each channel.",
        _shared_errors().values(),
    )
    yield (
        OVER_HTTP,
        "Answers that mean the same on each channel that speaks HTTP.",
        _http_errors().values(),
    )
    for sender in SENDERS.values():
        own = _own_errors(sender).values()
        yield str(sender.label), f"On channels of the kind `{sender.kind}`.", own


def _shared_errors() -> Mapping[str, KnownError]:
    return _common(list(SENDERS.values()))


def _http_errors() -> Mapping[str, KnownError]:
    """Return what is shared by the senders that the carrier takes, but not by all."""
    carried = [one for one in SENDERS.values() if not isinstance(one, BlockingSender)]
    shared = _shared_errors()
    return {c: row for c, row in _common(carried).items() if shared.get(c) != row}


def _own_errors(sender: Sender) -> Mapping[str, KnownError]:
    shared = {*_shared_errors().values(), *_http_errors().values()}
    return {c: row for c, row in sender.errors.items() if row not in shared}


def _common(senders: Sequence[Sender]) -> Mapping[str, KnownError]:
    first, *others = [sender.errors for sender in senders]
    return {
        code: row
        for code, row in first.items()
        if all(table.get(code) == row for table in others)
    }


def _error_table(title: str, intro: str, rows: Iterable[KnownError]) -> str:
    entries = "".join(map(_error, rows))
    return f"\n### {title}\n\n{intro}\n{entries}" if entries else ""


def _error(row: KnownError) -> str:
    steps = "".join(f"{n}. {_text(step)}\n" for n, step in enumerate(row.remedy, 1))
    verify = f"\nTo verify: {_text(row.verify)}\n" if row.verify else ""
    return (
        f"\n#### `{row.code}`: {_text(row.title)}\n\n{_text(row.cause)}\n\n{steps}\n"
        f"Who must act: {WHO[row.actor]}. The delivery is {WHAT_FOLLOWS[row.failure]}"
        f"{'' if row.costs_try else '; this costs it no try'}.\n{verify}"
    )


def _channel(sender: Sender) -> str:
    fields = "".join(
        _field_row(name, field, is_secret=name in sender.form.secret_fields)
        for name, field in sender.form.base_fields.items()
    )
    types = ", ".join(f"`{word}`" for word in sorted(sender.content_types))
    limits = _limits(sender.limits)
    return (
        f"\n## {sender.label}: `{sender.kind}`\n\n"
        "| field | | secret | what it is |\n| --- | --- | --- | --- |\n"
        f"{fields}\nContent types: {types}.\n{limits}"
        f"\nErrors: {_links_to_errors(sender)}.\n"
    )


def _links_to_errors(sender: Sender) -> str:
    """Return links to the tables in which the sender's errors stand."""
    titles = [str(sender.label)] if _own_errors(sender) else []
    titles += [] if isinstance(sender, BlockingSender) else [OVER_HTTP]
    return ", ".join(
        f"[{title}](errors.md#{_anchor(title)})" for title in [*titles, EVERY_CHANNEL]
    )


def _field_row(name: str, field: forms.Field, *, is_secret: bool) -> str:
    need = "required" if field.required else "optional"
    words = " ".join(filter(None, (f"{_text(field.label)}.", _text(field.help_text))))
    return (
        f"| `{name}` | {need} | {'yes' if is_secret else ''} | "
        f"{words}{_choices(field)} |\n"
    )


def _choices(field: forms.Field) -> str:
    if not isinstance(field, AnyCaseChoiceField):
        return ""
    offered = ", ".join(f"`{value}`" for value in field.spellings.values())
    return f" One of {offered}; default `{field.initial}`."


def _limits(limits: Limits) -> str:
    known = [
        words.format(value)
        for name, words in LIMIT_WORDS
        if (value := getattr(limits, name)) is not None
    ]
    return f"Limits: {', '.join(known)}.\n" if known else ""


def _anchor(heading: str) -> str:
    """Return the name under which GitHub and its like link to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _text(value: object) -> str:
    """Return words so that Markdown shows them as they are."""
    text = str(value or "").replace("<", "&lt;").replace("|", "\\|")
    return text.replace("*", "\\*").replace("_", "\\_")
