"""The form of a template: its facts, and a section for each kind of channel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets as unfold

from templates_app.admin.channel_fields import (
    CODE,
    PARTS,
    channel_fields,
    channels_of,
    contents_of,
)
from templates_app.engine.problems import Problem, Severity
from templates_app.models import DraftTemplate, NotificationTemplate
from templates_app.refusals import TemplateInvalid, TemplateMoved
from templates_app.services import SavedTemplate, TemplateDraft, TemplateFields
from templates_app.services.drafts import draft_of
from templates_app.services.publishing import (
    Seen,
    begin_draft,
    draft_to_edit,
    keep_draft,
    publish_template,
    seen_of,
)
from templates_app.services.rehearsals import Rehearsal, rehearse

IDENTITY = ("template_key",)
FACTS = ("template_name", "description", "is_active")
VALUES = ("undefined", "variable_names", "sample_variables")
NOTE = ("note", "publish_anyway", "seen_version", "seen_draft")

PLACES = {
    "key": "template_key",
    "name": "template_name",
    "description": "description",
    "variables": "variable_names",
    "sample_variables": "sample_variables",
    "undefined": "undefined",
}
DRAFT_BUTTON = "_draft"


class TemplateForm(forms.ModelForm[NotificationTemplate]):
    """What every template has; `form_for` adds the fields of the channels.

    Validating and storing is one step of the service, so the last step of this
    form's validation is the save.
    """

    channels: tuple[str, ...]
    author: str
    editing: TemplateDraft | None
    saved: SavedTemplate | None = None
    kept: DraftTemplate | None = None
    rehearsal: Rehearsal | None = None

    variable_names = forms.CharField(
        label=_("Variables"),
        required=False,
        widget=unfold.UnfoldAdminTextareaWidget({**CODE, "rows": 3}),
        help_text=_("The names that a request sends values for, one a line."),
    )
    sample_variables = forms.JSONField(
        label=_("Sample values"),
        required=False,
        widget=unfold.UnfoldAdminTextareaWidget(
            {**CODE, "rows": 5, "data-editor": "json"}
        ),
        help_text=_("A JSON object: the values of the preview."),
    )
    note = forms.CharField(
        label=_("What changed"),
        required=False,
        max_length=500,
        widget=unfold.UnfoldAdminTextInputWidget,
        help_text=_("Kept with this version, for those who come after you."),
    )
    publish_anyway = forms.BooleanField(
        label=_("Save although the rehearsal fails"),
        required=False,
        widget=unfold.UnfoldBooleanSwitchWidget,
        help_text=_(
            "A save is rehearsed on the last 100 notifications of this template; one "
            "that would fail is told to you first."
        ),
    )
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen_draft = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = NotificationTemplate
        fields: tuple[str, ...] = (*FACTS, "undefined")
        widgets = {
            "template_key": unfold.UnfoldAdminTextInputWidget,
            "template_name": unfold.UnfoldAdminTextInputWidget,
            "description": unfold.UnfoldAdminTextareaWidget({"rows": 2}),
            "is_active": unfold.UnfoldBooleanSwitchWidget,
            "undefined": unfold.UnfoldAdminSelectWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.editing is not None:
            self.initial.update(_facts_of(self.editing))
            seen = seen_of(self.instance)
            self.initial.update(seen_version=seen.version, seen_draft=seen.draft)

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.errors:
            self._store()

    @property
    def is_for_draft(self) -> bool:
        """Whether the author keeps this without publishing it."""
        return DRAFT_BUTTON in self.data

    @property
    def stored(self) -> NotificationTemplate:
        """The template as the service has stored it."""
        written = self.saved or self.kept
        return written.template if written else self.instance

    def _store(self) -> None:
        try:
            if self.is_for_draft:
                self.kept = self._keep()
                return
            self._rehearse()
            if not self.errors:
                self.saved = publish_template(seen=self._seen(), **self._fields())
        except TemplateInvalid as refusal:
            self._say(refusal.problems)
        except TemplateMoved as refusal:
            self.add_error(None, f"{refusal.message} {refusal.remedy}")

    def _keep(self) -> DraftTemplate:
        if self.instance.pk:
            return keep_draft(seen=self._seen(), **self._fields())
        return begin_draft(**self._fields())

    def _seen(self) -> Seen | None:
        version = self.cleaned_data["seen_version"]
        if not self.instance.pk or version is None:
            return None
        return Seen(version, self.cleaned_data["seen_draft"])

    def _rehearse(self) -> None:
        """Try what is written on the last notifications; say it if some would fail."""
        if not self.instance.pk:
            return
        self.rehearsal = rehearse(draft_of(self._fields()))
        is_wanted = self.cleaned_data["publish_anyway"]
        if self.rehearsal.is_good or is_wanted or not self.rehearsal.compiles:
            return
        text = gettext(
            "%(failed)d of the last %(total)d notifications would fail with this text. "
            "The first: %(message)s Correct it, or save it all the same."
        )
        first = next(iter(self.rehearsal.failures), None)
        figures = {
            "failed": self.rehearsal.failed,
            "total": self.rehearsal.total,
            "message": first.message if first else "",
        }
        self.add_error("publish_anyway", text % figures)

    def _fields(self) -> TemplateFields:
        written = self.cleaned_data
        return {
            "key": self.instance.template_key,
            "name": written["template_name"],
            "description": written["description"],
            "variables": written["variable_names"].split(),
            "contents": self._contents(),
            "author": self.author,
            "note": written["note"],
            "undefined": written["undefined"],
            "is_active": written["is_active"],
            "sample_variables": written["sample_variables"],
            "channel_types": self.channels,
        }

    def _contents(self) -> dict[str, dict[str, str]]:
        """Return what was written; a channel without content is left out."""
        return {
            channel: {
                part: self.cleaned_data[f"{prefix}{channel}"]
                for part, prefix in PARTS.items()
            }
            for channel in self.channels
            if self.cleaned_data[f"content_{channel}"].strip()
            or self.cleaned_data[f"subject_{channel}"].strip()
        }

    def _say(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            if problem.severity is Severity.ERROR:
                field = field_of(problem.where)
                known = field if field in self.fields else None
                self.add_error(known, problem_text(problem))


class NewTemplateForm(TemplateForm):
    """A template that does not exist yet: its key can still be chosen."""

    class Meta(TemplateForm.Meta):
        fields = (*IDENTITY, *FACTS, "undefined")


def form_for(template: NotificationTemplate | None, author: str) -> type[TemplateForm]:
    """Return the form class for a new template or a stored one, saved by `author`."""
    editing = draft_to_edit(template) if template else None
    contents = contents_of(editing)
    channels = channels_of(contents)
    fields: dict[str, Any] = {
        "channels": channels,
        "author": author,
        "editing": editing,
    }
    for channel in channels:
        fields |= channel_fields(channel, contents.get(channel, {}))
    base = NewTemplateForm if template is None else TemplateForm
    return type(base.__name__, (base,), fields)


def field_of(where: str) -> str | None:
    """Return the field that a problem's place means, or None."""
    parts = where.strip("/").split("/")
    if parts[0] != "contents":
        return PLACES.get(parts[0])
    if len(parts) < 2:
        return None
    part = parts[2] if len(parts) > 2 else "content_template"
    return f"{PARTS.get(part, 'content_')}{parts[1]}"


def problem_text(problem: Problem) -> str:
    """Return a problem with its place and its remedy in one text."""
    text = f"{problem.message} {problem.remedy}"
    if problem.line is None:
        return text
    place = gettext("Line %(line)s, column %(column)s:") % {
        "line": problem.line,
        "column": problem.column or 1,
    }
    return f"{place} {text}"


def _facts_of(draft: TemplateDraft) -> dict[str, object]:
    names = draft.variables if isinstance(draft.variables, list) else []
    return {
        "template_name": draft.name,
        "description": draft.description,
        "is_active": draft.is_active,
        "undefined": draft.undefined,
        "variable_names": "\n".join(map(str, names)),
        "sample_variables": draft.sample_variables,
    }
