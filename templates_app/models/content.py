"""What a template says on one channel."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from templates_app.models.template import NotificationTemplate


class ContentType(models.TextChoices):
    """How a content is written."""

    TEXT = "text", _("Text")
    MARKDOWN = "markdown", _("Markdown")
    HTML = "html", _("HTML")
    JSON = "json", _("JSON")


class TemplateContent(models.Model):
    """The subject and content of a template for one kind of channel."""

    template = models.ForeignKey(
        NotificationTemplate,
        on_delete=models.CASCADE,
        related_name="contents",
        verbose_name=_("template"),
    )
    channel_type = models.CharField(_("channel"), max_length=20)
    content_type = models.CharField(
        _("content type"),
        max_length=10,
        choices=ContentType.choices,
        default=ContentType.TEXT,
    )
    subject_template = models.TextField(_("subject"), blank=True, default="")
    content_template = models.TextField(_("content"))

    class Meta:
        """Fixed table name: operators' SQL reads it."""

        db_table = "template_contents"
        ordering = ["channel_type"]
        verbose_name = _("content")
        verbose_name_plural = _("contents")
        constraints = [
            models.UniqueConstraint(
                fields=["template", "channel_type"],
                name="template_content_once_per_channel",
            ),
            models.CheckConstraint(
                condition=Q(content_type__in=ContentType.values),
                name="template_content_type_known",
            ),
            models.CheckConstraint(
                condition=~Q(channel_type=""), name="template_content_has_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id}/{self.channel_type}"
