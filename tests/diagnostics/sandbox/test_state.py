"""The parts that remember: inbox, switches, rate limits."""

import threading
from datetime import UTC, datetime

import pytest

from diagnostics.sandbox.behaviour import Behaviour, BehaviourError, Switch, read_switch
from diagnostics.sandbox.drawing import Seen
from diagnostics.sandbox.inbox import Inbox, Message
from diagnostics.sandbox.rate import Limit, RateLimits


def message(provider: str = "lark") -> Message:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Message(provider, "POST", "/", at, True, 200, "0", "", (), "", Seen())


def test_the_inbox_forgets_the_oldest() -> None:
    inbox = Inbox(capacity=2)
    for _ in range(3):
        inbox.add(message())
    assert [kept.id for kept in inbox.messages()] == [2, 3]


def test_the_inbox_is_read_by_provider_and_from_an_id_on() -> None:
    inbox = Inbox()
    for provider in ("lark", "slack", "lark"):
        inbox.add(message(provider))
    assert [kept.id for kept in inbox.messages(provider="lark")] == [1, 3]
    assert [kept.id for kept in inbox.messages(since_id=1)] == [2, 3]


def test_ids_go_on_after_clearing() -> None:
    inbox = Inbox()
    inbox.add(message())
    inbox.clear()
    assert inbox.messages() == []
    assert inbox.add(message()).id == 2


def test_waiting_ends_when_enough_has_arrived() -> None:
    inbox = Inbox()
    arriving = threading.Thread(target=inbox.add, args=(message(),))
    arriving.start()
    assert len(inbox.wait_until(lambda found: len(found) == 1)) == 1
    arriving.join()


def test_waiting_in_vain_says_so() -> None:
    with pytest.raises(TimeoutError, match="0 messages"):
        Inbox().wait_until(bool, timeout=0.01)


def test_a_switch_counts_down_to_normal() -> None:
    behaviour = Behaviour(["lark", "slack"])
    behaviour.set("lark", "hang", count=2, seconds=1)
    modes = [behaviour.take("lark").mode for _ in range(3)]
    assert modes == ["hang", "hang", "normal"]
    assert behaviour.take("slack").mode == "normal"


def test_a_switch_without_count_stays_until_reset() -> None:
    behaviour = Behaviour(["lark"])
    behaviour.set("lark", "refused")
    assert [behaviour.take("lark").mode for _ in range(3)] == ["refused"] * 3
    behaviour.reset()
    assert behaviour.take("lark") == Switch()


@pytest.mark.parametrize(
    ("content", "switch"),
    [
        ({"mode": "slow"}, Switch("slow")),
        ({"mode": "slow", "count": "", "seconds": ""}, Switch("slow")),
        ({"mode": "hang", "count": 2, "seconds": 0.5}, Switch("hang", 2, 0.5)),
        ({"mode": "hang", "count": "2", "seconds": "3"}, Switch("hang", 2, 3)),
    ],
)
def test_a_switch_is_read_from_json_or_a_form(content: object, switch: Switch) -> None:
    assert read_switch(content) == switch


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"mode": "dance"},
        {"mode": ["hang"]},
        {"mode": "hang", "for": 1},
        {"mode": "hang", "count": 0},
        {"mode": "hang", "count": 1.5},
        {"mode": "hang", "count": True},
        {"mode": "hang", "count": "many"},
        {"mode": "hang", "seconds": -1},
        {"mode": "hang", "seconds": "nan"},
        {"mode": "hang", "seconds": 1e9},
    ],
)
def test_a_senseless_switch_is_refused(content: object) -> None:
    with pytest.raises(BehaviourError):
        read_switch(content)


def test_an_unknown_provider_has_no_switch() -> None:
    with pytest.raises(BehaviourError):
        Behaviour(["lark"]).set("pigeon", "hang")


def test_a_rate_limit_names_the_wait_and_passes_after_it() -> None:
    limits, rules = RateLimits(), (Limit(2, 1), Limit(3, 60))
    waits = [limits.wait_for("a", rules, now) for now in (0, 0.5, 0.6, 1.2, 2.5, 60)]
    assert waits == [0, 0, 1, 0, 58, 0]


def test_rate_limits_are_per_key() -> None:
    limits, rules = RateLimits(), (Limit(1, 1),)
    assert limits.wait_for("a", rules, 0) == 0
    assert limits.wait_for("b", rules, 0) == 0
    assert limits.wait_for("a", rules, 0) == 1
