"""The account at the end: what was accepted, what arrived, and what the rows say."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tests.faults.queries import query
from tests.faults.scene import telling
from tests.waiting import wait_until

WAITING = {"pending", "retrying", "sending"}
SETTLED = {"sent", "failed", "cancelled", "expired", "unknown"}
ROWS = "SELECT message_id, status, may_duplicate, guarantee FROM notification_logs"
UNSETTLED = (
    "SELECT count(*) FROM notification_logs"
    " WHERE status IN ('pending', 'retrying', 'sending')"
)
IN_QUESTION = (
    "SELECT count(*) FROM delivery_attempts WHERE outcome IN ('sending', 'unknown')"
)


@dataclass(frozen=True)
class Row:
    """One delivery as the database has it."""

    status: str
    is_marked: bool
    is_held: bool


@dataclass(frozen=True)
class Account:
    """All deliveries of a database, by message id."""

    rows: Mapping[str, Row]

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Account":
        rows = query(environment, ROWS)
        return cls({r[0]: Row(r[1], bool(r[2]), r[3] == "at_most_once") for r in rows})

    def having(self, *statuses: str) -> set[str]:
        return {one for one, row in self.rows.items() if row.status in statuses}

    def marked(self) -> set[str]:
        return {one for one, row in self.rows.items() if row.is_marked}

    def held(self) -> set[str]:
        return {one for one, row in self.rows.items() if row.is_held}

    def must_balance(self, accepted: set[str], hits: Counter[str]) -> None:
        """Check: nothing lost, nothing unasked, nothing twice that is not marked.

        `hits` are the times that the receiver took each message for good.
        """
        by_state = Counter(row.status for row in self.rows.values())
        assert sum(by_state.values()) == len(accepted), by_state
        assert set(by_state) <= SETTLED | WAITING
        assert accepted == set(self.rows)
        assert set(hits) <= accepted
        twice = {one for one, count in hits.items() if count > 1}
        assert twice - self.marked() == set()
        assert twice & self.held() == set()
        assert self.having("sent") - set(hits) == set()
        assert self.having("failed") - self.marked() == set()
        assert self.having("unknown") - self.held() == set()


def wait_until_settled(environment: Mapping[str, str], seconds: float = 60) -> Account:
    """Return the account once nothing waits any more; fail, telling what is found."""

    def is_settled() -> bool:
        return query(environment, UNSETTLED) == [(0,)]

    with telling(environment):
        wait_until(is_settled, "all deliveries are settled", seconds)
    return Account.of(environment)


def attempts_in_question(environment: Mapping[str, str]) -> int:
    """Return how many attempts have no known outcome."""
    return int(query(environment, IN_QUESTION)[0][0])
