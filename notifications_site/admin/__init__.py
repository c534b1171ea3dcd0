"""Users, groups and the task queue, in the style and under the rules of this site."""

from notifications_site.admin.people import GroupAdmin, UserAdmin
from notifications_site.admin.task_queue import FailedTaskAdmin, ScheduleAdmin

__all__ = ["FailedTaskAdmin", "GroupAdmin", "ScheduleAdmin", "UserAdmin"]
