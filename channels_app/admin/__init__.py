"""What operators see and do: a view over the services."""

from channels_app.admin.clients import ApiClientAdmin
from channels_app.admin.configs import UserConfigAdmin
from channels_app.admin.deliveries import NotificationLogAdmin
from channels_app.admin.flags import FeatureFlagAdmin
from channels_app.admin.schedules import ScheduleAdmin, TaskExecutionRecordAdmin

__all__ = [
    "ApiClientAdmin",
    "FeatureFlagAdmin",
    "NotificationLogAdmin",
    "ScheduleAdmin",
    "TaskExecutionRecordAdmin",
    "UserConfigAdmin",
]
