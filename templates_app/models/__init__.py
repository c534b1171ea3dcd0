"""Templates, what they say on each channel, and their immutable versions."""

from templates_app.models.content import ContentType, TemplateContent
from templates_app.models.draft import DraftTemplate
from templates_app.models.template import NotificationTemplate, UndefinedPolicy
from templates_app.models.version import TemplateVersion

__all__ = [
    "ContentType",
    "DraftTemplate",
    "NotificationTemplate",
    "TemplateContent",
    "TemplateVersion",
    "UndefinedPolicy",
]
