"""What restores are held to: the plan of a part, and the rows of a full backup."""

from diagnostics.backup.joining import Mode
from diagnostics.backup.planning import PartPlan, Plan
from templates_app.services import render_template

REPLACE = {"mode": Mode.REPLACE}
ROWS = {
    "api_clients": 2,
    "feature_flags": 1,
    "schedules": 0,
    "user_configs": 2,
    "notification_templates": 3,
    "notification_logs": 9,
}


def part(plan: Plan, table: str) -> PartPlan:
    return next(one for one in plan.parts if one.table == table)


def text_of(key: str) -> str:
    return render_template(key=key, channel_type="webhook", values={"id": 5}).content
