"""Client of the notification service.

from notifications_client import Client, Notification

client = Client("https://notifications.example.com", secret)
sent = client.send(Notification("u1", content="Hello"))
client.wait(sent)
"""

from notifications_client.answers import (
    Accepted,
    BatchAnswer,
    BatchItem,
    Event,
    Explanation,
    Log,
    Message,
    SendResult,
)
from notifications_client.asking import LogFilter, Notification, Options
from notifications_client.client import Client
from notifications_client.errors import (
    AuthenticationError,
    ClockSkewError,
    ConflictError,
    ConnectionFailedError,
    DeadlineExceededError,
    ForbiddenError,
    NotFoundError,
    NotificationError,
    NotSettledError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
    UnexpectedAnswerError,
    ValidationError,
)
from notifications_client.pacing import RetryPolicy
from notifications_client.rehearsals import DryRun, Prospect
from notifications_client.resources import (
    Config,
    Content,
    Health,
    Template,
)
from notifications_client.version import VERSION

__version__ = VERSION

__all__ = [
    "Accepted",
    "AuthenticationError",
    "BatchAnswer",
    "BatchItem",
    "Client",
    "ClockSkewError",
    "Config",
    "ConflictError",
    "ConnectionFailedError",
    "Content",
    "DeadlineExceededError",
    "DryRun",
    "Event",
    "Explanation",
    "ForbiddenError",
    "Health",
    "Log",
    "LogFilter",
    "Message",
    "NotFoundError",
    "NotSettledError",
    "Notification",
    "NotificationError",
    "Options",
    "Prospect",
    "RateLimitedError",
    "RefusedError",
    "RetryPolicy",
    "SendResult",
    "Template",
    "UnavailableError",
    "UnexpectedAnswerError",
    "ValidationError",
    "__version__",
]
