"""The immutable past of a template: what it said, who changed it and why."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from templates_app.models.template import NotificationTemplate


class TemplateVersion(models.Model):
    """One saved state of a template; written once, never changed."""

    template = models.ForeignKey(
        NotificationTemplate,
        on_delete=models.CASCADE,
        related_name="versions",
        verbose_name=_("template"),
    )
    number = models.PositiveIntegerField(_("version"))
    author = models.CharField(_("author"), max_length=200)
    note = models.TextField(_("note"), blank=True, default="")
    snapshot = models.JSONField(_("contents of this version"))
    created_at = models.DateTimeField(_("saved"), auto_now_add=True)

    class Meta:
        """Newest first, as a reader wants it."""

        db_table = "template_versions"
        ordering = ["-number"]
        verbose_name = _("template version")
        verbose_name_plural = _("template versions")
        constraints = [
            models.UniqueConstraint(
                fields=["template", "number"], name="template_version_number_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="template_version_starts_at_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"
