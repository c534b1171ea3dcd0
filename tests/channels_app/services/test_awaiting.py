"""Waiting for outcomes holds no connection, and lives through a lost database."""

import pytest
from django.db import DatabaseError, connection

from channels_app.models import Status
from channels_app.services.awaiting import place_to_wait, settled_states
from tests.channels_app.delivery.deliveries import default_client
from tests.channels_app.rows import make_log


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_kept_between_two_looks() -> None:
    log = make_log(default_client())
    states = settled_states({log.message_id}, 0.1)
    assert connection.connection is None
    assert states[log.message_id].is_under_way


@pytest.mark.django_db
@pytest.mark.parametrize(
    "status", [Status.SENT, Status.FAILED, Status.CANCELLED, Status.UNKNOWN]
)
def test_what_moves_no_more_by_itself_ends_the_wait(status: Status) -> None:
    log = make_log(default_client(), status=status)
    assert not settled_states({log.message_id}, 3600)[log.message_id].is_under_way


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_nothing_is_known_and_nothing_breaks() -> None:
    def gone(*_args: object) -> None:
        raise DatabaseError("gone")

    with connection.execute_wrapper(gone):
        assert settled_states({"m1"}, 0.1) == {}


def test_a_place_is_free_again_after_an_error() -> None:
    with pytest.raises(KeyError), place_to_wait():
        raise KeyError
    with place_to_wait() as may_wait:
        assert may_wait
