"""Drafts that are not live, their publication, and the way back to an old version."""

from dataclasses import asdict, dataclass, replace
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from templates_app.engine.problems import Problem, error
from templates_app.models import DraftTemplate, NotificationTemplate, TemplateVersion
from templates_app.refusals import (
    DraftNotFound,
    TemplateInvalid,
    TemplateMoved,
    TemplateNotFound,
    VersionNotFound,
)
from templates_app.selectors import template as stored_template
from templates_app.selectors import template_detail
from templates_app.services.drafts import (
    TemplateDraft,
    TemplateFields,
    draft_from,
    draft_of,
)
from templates_app.services.saving import SavedTemplate, save_draft, save_template
from templates_app.services.validation import key_problem


@dataclass(frozen=True)
class Seen:
    """What an author saw: the live version, and when its draft was kept, or ""."""

    version: int
    draft: str


def seen_of(template: NotificationTemplate) -> Seen:
    """Return the present state, to be compared when the author saves."""
    kept = DraftTemplate.objects.filter(template=template).first()
    return Seen(template.version, kept.updated_at.isoformat() if kept else "")


def keep_draft(
    *, seen: Seen | None = None, **fields: Unpack[TemplateFields]
) -> DraftTemplate:
    """Keep what somebody is writing, mistakes and all; the live version stays.

    Takes what `save_template` takes. Raises TemplateNotFound, and TemplateMoved if
    the template is not as `seen`.
    """
    written = {
        "author": fields["author"][:200],
        "note": fields.get("note", ""),
        "state": _state_of(draft_of(fields)),
    }
    with transaction.atomic():
        template = _locked(str(fields["key"]), seen)
        kept, _created = DraftTemplate.objects.update_or_create(
            template=template,
            defaults=written,
            create_defaults={**written, "base_version": template.version},
        )
    return kept


def begin_draft(**fields: Unpack[TemplateFields]) -> DraftTemplate:
    """Keep the draft of a template that does not exist yet; nobody can send by it.

    Takes what `save_template` takes. Raises TemplateInvalid for a key that is no key
    or is taken; all other mistakes may stay until the draft is published.
    """
    draft = draft_of(fields)
    if problem := key_problem(draft.key):
        raise TemplateInvalid((problem,))
    with transaction.atomic():
        template, created = NotificationTemplate.objects.get_or_create(
            template_key=str(draft.key),
            defaults={"template_name": str(draft.name)[:200], "is_active": False},
        )
        if not created:
            raise TemplateInvalid((_taken(template.template_key),))
        return keep_draft(**fields)


def _taken(key: str) -> Problem:
    return error(
        "key_taken",
        _("There is a template “%(key)s” already.") % {"key": key},
        _("Choose another key, or open that template."),
        "/key",
    )


def drop_draft(*, key: str) -> None:
    """Throw a draft away, and with it a template that was nothing else.

    Raises DraftNotFound.
    """
    with transaction.atomic():
        deleted, _models = DraftTemplate.objects.filter(
            template__template_key=key
        ).delete()
        if not deleted:
            raise DraftNotFound(key)
        NotificationTemplate.objects.filter(template_key=key, version=0).delete()


def publish_template(
    *, seen: Seen | None = None, **fields: Unpack[TemplateFields]
) -> SavedTemplate:
    """Save a template as its new live version; its draft, if any, has served.

    Takes and raises what `save_template` does, and TemplateMoved if the template is
    not as `seen`; the draft stays if it is refused.
    """
    with transaction.atomic():
        if seen is not None:
            _locked(str(fields["key"]), seen)
        saved = save_template(**fields)
        DraftTemplate.objects.filter(template=saved.template).delete()
    return saved


def roll_back(
    *,
    key: str,
    number: int,
    author: str,
    note: str = "",
    channel_types: tuple[str, ...],
) -> SavedTemplate:
    """Make a new version that says what an old one said.

    The samples and whether it is in use stay as they are. Raises TemplateNotFound,
    VersionNotFound, and TemplateInvalid where today's rules refuse the old text.
    """
    with transaction.atomic():
        template = _locked(key)
        old = TemplateVersion.objects.filter(template=template, number=number).first()
        if old is None:
            raise VersionNotFound(key, number)
        state = old.snapshot
        draft = replace(
            draft_from(template_detail(key=key)),
            name=state["name"],
            description=state["description"],
            variables=state["variables"],
            undefined=state["undefined"],
            contents=contents_of_version(state),
        )
        return save_draft(
            draft,
            author=author,
            note=note or _("Back to version %(number)d.") % {"number": number},
            channel_types=channel_types,
        )


def draft_to_edit(template: NotificationTemplate) -> TemplateDraft:
    """Give what an editor opens: the draft that was begun, else the live version."""
    kept = DraftTemplate.objects.filter(template=template).first()
    if kept is None:
        return draft_from(template_detail(key=template.template_key))
    return TemplateDraft(key=template.template_key, **kept.state)


def draft_named(key: str) -> TemplateDraft:
    """Give what an editor of this key opens; raises TemplateNotFound."""
    return draft_to_edit(stored_template(key=key))


def draft_snapshot(
    template: NotificationTemplate,
) -> tuple[DraftTemplate, dict[str, object]]:
    """Give the draft, and its state in the shape of a version. Raises DraftNotFound."""
    kept = DraftTemplate.objects.filter(template=template).first()
    if kept is None:
        raise DraftNotFound(template.template_key)
    contents = [
        {"channel_type": channel, **content}
        for channel, content in sorted(kept.state["contents"].items())
    ]
    return kept, {**kept.state, "contents": contents}


def contents_of_version(
    snapshot: dict[str, list[dict[str, str]]],
) -> dict[str, dict[str, str]]:
    """Give a version's contents in the shape that callers send."""
    return {
        content["channel_type"]: {
            name: value for name, value in content.items() if name != "channel_type"
        }
        for content in snapshot["contents"]
    }


def _state_of(draft: TemplateDraft) -> dict[str, object]:
    state = asdict(draft)
    del state["key"]
    return state


def _locked(key: str, seen: Seen | None = None) -> NotificationTemplate:
    locked = NotificationTemplate.objects.select_for_update()
    found = locked.filter(template_key=key).first()
    if found is None:
        raise TemplateNotFound(key)
    if seen is not None and seen_of(found) != seen:
        raise TemplateMoved(found.version, is_draft=found.version == seen.version)
    return found
