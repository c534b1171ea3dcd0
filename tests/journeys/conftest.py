"""One running service for the journeys of each test process."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.journeys.calls import Api
from tests.journeys.sandbox import Sandbox
from tests.journeys.service import Installation, Service


def new_database(folder: Path) -> str:
    """Return the address of an empty database of the kind that this run tests."""
    if os.environ["TEST_DATABASE"] == "sqlite":
        return f"sqlite:///{folder}/db.sqlite3"
    given, _, options = os.environ["DATABASE_URL"].partition("?")
    server, name = given.rpartition("/")[0], f"journeys_{secrets.token_hex(4)}"
    with psycopg.connect(f"{server}/postgres?{options}", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{server}/{name}?{options}"


@pytest.fixture(scope="session")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("journeys")
    database = new_database(folder)
    with Installation.prepare(folder, database).started() as service:
        yield service


@pytest.fixture
def service(shared_service: Service) -> Service:
    """Return the running service, its providers on their good behaviour."""
    shared_service.sandbox.behave_well()
    return shared_service


@pytest.fixture
def api(service: Service) -> Api:
    return service.api


@pytest.fixture
def sandbox(service: Service) -> Sandbox:
    return service.sandbox


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Return an installation of the test's own, not started."""
    return Installation.prepare(tmp_path, new_database(tmp_path))
