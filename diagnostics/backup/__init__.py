"""Backups: written from one snapshot, and proved by restoring them."""
