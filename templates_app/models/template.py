"""A template: its key, its variables and the number of its current version."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

KEY_PATTERN = r"^[A-Za-z0-9_-]{1,100}\Z"


class UndefinedPolicy(models.TextChoices):
    """What happens to a variable that has no value."""

    KEEP = "keep", _("Keep as written")
    REFUSE = "refuse", _("Refuse the request")


class NotificationTemplate(models.Model):
    """What a notification says, over all its channels."""

    template_key = models.CharField(
        _("key"),
        max_length=100,
        unique=True,
        validators=[
            RegexValidator(KEY_PATTERN, _("Use letters, digits, “_” and “-” only."))
        ],
        help_text=_("What a request names in template_key."),
    )
    template_name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True, default="")
    variables = models.JSONField(
        _("variables"),
        default=list,
        blank=True,
        help_text=_("The names a request sends values for."),
    )
    sample_variables = models.JSONField(
        _("sample values"),
        default=dict,
        blank=True,
        help_text=_("Values for previews and tests."),
    )
    undefined = models.CharField(
        _("unknown names"),
        max_length=10,
        choices=UndefinedPolicy.choices,
        default=UndefinedPolicy.KEEP,
    )
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        """Fixed table name: operators' SQL reads it."""

        db_table = "notification_templates"
        ordering = ["template_key"]
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [
            models.CheckConstraint(
                condition=~Q(template_key=""), name="template_key_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(undefined__in=UndefinedPolicy.values),
                name="template_undefined_known",
            ),
        ]

    def __str__(self) -> str:
        return self.template_key
