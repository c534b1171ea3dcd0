"""The log: one row per notification and channel, which is also the queue."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from channels_app.models.clients import ApiClient
from channels_app.models.configs import Guarantee, UserConfig


class Status(models.TextChoices):
    """Where a delivery is."""

    PENDING = "pending", _("waiting")
    SENDING = "sending", _("sending")
    RETRYING = "retrying", _("waiting to retry")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")
    UNKNOWN = "unknown", _("may have arrived")


WAITING = (Status.PENDING, Status.RETRYING)
UNSETTLED = (*WAITING, Status.SENDING, Status.UNKNOWN)
SETTLED = (Status.SENT, Status.FAILED, Status.CANCELLED, Status.EXPIRED)

# Every move a delivery may make, and what makes it. Nothing else may.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset(
        {Status.SENDING, Status.CANCELLED, Status.EXPIRED, Status.FAILED, Status.SENT}
    ),
    Status.RETRYING: frozenset(
        {Status.SENDING, Status.CANCELLED, Status.EXPIRED, Status.FAILED, Status.SENT}
    ),
    Status.SENDING: frozenset(
        {
            Status.SENT,
            Status.RETRYING,
            Status.PENDING,
            Status.FAILED,
            Status.UNKNOWN,
            Status.CANCELLED,
            Status.EXPIRED,
        }
    ),
    Status.UNKNOWN: frozenset({Status.SENT, Status.FAILED, Status.PENDING}),
    Status.FAILED: frozenset({Status.PENDING}),
    Status.SENT: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.EXPIRED: frozenset(),
}


class Priority(models.IntegerChoices):
    """Which of two due deliveries goes first."""

    HIGH = 0, _("high")
    NORMAL = 1, _("normal")
    LOW = 2, _("low")


class NotificationLog(models.Model):
    """One notification to one channel: what was asked, and what became of it.

    `attempt_no` is the fence: whoever writes an outcome names the attempt it is of.
    `parts_sent` counts the requests of a split message that were accepted, so that a
    retry goes on where the last try stopped.
    """

    message_id = models.CharField(_("message id"), max_length=36, unique=True)
    request_id = models.CharField(_("request id"), max_length=64)
    client = models.ForeignKey(
        ApiClient, on_delete=models.PROTECT, verbose_name=_("API client")
    )
    config = models.ForeignKey(
        UserConfig,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("channel config"),
    )
    user_id = models.CharField(_("user"), max_length=100)
    channel_type = models.CharField(_("channel"), max_length=20)
    template_key = models.CharField(
        _("template"), max_length=100, blank=True, default=""
    )
    template_version = models.PositiveIntegerField(
        _("template version"), null=True, blank=True
    )
    subject = models.TextField(_("subject"), blank=True, default="")
    content = models.TextField(_("content"), blank=True, default="")
    content_type = models.CharField(_("content type"), max_length=10, default="text")
    variables = models.JSONField(_("variables"), default=dict, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    is_test = models.BooleanField(_("test"), default=False)

    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    priority = models.SmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    destination = models.CharField(max_length=32, blank=True, default="")
    ordering_key = models.CharField(
        _("ordering key"), max_length=100, blank=True, default=""
    )
    shard = models.SmallIntegerField(default=0)
    guarantee = models.CharField(
        max_length=20, choices=Guarantee.choices, default=Guarantee.AT_LEAST_ONCE
    )
    attempt_no = models.PositiveIntegerField(default=0)
    retry_count = models.PositiveIntegerField(_("retries"), default=0)
    crash_count = models.PositiveSmallIntegerField(default=0)
    parts_sent = models.PositiveSmallIntegerField(default=0)
    may_duplicate = models.BooleanField(_("may have arrived twice"), default=False)
    cancel_requested = models.BooleanField(default=False)
    is_corrected = models.BooleanField(
        _("mended"),
        default=False,
        help_text=_(
            "The product changed the message or its config once to get it through."
        ),
    )
    has_slot = models.BooleanField(
        default=False,
        help_text=_("Its destination’s limit is reserved for the next try."),
    )
    send_plain = models.BooleanField(_("without markup"), default=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=64, blank=True, default="")

    error_code = models.CharField(
        _("error code"), max_length=64, blank=True, default=""
    )
    error = models.TextField(_("error"), blank=True, default="")

    created_at = models.DateTimeField(_("accepted"))
    send_at = models.DateTimeField(_("send at"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("next try"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        db_table = "notification_logs"
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        indexes = [
            # The claim: what is due, by priority.
            models.Index(
                fields=["priority", "next_attempt_at", "id"],
                name="logs_due",
                condition=Q(status__in=["pending", "retrying"]),
            ),
            # The reaper: whose lease has run out.
            models.Index(
                fields=["lease_until"],
                name="logs_leased",
                condition=Q(status="sending"),
            ),
            # Pushing back what waits for a config whose breaker opened.
            models.Index(
                fields=["config", "next_attempt_at"],
                name="logs_waiting_of_config",
                condition=Q(status__in=["pending", "retrying"]),
            ),
            # The sweeper: whose time has run out while it waited.
            models.Index(
                fields=["expires_at"],
                name="logs_expiring",
                condition=Q(
                    status__in=["pending", "retrying"], expires_at__isnull=False
                ),
            ),
            # What has to be settled before a later one of its ordering key may start.
            models.Index(
                fields=["config", "ordering_key", "client", "id"],
                name="logs_unsettled_of_key",
                condition=Q(status__in=["pending", "retrying", "sending"])
                & ~Q(ordering_key=""),
            ),
            # The log list of one user, of one template, of the failures; newest first.
            models.Index(fields=["user_id", "-id"], name="logs_of_user"),
            models.Index(fields=["template_key", "-id"], name="logs_of_template"),
            models.Index(
                fields=["-id"],
                name="logs_failed",
                condition=Q(status__in=["failed", "unknown"]),
            ),
            # What was given up is rare: no page of it walks the whole table.
            models.Index(
                fields=["status", "-id"],
                name="logs_given_up",
                condition=Q(status__in=["cancelled", "expired"]),
            ),
            # The last hour's figures, and retention.
            models.Index(fields=["created_at"], name="logs_created"),
            models.Index(fields=["request_id"], name="logs_of_request"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="log_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="sending") | Q(lease_until__isnull=False),
                name="log_sending_has_lease",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class Outcome(models.TextChoices):
    """What is known of one try."""

    SENDING = "sending", _("on its way")
    OK = "ok", _("accepted by the provider")
    FAILED = "failed", _("failed, may be tried again")
    REJECTED = "rejected", _("refused for good")
    NOT_SENT = "not_sent", _("nothing was sent")
    UNKNOWN = "unknown", _("may have arrived")


class DeliveryAttempt(models.Model):
    """One try. Its row is committed before the first byte goes out."""

    log = models.ForeignKey(
        NotificationLog, on_delete=models.CASCADE, related_name="attempts"
    )
    number = models.PositiveIntegerField(_("try"))
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.SENDING
    )
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    latency_ms = models.PositiveIntegerField(_("took (ms)"), null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(
        _("HTTP status"), null=True, blank=True
    )
    error_code = models.CharField(
        _("error code"), max_length=64, blank=True, default=""
    )
    error = models.TextField(_("error"), blank=True, default="")
    response_excerpt = models.TextField(_("answer"), blank=True, default="")
    retry_after_seconds = models.FloatField(_("wait asked for"), null=True, blank=True)
    worker = models.CharField(_("worker"), max_length=64, blank=True, default="")

    class Meta:
        db_table = "delivery_attempts"
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["log_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["log", "number"], name="one_attempt_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.outcome}"


class IdempotencyKey(models.Model):
    """The first answer to a request that named a key, kept for 24 hours."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE)
    user_id = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    response = models.JSONField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "idempotency_keys"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "user_id", "key"], name="idempotency_key_used_once"
            )
        ]

    def __str__(self) -> str:
        return self.key
