"""The tables of channel configs, deliveries, API clients and the engine."""

from channels_app.models.breakers import Breaker
from channels_app.models.bulk_replays import BulkReplay
from channels_app.models.clients import (
    DEFAULT_KEY_ID,
    ApiClient,
    ClientDay,
    Scope,
    UsedSignature,
)
from channels_app.models.configs import Guarantee, Notice, UserConfig
from channels_app.models.dedupe import DedupeWindow
from channels_app.models.encrypted import CannotDecryptError, Secret
from channels_app.models.engine import (
    Canary,
    FeatureFlag,
    Installation,
    PumpSlot,
    WorkerHeartbeat,
)
from channels_app.models.limits import RateLimit
from channels_app.models.logs import (
    SETTLED,
    TRANSITIONS,
    UNSETTLED,
    WAITING,
    DeliveryAttempt,
    IdempotencyKey,
    NotificationLog,
    Outcome,
    Priority,
    Status,
)
from channels_app.models.schedules import RunStatus, Schedule, TaskExecutionRecord
from channels_app.models.time_lookups import compare_times_alike

compare_times_alike()

__all__ = [
    "DEFAULT_KEY_ID",
    "SETTLED",
    "TRANSITIONS",
    "UNSETTLED",
    "WAITING",
    "ApiClient",
    "Breaker",
    "BulkReplay",
    "Canary",
    "CannotDecryptError",
    "ClientDay",
    "DedupeWindow",
    "DeliveryAttempt",
    "FeatureFlag",
    "Guarantee",
    "IdempotencyKey",
    "Installation",
    "Notice",
    "NotificationLog",
    "Outcome",
    "Priority",
    "PumpSlot",
    "RateLimit",
    "RunStatus",
    "Schedule",
    "Scope",
    "Secret",
    "Status",
    "TaskExecutionRecord",
    "UsedSignature",
    "UserConfig",
    "WorkerHeartbeat",
]
