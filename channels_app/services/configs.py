"""Storing where users can be reached: validated, secrets sealed, masks undone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from channels_app.models import ApiClient, Guarantee, Notice, Secret, UserConfig
from channels_app.selectors.configs import stored_secrets
from channels_app.selectors.masking import is_masked, unmask
from channels_app.selectors.visibility import visible_configs
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
class SavedConfig:
    """A stored config, whether it is new, and what its owner should know."""

    config: UserConfig
    created: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Checked:
    """A valid config, its secrets parted from the rest."""

    wanted: ConfigInput
    public: Mapping[str, Any]
    secret: Mapping[str, Any] = field(repr=False)
    warnings: tuple[str, ...]


class _InvalidConfigError(Exception):
    def __init__(self, problems: Problems) -> None:
        super().__init__("invalid config")
        self.problems = problems


def save_config(
    *,
    client: ApiClient,
    user_id: str,
    channel_type: str,
    data: Mapping[str, Any],
    is_active: bool | None = None,
    guarantee: str | None = None,
) -> SavedConfig:
    """Create or replace one config. A masked value keeps the secret that is stored.

    Raises RequestRefusedError with INVALID_CHANNEL_TYPE, or INVALID_PARAMETER and
    the messages of each field in its details.
    """
    check_user_id(user_id)
    wanted = ConfigInput(channel_type, data, is_active, guarantee)
    _require_known_channels([wanted])
    try:
        checked = _check(wanted, _stored(client, user_id).get(channel_type))
    except _InvalidConfigError as error:
        raise _refusal(error.problems) from error
    with transaction.atomic():
        return _write(client, user_id, checked)


def replace_configs(
    *, client: ApiClient, user_id: str, configs: Sequence[ConfigInput]
) -> list[SavedConfig]:
    """Make these the only configs of the user with this client, all or none.

    Everything is validated before the transaction. Raises RequestRefusedError with
    INVALID_CHANNEL_TYPE, or INVALID_PARAMETER with keys like `configs[0].chat_id`.
    """
    check_user_id(user_id)
    _require_known_channels(configs)
    _require_distinct_channels(configs)
    checked = _check_all(configs, _stored(client, user_id))
    with transaction.atomic():
        saved = _replace(client, user_id, checked)
    return [saved[config.channel_type] for config in configs]


def delete_config(*, config: UserConfig) -> None:
    """Delete one config; deliveries that wait for it fail with `config_missing`."""
    config.delete()


def delete_configs(
    *, client: ApiClient, user_id: str, channel_type: str | None = None
) -> int:
    """Delete a user's configs (of one channel) that the client sees; return how many."""
    found = visible_configs(client).filter(user_id=user_id)
    if channel_type is not None:
        found = found.filter(channel_type=channel_type)
    with transaction.atomic():
        return found.delete()[1].get(UserConfig._meta.label, 0)


def set_active(*, config: UserConfig, is_active: bool, reason: str = "") -> UserConfig:
    """Switch a config on, which clears the reason, or off, which stores one."""
    with transaction.atomic():
        locked = UserConfig.objects.select_for_update().get(pk=config.pk)
        locked.is_active = is_active
        _forget_disabling(locked)
        locked.disabled_reason = "" if is_active else reason[:500]
        locked.version += 1
        locked.save()
    return locked


def check_user_id(user_id: str) -> None:
    """Refuse a user id that is empty, too long or not printable."""
    if not _USER_ID.fullmatch(user_id):
        raise RequestRefusedError(
            "INVALID_PARAMETER",
            _("user_id must have 1 to 100 characters and no control characters."),
            details={"user_id": [_("Use 1 to 100 printable characters.")]},
        )


def _own(client: ApiClient, user_id: str) -> QuerySet[UserConfig]:
    return UserConfig.objects.filter(client=client, user_id=user_id)


def _stored(client: ApiClient, user_id: str) -> dict[str, UserConfig]:
    return {config.channel_type: config for config in _own(client, user_id)}


def _require_known_channels(configs: Sequence[ConfigInput]) -> None:
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


