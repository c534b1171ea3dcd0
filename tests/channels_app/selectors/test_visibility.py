"""Which users a client is for: in Python and in SQL the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app.models import ApiClient
from channels_app.selectors.visibility import may_reach, visible_configs, visible_logs
from tests.channels_app.rows import make_client, make_config, make_log

pytestmark = pytest.mark.django_db

USERS = [
    "alice",
    "Alice",
    "alicia",
    "team-a",
    "team-b",
    "Team-a",
    "team",
    "tea_m-1",
    "张三",
]


@pytest.mark.parametrize(
    ("patterns", "reached"),
    [
        ([], USERS),
        (["*"], USERS),
        (["alice"], ["alice"]),
        (["team-*"], ["team-a", "team-b"]),
        (["ali*", "Team-a"], ["alice", "alicia", "Team-a"]),
        (["tea_*"], ["tea_m-1"]),
        (["张*"], ["张三"]),
        (["%", "te%*", "a_ice"], []),
    ],
)
def test_a_client_sees_the_users_it_is_for(
    patterns: list[str], reached: list[str]
) -> None:
    client = make_client()
    for user_id in USERS:
        make_config(client, user_id)
        make_log(client, user_id=user_id)
    client.allowed_users = patterns
    configs, logs = visible_configs(client), visible_logs(client)
    assert [name for name in USERS if may_reach(client, name)] == reached
    assert set(configs.values_list("user_id", flat=True)) == set(reached)
    assert set(logs.values_list("user_id", flat=True)) == set(reached)


LETTERS = st.text(st.sampled_from("aAbé%_\\*' 张😀"), max_size=4)
PATTERNS = st.lists(st.tuples(LETTERS, st.booleans()), max_size=4)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(users=st.sets(LETTERS.filter(bool), max_size=6), parts=PATTERNS)
def test_sql_and_python_agree_on_who_is_reached(
    users: set[str], parts: list[tuple[str, bool]]
) -> None:
    client = ApiClient.objects.get(key_id="default")
    client.allowed_users = [text + "*" * is_start for text, is_start in parts]
    client.configs.all().delete()
    for user_id in users:
        make_config(client, user_id)
    seen = set(visible_configs(client).values_list("user_id", flat=True))
    assert seen == {user_id for user_id in users if may_reach(client, user_id)}
