"""What a draft would say with its sample values, channel by channel, unsaved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils import timezone

from templates_app.engine.budget import MissingPolicy
from templates_app.engine.errors import TemplateError
from templates_app.engine.problems import Problem, problem_of
from templates_app.engine.values import clean_value
from templates_app.formats.compiled import RenderedMessage, compile_content
from templates_app.formats.contract import Content, Options
from templates_app.formats.registry import format_for
from templates_app.models import UndefinedPolicy
from templates_app.selectors import NO_OPTIONS
from templates_app.services.contents import read_contents
from templates_app.services.drafts import TemplateDraft
from templates_app.services.validation import validate_template

SAMPLE_MESSAGE_ID = "01920000-0000-7000-8000-000000000000"
SAMPLE_USER = "user"


@dataclass(frozen=True)
class DraftMessage:
    """One channel's message; None with a problem when it cannot be rendered."""

    channel_type: str
    message: RenderedMessage | None
    problem: Problem | None = None


@dataclass(frozen=True)
class DraftPreview:
    """All messages of a draft, and all that the validator says about it."""

    messages: tuple[DraftMessage, ...]
    problems: tuple[Problem, ...]


def preview_draft(
    draft: TemplateDraft, *, channel_types: Collection[str] = ()
) -> DraftPreview:
    """Render each content that compiles; a mistake in one hides no other.

    Uses the draft's sample values and the names that are always there.
    """
    contents, _ = read_contents(draft.contents, channel_types)
    values = {**_samples(draft), **_always_there()}
    policy = _policy(draft)
    messages = (
        _render(channel, content, values, policy)
        for channel, content in contents.items()
    )
    problems = validate_template(draft, channel_types=channel_types).problems
    return DraftPreview(tuple(messages), problems)


def render_draft(
    draft: TemplateDraft, channel_type: str, options: Options = NO_OPTIONS
) -> DraftMessage:
    """Render one channel of a draft for a channel config; `options` is its data.

    A channel that the draft says nothing on has neither message nor problem.
    """
    contents, _ = read_contents(draft.contents, ())
    content = contents.get(channel_type)
    if content is None:
        return DraftMessage(channel_type, None)
    values = {**_samples(draft), **_always_there()}
    return _render(channel_type, content, values, _policy(draft), options)


def _render(
    channel: str,
    content: Content,
    values: Mapping[str, object],
    policy: MissingPolicy,
    options: Options = NO_OPTIONS,
) -> DraftMessage:
    try:
        compiled = compile_content(format_for(channel), content)
        return DraftMessage(channel, compiled.render(values, options, policy))
    except TemplateError as exc:
        return DraftMessage(channel, None, problem_of(exc, f"/contents/{channel}"))


def _policy(draft: TemplateDraft) -> MissingPolicy:
    is_strict = draft.undefined == UndefinedPolicy.REFUSE.value
    return MissingPolicy.REFUSE if is_strict else MissingPolicy.KEEP


def _samples(draft: TemplateDraft) -> dict[str, object]:
    cleaned = clean_value(draft.sample_variables)
    return cleaned if isinstance(cleaned, dict) else {}


def _always_there() -> dict[str, object]:
    return {
        "_timestamp": timezone.now().isoformat(timespec="seconds"),
        "_message_id": SAMPLE_MESSAGE_ID,
        "_user_id": SAMPLE_USER,
    }
