"""Why a template cannot be saved or used, as its caller is told.

TemplateRefusal           answered with 400 even where nobody catches it
├── TemplateInvalid       it does not validate: all problems at once
├── TemplateNotFound      no active template has this key
├── DraftNotFound         nobody has begun a draft of it
├── TemplateMoved         somebody else saved it or kept a draft meanwhile
├── VersionNotFound       it has no version of this number
├── ContentMissing        the template says nothing for this channel
└── RenderRefused         it cannot be rendered with these values
"""

from django.core.exceptions import BadRequest
from django.utils.translation import gettext as _

from templates_app.engine.errors import TemplateError
from templates_app.engine.problems import Problem
from templates_app.engine.values import clean_text


class TemplateRefusal(BadRequest):
    """A request about a template that cannot be carried out."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


class TemplateInvalid(TemplateRefusal):
    """A template that does not validate; `problems` holds errors and warnings."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(
            "template_invalid",
            _("The template is not valid."),
            _("Correct the problems that are listed."),
        )
        self.problems = problems


class TemplateNotFound(TemplateRefusal):
    """No template has this key, or it is not active."""

    def __init__(self, key: str) -> None:
        super().__init__(
            "template_not_found",
            _("There is no active template “%(key)s”.")
            % {"key": clean_text(key[:100])},
            _("Check the key, or create or activate the template."),
        )
        self.key = key


class DraftNotFound(TemplateRefusal):
    """The template has no draft, or no longer."""

    def __init__(self, key: str) -> None:
        super().__init__(
            "draft_not_found",
            _("There is no draft of “%(key)s”.") % {"key": clean_text(key[:100])},
            _("Somebody may have published or discarded it. Open the template again."),
        )


class TemplateMoved(TemplateRefusal):
    """Somebody else saved the template, or kept a draft, since it was opened."""

    def __init__(self, version: int, *, is_draft: bool) -> None:
        message = (
            _("Somebody kept a draft while you were writing.")
            if is_draft
            else _("Version %(number)s was saved while you were writing.")
            % {"number": version}
        )
        remedy = _("Copy your text, open the page again and put it in there.")
        super().__init__("template_moved", message, remedy)


class VersionNotFound(TemplateRefusal):
    """The template never had this version."""

    def __init__(self, key: str, number: int) -> None:
        super().__init__(
            "version_not_found",
            _("“%(key)s” has no version %(number)d.")
            % {"key": clean_text(key[:100]), "number": number},
            _("Choose one from the list of its versions."),
        )


class ContentMissing(TemplateRefusal):
    """The template has no content for this channel."""

    def __init__(self, key: str, channel_type: str) -> None:
        super().__init__(
            "content_missing",
            _("The template “%(key)s” has no content for %(channel)s.")
            % {"key": key, "channel": channel_type},
            _("Add one to the template, or leave the channel out."),
        )
        self.key = key
        self.channel_type = channel_type


class RenderRefused(TemplateRefusal):
    """The template cannot be rendered: a value is missing, wrong or too large."""

    def __init__(self, key: str, channel_type: str, cause: TemplateError) -> None:
        super().__init__(cause.code, cause.message, cause.remedy)
        self.key = key
        self.channel_type = channel_type
        self.line = cause.line
        self.column = cause.column
