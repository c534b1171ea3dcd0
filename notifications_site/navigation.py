"""The admin's menu, in sections; each entry is seen by those who may open it."""

from collections.abc import Callable
from typing import TypedDict

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

Entry = dict[str, object]


class Section(TypedDict, total=False):
    """A part of the menu, in the shape that unfold takes."""

    title: StrOrPromise
    separator: bool
    items: list[Entry]


def sections(request: HttpRequest) -> list[Section]:
    """Return the menu."""
    return [
        {"items": [_entry(_("Overview"), "monitoring", "admin:index", None)]},
        _section(_("Sending"), SENDING),
        _section(_("How it is doing"), HEALTH),
        _section(_("Access and switches"), ACCESS),
        _section(_("Administration"), ADMINISTRATION),
    ]


def _section(title: StrOrPromise, items: list[Entry]) -> Section:
    return {"title": title, "separator": True, "items": items}


def _entry(
    title: StrOrPromise,
    icon: str,
    route: str,
    allowed: Callable[[HttpRequest], bool] | None,
) -> Entry:
    entry: Entry = {"title": title, "icon": icon, "link": reverse_lazy(route)}
    if allowed is not None:
        entry["permission"] = allowed
    return entry


def _model(title: StrOrPromise, icon: str, app: str, model: str) -> Entry:
    def allowed(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{model}")

    return _entry(title, icon, f"admin:{app}_{model}_changelist", allowed)


def _queue(title: StrOrPromise, icon: str, model: str) -> Entry:
    def allowed(request: HttpRequest) -> bool:
        return request.user.is_superuser

    return _entry(title, icon, f"admin:django_q_{model}_changelist", allowed)


def _page(title: StrOrPromise, icon: str, route: str, permission: str) -> Entry:
    def allowed(request: HttpRequest) -> bool:
        return request.user.has_perm(permission)

    return _entry(title, icon, route, allowed)


SENDING = [
    _model(_("Deliveries"), "send", "channels_app", "notificationlog"),
    _model(_("Channel configs"), "alt_route", "channels_app", "userconfig"),
    _model(_("Templates"), "article", "templates_app", "notificationtemplate"),
]
HEALTH = [
    _model(_("Health reports"), "vital_signs", "diagnostics", "healthreport"),
    _model(_("Backups"), "save", "diagnostics", "backup"),
]
ACCESS = [
    _model(_("API clients"), "key", "channels_app", "apiclient"),
    _page(
        _("Signature doctor"),
        "stethoscope",
        "signature_doctor",
        "channels_app.view_apiclient",
    ),
    _model(_("Flags"), "toggle_on", "channels_app", "featureflag"),
]
ADMINISTRATION = [
    _model(_("Scheduled work"), "event_repeat", "channels_app", "schedule"),
    _model(_("Users"), "person", "auth", "user"),
    _model(_("Groups"), "group", "auth", "group"),
    _queue(_("Task schedules"), "schedule", "schedule"),
    _queue(_("Failed tasks"), "report", "failure"),
]
