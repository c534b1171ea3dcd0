"""Sender's form fields in the admin's clothes; secrets can be written, never read."""

from collections.abc import Callable
from typing import Any

from django import forms
from unfold import widgets as unfold

AUTOCOMPLETE_OFF = {"autocomplete": "new-password", "spellcheck": "false"}


class SecretTextarea(unfold.UnfoldAdminTextareaWidget):
    """Several lines that are taken but never given back."""

    def get_context(
        self, name: str, value: Any, attrs: dict[str, Any] | None
    ) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, None, attrs)
        return context


def dress(field: forms.Field) -> None:
    """Give a field the admin's widget for what it is."""
    field.widget = _widget_of(field)
    field.widget.is_required = field.required


def dress_secret(field: forms.Field, placeholder: str) -> None:
    """Give a field a widget that shows `placeholder` and never a value."""
    attrs = {**AUTOCOMPLETE_OFF, "placeholder": placeholder}
    if isinstance(field.widget, forms.Textarea):
        field.widget = SecretTextarea({**attrs, "rows": 3, "class": "nt-code"})
    else:
        field.widget = unfold.UnfoldAdminPasswordWidget(attrs)


def _widget_of(field: forms.Field) -> forms.Widget:
    if isinstance(field, forms.ChoiceField):
        return _made(unfold.UnfoldAdminSelectWidget, choices=field.choices)
    if isinstance(field, forms.BooleanField):
        return _made(unfold.UnfoldBooleanSwitchWidget)
    if isinstance(field, forms.IntegerField):
        return _made(unfold.UnfoldAdminIntegerFieldWidget)
    if isinstance(field.widget, forms.Textarea):
        return _made(unfold.UnfoldAdminTextareaWidget)
    return _made(unfold.UnfoldAdminTextInputWidget)


def _made(widget: Callable[..., Any], **options: Any) -> forms.Widget:
    made: forms.Widget = widget(**options)
    return made
