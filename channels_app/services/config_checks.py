"""What a channel config must be before it is stored: known, valid, secrets parted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from channels_app.models import UserConfig
from channels_app.selectors.configs import stored_secrets
from channels_app.selectors.masking import is_masked, unmask
from channels_app.senders.contract import ConfigForm
from channels_app.senders.registry import SENDERS
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.texts import is_storable

_USER_ID = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,100}")
Problems = dict[str, list[str]]


@dataclass(frozen=True)
class ConfigInput:
    """One channel config as somebody wants it; may hold secrets, so it shows none.

    `guarantee` None keeps what is stored; so does `is_active` None, which is true for
    a new config, and for one that the product had switched off: it was mended.
    """

    channel_type: str
    data: Mapping[str, Any] = field(repr=False)
    is_active: bool | None = None
    guarantee: str | None = None


@dataclass(frozen=True)
class CheckedConfig:
    """A valid config, its secrets parted from the rest."""

    wanted: ConfigInput
    public: Mapping[str, Any]
    secret: Mapping[str, Any] = field(repr=False)
    warnings: tuple[str, ...]


class InvalidConfigError(Exception):
    def __init__(self, problems: Problems) -> None:
        super().__init__("invalid config")
        self.problems = problems


def check_user_id(user_id: str) -> None:
    """Refuse a user id that is empty, too long or not printable."""
    if not _USER_ID.fullmatch(user_id):
        raise RequestRefusedError(
            "INVALID_PARAMETER",
            _("user_id must have 1 to 100 characters and no control characters."),
            details={"user_id": [_("Use 1 to 100 printable characters.")]},
        )


def require_known_channels(configs: Sequence[ConfigInput]) -> None:
    for config in configs:
        require_known_channel(config.channel_type)


def require_known_channel(channel_type: str) -> None:
    """Refuse a channel type that no sender has; the error lists those there are."""
    if channel_type not in SENDERS:
        known = ", ".join(sorted(SENDERS))
        raise RequestRefusedError(
            "INVALID_CHANNEL_TYPE",
            _("There is no channel type “%(name)s”. There are: %(known)s.")
            % {"name": channel_type[:50], "known": known},
            details={"channel_type": channel_type[:50], "known": sorted(SENDERS)},
        )


def require_distinct_channels(configs: Sequence[ConfigInput]) -> None:
    seen: set[str] = set()
    for number, config in enumerate(configs):
        if config.channel_type in seen:
            message = _("This channel type is in the list twice; a user has one each.")
            raise invalid_config({f"configs[{number}].channel_type": [message]})
        seen.add(config.channel_type)


def check_all(
    configs: Sequence[ConfigInput], stored: Mapping[str, UserConfig]
) -> list[CheckedConfig]:
    checked: list[CheckedConfig] = []
    problems: Problems = {}
    for number, config in enumerate(configs):
        try:
            checked.append(check_config(config, stored.get(config.channel_type)))
        except InvalidConfigError as error:
            for name, messages in error.problems.items():
                problems[f"configs[{number}].{name}"] = messages
    if problems:
        raise invalid_config(problems)
    return checked


def invalid_config(problems: Problems) -> RequestRefusedError:
    name, messages = next(iter(problems.items()))
    return RequestRefusedError(
        "INVALID_PARAMETER",
        _("The config is not valid: %(name)s: %(message)s")
        % {"name": name, "message": messages[0]},
        hint=_("Correct each field that the details name, and send the config again."),
        details=problems,
    )


def check_config(wanted: ConfigInput, stored: UserConfig | None) -> CheckedConfig:
    if not is_storable(wanted.data):
        message = _("Texts may not contain NUL or halves of a surrogate pair.")
        raise InvalidConfigError({"config_data": [message]})
    form_class = SENDERS[wanted.channel_type].form
    data = _with_stored_secrets(wanted.data, form_class, stored)
    form = form_class(data=dict(data))
    if not form.is_valid():
        raise InvalidConfigError(_problems_of(form))
    return _parted(wanted, form)


def _parted(wanted: ConfigInput, form: ConfigForm) -> CheckedConfig:
    filled = {k: v for k, v in form.cleaned_data.items() if v is not None}
    secret = {k: v for k, v in filled.items() if k in form.secret_fields and v}
    unknown = sorted(set(wanted.data) - set(form.fields))
    ignored = [
        _("“%(name)s” is no field of this channel; it was ignored.") % {"name": name}
        for name in unknown
    ]
    return CheckedConfig(
        wanted=wanted,
        public={k: v for k, v in filled.items() if k not in form.secret_fields},
        secret=secret,
        warnings=tuple([str(text) for text in form.warnings()] + ignored),
    )


def _problems_of(form: ConfigForm) -> Problems:
    return {
        "config_data" if name == "__all__" else name: [str(text) for text in messages]
        for name, messages in form.errors.items()
    }


def _with_stored_secrets(
    data: Mapping[str, Any], form_class: type[ConfigForm], stored: UserConfig | None
) -> dict[str, Any]:
    secrets = (stored_secrets(stored) if stored else None) or {}
    merged = {
        name: unmask(name, value, secrets.get(name))
        if name in form_class.secret_fields
        else value
        for name, value in data.items()
    }
    problems = {
        name: [_("This is only the mask of a secret, and none is stored like it.")]
        for name in form_class.secret_fields & merged.keys()
        if is_masked(merged[name])
    }
    if problems:
        raise InvalidConfigError(problems)
    return merged
