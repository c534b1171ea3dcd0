"""An installation whose webhook sender ends its process over certain messages."""
