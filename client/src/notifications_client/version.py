"""The version of this client; the same as in pyproject.toml."""

VERSION = "0.1.0"
