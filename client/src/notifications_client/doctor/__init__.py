"""The signature doctor: what is wrong with a signed request, found without a network."""

from notifications_client.doctor.diagnosis import Diagnosis, Finding, diagnose
from notifications_client.doctor.pasted import Pasted, PasteError, read_paste

__all__ = ["Diagnosis", "Finding", "PasteError", "Pasted", "diagnose", "read_paste"]
