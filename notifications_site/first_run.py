"""Writes the first `.env`: `.env.example` with fresh secrets and the demo's sandbox.

Run as `python -m notifications_site.first_run`; it needs nothing installed and never
touches a `.env` that is there.
"""

import argparse
import os
import re
import secrets
import sys
import uuid
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent
ONLY_FOR_THE_OWNER = 0o600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=PROJECT_DIR / ".env")
    parser.add_argument("--sandbox-port", type=int, default=8010)
    options = parser.parse_args()
    if options.file.exists():
        return
    text = first_env((PROJECT_DIR / ".env.example").read_text(), options.sandbox_port)
    write_privately(options.file, text)
    sys.stdout.write(f"{options.file} written, with fresh secrets. Keep it private.\n")


def first_env(example: str, sandbox_port: int) -> str:
    """Return the example's text with values for what a first start needs."""
    for name, value in fresh_values().items():
        example = fill_in(example, name, value)
    for name, value in demo_values(sandbox_port).items():
        note = "# For the demo's sandbox on this machine: remove it for production."
        example = fill_in(example, name, value, note)
    return example


def fresh_values() -> dict[str, str]:
    return {
        "DJANGO_SECRET_KEY": secrets.token_hex(32),
        "API_SECRET_KEY": secrets.token_hex(32),
        "ENCRYPT_KEY": secrets.token_hex(16),
        "ADMIN_KEY": secrets.token_hex(24),
        "INSTANCE_ID": str(uuid.uuid4()),
    }


def demo_values(sandbox_port: int) -> dict[str, str]:
    return {
        "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
        "TELEGRAM_API_BASE": f"http://127.0.0.1:{sandbox_port}/telegram",
    }


def fill_in(text: str, name: str, value: str, note: str = "") -> str:
    """Set one setting in the text of an env file, with a note above it."""
    line = f"{note}\n{name}={value}" if note else f"{name}={value}"
    filled, count = re.subn(rf"^#?{name}=.*$", line, text, flags=re.MULTILINE)
    if count != 1:
        raise ValueError(f"{name} must be in .env.example once, not {count} times")
    return filled


def write_privately(path: Path, text: str) -> None:
    """Write a new file that nobody else may read, not even for a moment."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, ONLY_FOR_THE_OWNER), "w") as file:
        file.write(text)


if __name__ == "__main__":
    main()
