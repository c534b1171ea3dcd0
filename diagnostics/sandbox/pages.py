"""The inbox page: what arrived as a person would see it, and the switches."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation.trans_real import parse_accept_lang_header

from diagnostics.sandbox.behaviour import MODES, Behaviour, Switch
from diagnostics.sandbox.causes import likely_cause
from diagnostics.sandbox.drawing import Note
from diagnostics.sandbox.inbox import Inbox, Message
from diagnostics.sandbox.providers import BY_NAME, PROVIDERS

LANGUAGES = ("en", "zh-hans")
MAX_SHOWN = 100
MAX_BODY = 20_000

MODE_LABELS = {
    "normal": gettext_lazy("Normal"),
    "rate_limited": gettext_lazy("Too many requests"),
    "refused": gettext_lazy("Refuse"),
    "server_error": gettext_lazy("Server error"),
    "hang": gettext_lazy("Never answer"),
    "reset": gettext_lazy("Reset the connection"),
    "slow": gettext_lazy("Answer slowly"),
    "redirect": gettext_lazy("Redirect"),
    "garbage": gettext_lazy("Answer nonsense"),
    "huge": gettext_lazy("Huge answer"),
}
_NOTES = {
    ("signature", "valid"): gettext_lazy("Signature valid"),
    ("signature", "invalid"): gettext_lazy("Signature invalid"),
    ("signature", "unchecked"): gettext_lazy("Signature not checked"),
    ("signature", "none"): gettext_lazy("Not signed"),
    ("json", "valid"): gettext_lazy("Valid JSON"),
    ("json", "invalid"): gettext_lazy("Not JSON"),
    ("silent", ""): gettext_lazy("Silent"),
}


@dataclass(frozen=True)
class Shown:
    """A message with everything the page says about it."""

    message: Message
    label: str
    cause: str
    notes: tuple[str, ...]
    mode: str
    body: str


@dataclass(frozen=True)
class Panel:
    """A provider with its address and its switch."""

    name: str
    label: str
    address: str
    switch: Switch
    mode: str
    modes: tuple[tuple[str, str], ...]


def choose_language(asked: str, accept: str) -> str:
    """Return the language asked for in the address, else what the browser prefers."""
    if asked.lower() in LANGUAGES:
        return asked.lower()
    for code, _weight in parse_accept_lang_header(accept):
        if code.startswith("zh"):
            return "zh-hans"
        if code.startswith("en"):
            return "en"
    return "en"


def inbox_page(inbox: Inbox, behaviour: Behaviour, *, language: str, base: str) -> str:
    """Render the whole page."""
    return _render("sandbox/inbox.html", inbox, behaviour, language, base)


def live_part(inbox: Inbox, behaviour: Behaviour, *, language: str, base: str) -> str:
    """Render the part that changes, for the page to swap in."""
    return _render("sandbox/_live.html", inbox, behaviour, language, base)


def revision(inbox: Inbox, behaviour: Behaviour) -> str:
    """Name the state shown; it differs as soon as the page would."""
    return f"{inbox.revision}.{behaviour.revision}"


def _render(
    template: str, inbox: Inbox, behaviour: Behaviour, language: str, base: str
) -> str:
    newest = inbox.messages()[-MAX_SHOWN:]
    with translation.override(language):
        context = {
            "language": language,
            "other_language": "en" if language == "zh-hans" else "zh-hans",
            "revision": revision(inbox, behaviour),
            "panels": _panels(behaviour, base),
            "shown": [_show(message) for message in reversed(newest)],
        }
        return render_to_string(template, context)


def _panels(behaviour: Behaviour, base: str) -> list[Panel]:
    switches = behaviour.snapshot()
    modes = tuple((mode, str(MODE_LABELS[mode])) for mode in MODES)
    return [
        Panel(
            name=provider.name,
            label=provider.label,
            address=base + provider.example,
            switch=switches[provider.name],
            mode=str(MODE_LABELS[switches[provider.name].mode]),
            modes=modes,
        )
        for provider in PROVIDERS
    ]


def _show(message: Message) -> Shown:
    refused = not message.accepted
    cause = likely_cause(message.provider, message.code, message.reason)
    misbehaved = message.misbehaviour != "normal"
    return Shown(
        message=message,
        label=BY_NAME[message.provider].label,
        cause=cause if refused else "",
        notes=tuple(_note_texts(message.seen.notes)),
        mode=str(MODE_LABELS[message.misbehaviour]) if misbehaved else "",
        body=_pretty(message.body),
    )


def _note_texts(notes: Iterable[Note]) -> Iterable[str]:
    for note in notes:
        match note.name:
            case "chat":
                yield _("Chat %(id)s") % {"id": note.value}
            case "topic":
                yield _("Topic %(id)s") % {"id": note.value}
            case "cut":
                yield _("Cut to %(count)s characters") % {"count": note.value}
            case name:
                yield str(_NOTES.get((name, note.value), note.value))


def _pretty(body: str) -> str:
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        text = body
    return text if len(text) <= MAX_BODY else text[:MAX_BODY] + "…"
