"""A template that somebody is writing: kept, shown and rehearsed, not live."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from templates_app.models.template import NotificationTemplate


class DraftTemplate(models.Model):
    """The unpublished state of a template; at most one, and it may hold mistakes."""

    template = models.OneToOneField(
        NotificationTemplate,
        on_delete=models.CASCADE,
        related_name="draft",
        verbose_name=_("template"),
    )
    base_version = models.PositiveIntegerField(_("begun on version"))
    author = models.CharField(_("author"), max_length=200)
    note = models.TextField(_("note"), blank=True, default="")
    state = models.JSONField(_("contents of this draft"))
    updated_at = models.DateTimeField(_("saved"), auto_now=True)

    class Meta:
        """One row a template."""

        db_table = "template_drafts"
        verbose_name = _("template draft")
        verbose_name_plural = _("template drafts")

    def __str__(self) -> str:
        return f"{self.template_id} draft"
