"""Settings from the environment or `.env`, each checked, each refusal explained.

A wrong value never stops the import: it becomes a `Problem` and a harmless stand-in,
so that `manage.py check` can report all of them at once. Everything else stops.
"""

from __future__ import annotations

import importlib
import ipaddress
import os
import secrets
import sys
import tempfile
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ

T = TypeVar("T")

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE_SCHEMES = {"sqlite", "postgres", "postgresql"}
TRUE_WORDS = {"1", "true", "yes", "on", "y", "t"}
FALSE_WORDS = {"0", "false", "no", "off", "n", "f", ""}
LOG_LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}


@dataclass(frozen=True)
class Problem:
    """One wrong value: which name, what is wrong, how to make a good one."""

    check_id: str
    name: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: {self.message}\n    Fix: {self.remedy} ({self.check_id})"


@dataclass
class Environment:
    """Reads values and collects what is wrong with them."""

    values: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, check_id: str, name: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(check_id, name, message, remedy))

    def raw(self, name: str, default: str = "") -> str:
        return self.values.get(name, default).strip()

    def flag(self, name: str, *, default: bool) -> bool:
        word = self.raw(name, str(default)).lower()
        if word not in TRUE_WORDS | FALSE_WORDS:
            self.refuse(
                "settings.E001",
                name,
                f"“{word}” is neither true nor false.",
                "Write True or False.",
            )
        return word in TRUE_WORDS

    def secret(self, name: str, *, at_least: int, exactly: bool = False) -> str:
        value = self.values.get(name, "")
        if len(value) == at_least or (len(value) > at_least and not exactly):
            return value
        wanted = f"{'exactly' if exactly else 'at least'} {at_least} characters"
        found = f"has {len(value)} characters" if value else "is missing"
        self.refuse(
            "settings.E002",
            name,
            f"{found}; it must have {wanted}.",
            f"Make one with: python -c 'import secrets; "
            f"print(secrets.token_hex({at_least // 2}))'",
        )
        return secrets.token_hex(at_least // 2)

    def words(self, name: str, default: str = "") -> list[str]:
        return [
            part.strip() for part in self.raw(name, default).split(",") if part.strip()
        ]

    def whole_number(self, name: str, default: int, *, lowest: int = 0) -> int:
        word = self.raw(name, str(default))
        if word.isascii() and word.isdigit() and int(word) >= lowest:
            return int(word)
        self.refuse(
            "settings.E003",
            name,
            f"“{word}” is not a whole number of at least {lowest}.",
            f"Write digits only, for example {default}.",
        )
        return default

    def whole_numbers(self, name: str, default: str) -> list[int]:
        words = self.words(name, default)
        wrong = [word for word in words if not (word.isascii() and word.isdigit())]
        for word in wrong:
            self.refuse(
                "settings.E003",
                name,
                f"“{word}” is not a whole number.",
                f"Write whole numbers, comma-separated, for example {default}.",
            )
        return [int(word) for word in words if word not in wrong]

    def keys(self, name: str, *, exactly: int) -> list[str]:
        """Return keys, comma-separated; none is ever shown."""
        words = self.words(name)
        for number, word in enumerate(words, start=1):
            if len(word) != exactly:
                self.refuse(
                    "settings.E002",
                    name,
                    f"key {number} has {len(word)} characters; "
                    f"each must have exactly {exactly} characters.",
                    "List the former values of ENCRYPT_KEY, whole, comma-separated.",
                )
        return [word for word in words if len(word) == exactly]

    def time_zone(self, name: str, default: str) -> str:
        word = self.raw(name, default)
        if word in zoneinfo.available_timezones():
            return word
        self.refuse(
            "settings.E010",
            name,
            f"“{word}” is not a time zone.",
            "Write a name of the IANA list, for example UTC or Asia/Shanghai.",
        )
        return default

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Return Django's description of the database that a URL names."""
        value = self.url(name, default, DATABASE_SCHEMES)
        try:
            return dict(environ.Env.db_url_config(value))
        except ValueError as error:
            self.refuse(
                "settings.E005",
                name,
                f"it cannot be read: {error}.",
                "Write postgres://user:password@host:5432/name; percent-encode "
                "special characters in the password.",
            )
            return dict(environ.Env.db_url_config(default))

    def require_shorter(self, name: str, seconds: int, *, than: str, most: int) -> None:
        """Refuse a time that must fit into another one."""
        if seconds > most:
            self.refuse(
                "settings.E011",
                name,
                f"{seconds} s is too long beside {than}.",
                f"Write at most {most}, or make {than} longer.",
            )

    def choice(self, name: str, default: str, allowed: set[str]) -> str:
        word = self.raw(name, default)
        if word in allowed:
            return word
        self.refuse(
            "settings.E004",
            name,
            f"“{word}” is not one of: {', '.join(sorted(allowed))}.",
            f"Write one of them, for example {default}.",
        )
        return default

    def url(self, name: str, default: str, schemes: set[str]) -> str:
        value = self.raw(name, default)
        if not value or _is_url(value, schemes):
            return value.rstrip("/") if "http" in schemes else value
        self.refuse(
            "settings.E005",
            name,
            f"it must begin with one of: {', '.join(f'{s}://' for s in sorted(schemes))}.",
            f"Write a whole address, for example {default or 'redis://127.0.0.1:6379/0'}.",
        )
        return default

    def folder(self, name: str, default: Path) -> Path:
        """Return a folder that exists and can be written to, making it if needed."""
        path = Path(self.raw(name, str(default))).resolve()
        try:
            path.mkdir(parents=True, exist_ok=True)
            reason = "" if os.access(path, os.W_OK) else "it cannot be written to"
        except OSError as error:
            reason = str(error)
        if reason:
            self.refuse(
                "settings.E007",
                name,
                f"{path}: {reason}.",
                "Name a folder that this user may write to.",
            )
            return Path(tempfile.gettempdir())
        return path

    def sender_address(self, name: str, default: str) -> str:
        """Return an address to send from; the login serves if it is an address."""
        value = self.raw(name)
        if not value:
            return default if "@" in default else ""
        if value.isprintable() and "@" in parseaddr(value)[1].strip("@"):
            return value
        self.refuse(
            "settings.E008",
            name,
            f"“{value}” is not a mail address.",
            "Write it like Notifications <notify@example.com>.",
        )
        return ""

    def refuse_both(self, one: str, other: str) -> None:
        """Refuse two switches that exclude each other."""
        words = (self.raw(one).lower(), self.raw(other).lower())
        if all(word in TRUE_WORDS for word in words):
            self.refuse(
                "settings.E009",
                one,
                f"it cannot be on together with {other}.",
                f"Port 587 needs {one} only, port 465 {other} only.",
            )

    def networks(self, name: str) -> list[str]:
        return [word for word in self.words(name) if self._is_network(name, word)]

    def _is_network(self, name: str, word: str) -> bool:
        if _parses(ipaddress.ip_network, word):
            return True
        self.refuse(
            "settings.E006",
            name,
            f"“{word}” is not a network.",
            "Write networks in CIDR form, comma-separated: 10.0.0.0/8, 192.168.1.0/24.",
        )
        return False


def _parses(parse: Callable[[str], object], word: str) -> bool:
    try:
        parse(word)
    except ValueError:
        return False
    return True


def _is_url(value: str, schemes: set[str]) -> bool:
    return _parses(urlsplit, value) and urlsplit(value).scheme in schemes


def load() -> Environment:
    """Return the environment, with `.env` of the project filling the gaps."""
    path = Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
    if path.is_file():
        environ.Env.read_env(str(path))
    return Environment(dict(os.environ))


def stop_on_problems() -> None:
    """End the process with status 2 and every problem named, if there is one."""
    importlib.import_module("notifications_site.settings")  # reads every name
    if not ENVIRONMENT.problems:
        return
    lines = [f"  {problem}" for problem in ENVIRONMENT.problems]
    sys.stderr.write(
        "The settings are not usable (environment or .env):\n" + "\n".join(lines) + "\n"
    )
    raise SystemExit(2)


ENVIRONMENT = load()
