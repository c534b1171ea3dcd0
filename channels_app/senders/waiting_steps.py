"""Steps of a remedy that hold only while a delivery is still tried."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

WAIT = _("Wait: the message is retried by itself.")
SENT_LATER = _("Nothing to do; it is sent later if it is still wanted.")
GUARANTEE_DECIDES = _("Nothing to do; the delivery's guarantee decides what follows.")

WAITING_STEPS: tuple[StrOrPromise, ...] = (WAIT, SENT_LATER, GUARANTEE_DECIDES)
