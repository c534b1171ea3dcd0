"""The form of one channel config: the sender's own fields, secrets write-only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets as unfold

from channels_app.admin.widgets import dress, dress_secret
from channels_app.models import DEFAULT_KEY_ID, ApiClient, UserConfig
from channels_app.selectors.configs import masked_data
from channels_app.selectors.masking import UNREADABLE
from channels_app.senders.registry import sender_for
from channels_app.services.configs import SavedConfig, save_config
from channels_app.services.delivery_options import (
    DeliveryOptions,
    change_options,
    check_waits,
)
from channels_app.services.refusals import RequestRefusedError

# Set before a sender's field names, which know nothing of the model's.
PREFIX = "config_"
FORGET = "forget_"
IDENTITY = ("client", "user_id")
COMMON = ("is_active", "guarantee")
OPTIONS = ("is_paused", "sends_per_minute", "retry_schedule")


class WaitsField(forms.JSONField):
    """A list of waits; none is an empty input, not the word null."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class ChannelConfigForm(forms.ModelForm[UserConfig]):
    """What every config has; `form_for` adds the fields of its kind.

    Validating the sender's part and storing it is one step of the service, so the
    last step of this form's validation is the save.
    """

    kind: ClassVar[str]
    saved: SavedConfig

    class Meta:
        model = UserConfig
        fields: tuple[str, ...] = (*COMMON, *OPTIONS)
        field_classes = {"retry_schedule": WaitsField}
        widgets = {
            "client": unfold.UnfoldAdminSelectWidget,
            "user_id": unfold.UnfoldAdminTextInputWidget,
            "is_active": unfold.UnfoldBooleanSwitchWidget,
            "guarantee": unfold.UnfoldAdminSelectWidget,
            "is_paused": unfold.UnfoldBooleanSwitchWidget,
            "sends_per_minute": unfold.UnfoldAdminIntegerFieldWidget,
            "retry_schedule": unfold.UnfoldAdminTextInputWidget,
        }

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.errors:
            self._store()

    def clean_retry_schedule(self) -> object:
        waits = self.cleaned_data["retry_schedule"]
        try:
            check_waits(waits)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return waits

    def _store(self) -> None:
        try:
            self.saved = self._save()
            options = {name: self.cleaned_data[name] for name in OPTIONS}
            change_options(config=self.saved.config, options=DeliveryOptions(**options))
        except RequestRefusedError as error:
            self._say(error)

    def _save(self) -> SavedConfig:
        if self.instance.pk and not set(self.changed_data) - set(OPTIONS):
            return SavedConfig(self.instance, created=False)
        is_active = self.cleaned_data["is_active"]
        return save_config(
            client=self.instance.client,
            user_id=self.instance.user_id,
            channel_type=self.kind,
            data=self._data(),
            is_active=is_active if "is_active" in self.changed_data else None,
            guarantee=self.cleaned_data["guarantee"],
        )

    def _say(self, error: RequestRefusedError) -> None:
        for name, texts in (error.details or {"": [str(error.message)]}).items():
            names = (f"{PREFIX}{name}", name)
            field = next((known for known in names if known in self.fields), None)
            self.add_error(field, texts)

    def _data(self) -> dict[str, Any]:
        """Return what was entered; an empty secret stands for the stored one."""
        data = {
            name.removeprefix(PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX)
        }
        masks = _masks(self.instance if self.instance.pk else None, self.kind)
        kept = {
            name: mask
            for name, mask in masks.items()
            if mask != UNREADABLE and self._keeps(name, data)
        }
        return {**data, **kept}

    def _keeps(self, name: str, data: Mapping[str, Any]) -> bool:
        return not data.get(name) and not self.cleaned_data.get(f"{FORGET}{name}")


class NewConfigForm(ChannelConfigForm):
    """A config that does not exist yet: whose it is can still be chosen."""

    class Meta(ChannelConfigForm.Meta):
        fields = (*IDENTITY, *COMMON, *OPTIONS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("client", _default_client())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if _exists(self.kind, cleaned):
            self.add_error(
                "user_id",
                _(
                    "This user already has a config for this channel with this client. "
                    "Change that one."
                ),
            )
        return cleaned


def form_for(kind: str, config: UserConfig | None) -> type[ChannelConfigForm]:
    """Return the form class for a new config of a kind, or for a stored one."""
    fields = _sender_fields(kind, config)
    options: dict[str, Any] = {"kind": kind, **fields}
    base = NewConfigForm if config is None else ChannelConfigForm
    return type(base.__name__, (base,), options)


def sender_field_names(kind: str, config: UserConfig | None) -> list[str]:
    """Return the names of the fields that `form_for` adds, in their order."""
    return list(_sender_fields(kind, config))


def _sender_fields(kind: str, config: UserConfig | None) -> dict[str, forms.Field]:
    form = sender_for(kind).form()
    masks = _masks(config, kind)
    fields: dict[str, forms.Field] = {}
    for name, field in form.fields.items():
        if name in form.secret_fields:
            fields |= _secret_fields(name, field, masks.get(name))
        else:
            dress(field)
            stored = config.public_data.get(name) if config else None
            field.initial = field.initial if stored is None else stored
            fields[f"{PREFIX}{name}"] = field
    return fields


def _secret_fields(name: str, field: forms.Field, mask: Any) -> dict[str, forms.Field]:
    fields = {f"{PREFIX}{name}": field}
    is_stored = mask not in (None, UNREADABLE)
    if is_stored and not field.required:
        fields[f"{FORGET}{name}"] = _forget_field(field)
    field.required = field.required and not is_stored
    dress_secret(field, _as_text(mask) if mask else "")
    if is_stored:
        kept = gettext("Stored. Leave it empty to keep it.")
        field.help_text = f"{field.help_text} {kept}".strip()
    return fields


def _forget_field(field: forms.Field) -> forms.BooleanField:
    label = gettext("Remove: %(field)s") % {"field": field.label}
    forget = forms.BooleanField(label=label, required=False)
    dress(forget)
    return forget


def _masks(config: UserConfig | None, kind: str) -> dict[str, Any]:
    if config is None:
        return {}
    secret = sender_for(kind).form.secret_fields
    return {name: mask for name, mask in masked_data(config).items() if name in secret}


def _as_text(mask: Any) -> str:
    if isinstance(mask, Mapping):
        return "\n".join(f"{name}: {value}" for name, value in mask.items())
    return str(mask)


def _default_client() -> ApiClient | None:
    return ApiClient.objects.filter(key_id=DEFAULT_KEY_ID).first()


def _exists(kind: str, cleaned: Mapping[str, Any]) -> bool:
    return UserConfig.objects.filter(
        client=cleaned.get("client"), user_id=cleaned.get("user_id"), channel_type=kind
    ).exists()
