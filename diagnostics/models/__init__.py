"""What diagnostics remembers."""

from diagnostics.models.backups import Backup
from diagnostics.models.reports import HealthReport

__all__ = ["Backup", "HealthReport"]
