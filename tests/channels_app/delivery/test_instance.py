"""A copy of another installation's database does not send until somebody looked."""

from collections.abc import Iterator

import pytest

from channels_app.delivery import instance
from channels_app.models import FeatureFlag, Installation
from channels_app.selectors.switches import MEMORY, is_on
from channels_app.services.pausing import resume_sending

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    instance.forget()
    yield
    instance.forget()


def started_as(name: str, settings: object) -> bool:
    settings.INSTANCE_ID = name  # type: ignore[attr-defined]
    instance.forget()
    ours = instance.make_ours()
    MEMORY.forget()
    return ours


def test_the_first_worker_makes_the_database_its_own(settings: object) -> None:
    assert started_as("a", settings)
    assert Installation.objects.get().instance_id == "a"
    assert is_on("sending")


def test_a_copy_turns_sending_off_and_says_why(settings: object) -> None:
    started_as("a", settings)
    assert not started_as("b", settings)
    assert not is_on("sending")
    assert "copy of instance a" in FeatureFlag.objects.get(name="sending").note


def test_once_released_it_sends_at_every_later_start(settings: object) -> None:
    started_as("a", settings)
    started_as("b", settings)
    resume_sending(by="operator")
    assert started_as("b", settings)
    assert is_on("sending")


def test_without_an_id_nothing_is_compared(settings: object) -> None:
    started_as("a", settings)
    assert started_as("", settings)
    assert is_on("sending")


def test_it_costs_one_look_in_a_process(
    settings: object, django_assert_num_queries: object
) -> None:
    started_as("a", settings)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert instance.make_ours()
