"""Where the command finds the service: options first, then environment, then a file.

The file is an INI file, `~/.config/notify.ini` unless NOTIFY_CONFIG names another:

    [default]
    url = https://notifications.example.com
    secret = …
    key_id = k_…

    [staging]
    url = https://staging.example.com
    secret_file = ~/.secrets/staging
"""

from __future__ import annotations

import argparse
import configparser
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from notifications_client.asking import Options
from notifications_client.client import Client
from notifications_client.words import say

NAMES = (
    "url",
    "secret",
    "secret_file",
    "key_id",
    "signature_version",
    "rate_per_minute",
    "timeout",
    "correct_clock",
)
_TRUE = frozenset({"1", "true", "yes", "on"})


class SettingsError(ValueError):
    """The command cannot begin; it says which setting is wrong or missing."""


@dataclass(frozen=True)
class Settings:
    """What was found. `warning` is for people: a file that others can read."""

    values: Mapping[str, str] = field(repr=False)
    warning: str = ""

    def client(self) -> Client:
        """Return a client. Raises SettingsError."""
        url = self.values.get("url")
        if not url:
            raise SettingsError(
                say(
                    "No address: set NOTIFY_URL, give --url, or write url = … into the "
                    "file {file}.",
                    file=config_file(),
                )
            )
        try:
            return Client(
                url,
                self.secret(),
                self.values.get("key_id") or None,
                signature_version=int(self._number("signature_version") or 2),
                rate_per_minute=self._number("rate_per_minute"),
                options=self._options(),
            )
        except ValueError as error:
            raise SettingsError(str(error)) from None

    def secret(self) -> str:
        """Return the secret. Raises SettingsError."""
        if self.values.get("secret"):
            return self.values["secret"]
        if self.values.get("secret_file"):
            return _read(Path(self.values["secret_file"]).expanduser()).rstrip("\r\n")
        raise SettingsError(
            say(
                "No secret: set NOTIFY_SECRET, give --secret-file, or write secret = … "
                "into the file {file}.",
                file=config_file(),
            )
        )

    def _options(self) -> Options:
        is_correcting = self.values.get("correct_clock", "").lower() in _TRUE
        timeout = self._number("timeout")
        if timeout is None:
            return Options(correct_clock=is_correcting)
        return Options(correct_clock=is_correcting, timeout=timeout)

    def _number(self, name: str) -> float | None:
        text = self.values.get(name, "")
        try:
            return float(text) if text else None
        except ValueError:
            raise SettingsError(
                say("“{name}” must be a number, not “{text}”.", name=name, text=text)
            ) from None


def settings_of(options: argparse.Namespace) -> Settings:
    """Put options, environment and file together. Raises SettingsError."""
    found, warning = _from_file(options)
    for name in NAMES:
        given = getattr(options, name, None) or os.environ.get(f"NOTIFY_{name.upper()}")
        if given:
            found[name] = str(given)
            if name == "secret_file":
                found.pop("secret", None)
            elif name == "secret":
                found.pop("secret_file", None)
    return Settings(found, warning)


def config_file() -> Path:
    """Return the path of the file, whether it exists or not."""
    named = os.environ.get("NOTIFY_CONFIG")
    if named:
        return Path(named).expanduser()
    folder = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(folder).expanduser() / "notify.ini"


def _from_file(options: argparse.Namespace) -> tuple[dict[str, str], str]:
    chosen = getattr(options, "profile", None) or os.environ.get("NOTIFY_PROFILE")
    path = config_file()
    if not path.is_file():
        if chosen or os.environ.get("NOTIFY_CONFIG"):
            raise SettingsError(say("There is no file {file}.", file=path))
        return {}, ""
    parser = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        parser.read_string(_read(path))
    except configparser.Error as error:
        raise SettingsError(
            say(
                "The file {file} cannot be read: {why}.",
                file=path,
                why=str(error).split("\n", maxsplit=1)[0],
            )
        ) from None
    name = chosen or "default"
    if not parser.has_section(name):
        raise SettingsError(
            say("The file {file} has no section [{name}].", file=path, name=name)
        )
    return dict(parser.items(name)), _warning(path)


def _warning(path: Path) -> str:
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return say("Others can read {file}: chmod 600 {file}", file=path)
    return ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            say("The file {file} cannot be read: {why}.", file=path, why=error)
        ) from None
