"""What a delivery's state looks like in a list."""

from django.utils.safestring import SafeString

from channels_app.models import Status
from templates_app.admin.badges import badge


def status_badge(status: str) -> SafeString:
    """Return where a delivery is, as a badge."""
    return badge(Status(status).label, f"status-{status}")
