"""The product's settings, with a sender that can be poisoned."""

from notifications_site.settings import *  # noqa: F403, TID251
from notifications_site.settings import INSTALLED_APPS as _INSTALLED_APPS  # noqa: TID251

INSTALLED_APPS = [*_INSTALLED_APPS, "tests.faults.poisoned"]
