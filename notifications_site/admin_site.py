"""The admin site: django-unfold's, under our name."""

from unfold.sites import UnfoldAdminSite


class NotificationsAdminSite(UnfoldAdminSite):
    """What operators work in."""
