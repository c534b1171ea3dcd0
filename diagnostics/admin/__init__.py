"""What operators see of the system's health."""

from diagnostics.admin.backups import BackupAdmin
from diagnostics.admin.reports import HealthReportAdmin

__all__ = ["BackupAdmin", "HealthReportAdmin"]
