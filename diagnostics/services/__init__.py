"""What diagnostics finds out and does."""
