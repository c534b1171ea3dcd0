"""What may be done to configs, notifications and switches, and nothing else."""
