"""What diagnostics remembers."""

from diagnostics.models.backups import Backup

__all__ = ["Backup"]
