"""What operators see of the system's health."""

from diagnostics.admin.reports import HealthReportAdmin

__all__ = ["HealthReportAdmin"]
