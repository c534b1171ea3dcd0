"""Faults to plant: each breaks one thing as life does, and names what is to be found."""

from tests.diagnostics.checks.faults.backups import BACKUP_FAULTS
from tests.diagnostics.checks.faults.database import DATABASE_FAULTS
from tests.diagnostics.checks.faults.environment import ENVIRONMENT_FAULTS
from tests.diagnostics.checks.faults.machine import MACHINE_FAULTS
from tests.diagnostics.checks.faults.planting import Fault, Hand, live_worker
from tests.diagnostics.checks.faults.queue import QUEUE_FAULTS
from tests.diagnostics.checks.faults.traffic import TRAFFIC_FAULTS

__all__ = ["FAULTS", "Fault", "Hand", "live_worker"]

FAULTS = (
    *DATABASE_FAULTS,
    *QUEUE_FAULTS,
    *TRAFFIC_FAULTS,
    *MACHINE_FAULTS,
    *ENVIRONMENT_FAULTS,
    *BACKUP_FAULTS,
)