def _require_distinct_channels(configs: Sequence[ConfigInput]) -> None:
    seen: set[str] = set()
    for number, config in enumerate(configs):
        if config.channel_type in seen:
            message = _("This channel type is in the list twice; a user has one each.")
            raise _refusal({f"configs[{number}].channel_type": [message]})
        seen.add(config.channel_type)


def _check_all(
    configs: Sequence[ConfigInput], stored: Mapping[str, UserConfig]
) -> list[_Checked]:
    checked: list[_Checked] = []
    problems: Problems = {}
    for number, config in enumerate(configs):
        try:
            checked.append(_check(config, stored.get(config.channel_type)))
        except _InvalidConfigError as error:
            for name, messages in error.problems.items():
                problems[f"configs[{number}].{name}"] = messages
    if problems:
        raise _refusal(problems)
    return checked


def _refusal(problems: Problems) -> RequestRefusedError:
    name, messages = next(iter(problems.items()))
    return RequestRefusedError(
        "INVALID_PARAMETER",
        _("The config is not valid: %(name)s: %(message)s")
        % {"name": name, "message": messages[0]},
        hint=_("Correct each field that the details name, and send the config again."),
        details=problems,
    )


def _check(wanted: ConfigInput, stored: UserConfig | None) -> _Checked:
    if not is_storable(wanted.data):
        message = _("Texts may not contain NUL or halves of a surrogate pair.")
        raise _InvalidConfigError({"config_data": [message]})
    form_class = SENDERS[wanted.channel_type].form
    data = _with_stored_secrets(wanted.data, form_class, stored)
    form = form_class(data=dict(data))
    if not form.is_valid():
        raise _InvalidConfigError(_problems_of(form))
    return _parted(wanted, form)


def _parted(wanted: ConfigInput, form: ConfigForm) -> _Checked:
    filled = {k: v for k, v in form.cleaned_data.items() if v is not None}
    secret = {k: v for k, v in filled.items() if k in form.secret_fields and v}
    unknown = sorted(set(wanted.data) - set(form.fields))
    ignored = [
        _("“%(name)s” is no field of this channel; it was ignored.") % {"name": name}
        for name in unknown
    ]
    return _Checked(
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
        raise _InvalidConfigError(problems)
    return merged


def _replace(
    client: ApiClient, user_id: str, checked: Sequence[_Checked]
) -> dict[str, SavedConfig]:
    """Write the set; a client's replacers go one by one, as two would deadlock."""
    ApiClient.objects.select_for_update(no_key=True).get(pk=client.pk)
    by_channel = {config.wanted.channel_type: config for config in checked}
    _own(client, user_id).exclude(channel_type__in=by_channel).delete()
    return {
        channel_type: _write(client, user_id, config)
        for channel_type, config in by_channel.items()
    }


def _write(client: ApiClient, user_id: str, checked: _Checked) -> SavedConfig:
    wanted = checked.wanted
    fields: dict[str, Any] = {
        "public_data": checked.public,
        "secret_data": Secret(checked.secret) if checked.secret else None,
    }
    if wanted.is_active is not None:
        fields["is_active"] = wanted.is_active
    if wanted.guarantee is not None:
        fields["guarantee"] = Guarantee(wanted.guarantee)
    config, created = UserConfig.objects.select_for_update().get_or_create(
        client=client,
        user_id=user_id,
        channel_type=wanted.channel_type,
        defaults=fields,
    )
    if not created:
        for name, value in fields.items():
            setattr(config, name, value)
        _clear_reason(config, wanted)
        config.version += 1
        config.save()
    return SavedConfig(config, created, checked.warnings)


def _clear_reason(config: UserConfig, wanted: ConfigInput) -> None:
    """Switch a config that the product had switched off on again: it was mended."""
    if wanted.is_active is None and config.disabled_reason:
        config.is_active = True
    if config.is_active:
        _forget_disabling(config)


def _forget_disabling(config: UserConfig) -> None:
    """Drop what the product noted when it switched a config off: a person decided."""
    config.disabled_reason = ""
    config.disabled_at = None
    config.next_probe_at = None
    config.notice_due = Notice.NONE
