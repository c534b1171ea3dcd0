"""An installation with scheduled tasks that end when a test lets them."""

QUICK = tuple(f"quick_{number}" for number in range(6))
