"""What has arrived: the last messages, in memory, with a way to wait for more."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from diagnostics.sandbox.drawing import Seen

CAPACITY = 500


@dataclass(frozen=True)
class Message:
    """One request that arrived; credentials in it are masked."""

    provider: str
    method: str
    path: str
    at: datetime
    accepted: bool
    status: int
    code: str
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: str
    seen: Seen
    misbehaviour: str = "normal"
    id: int = 0

    def as_json(self) -> dict[str, object]:
        content = asdict(self)
        content["at"] = self.at.isoformat()
        content["headers"] = dict(self.headers)
        return {"id": content.pop("id"), **content}


class Inbox:
    """The newest messages, oldest first; safe to use from many threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._changed = threading.Condition()
        self._messages: deque[Message] = deque(maxlen=capacity)
        self._last_id = 0
        self.revision = 0

    def add(self, message: Message) -> Message:
        """Keep a message under the next id, pushing out the oldest when full."""
        with self._changed:
            self._last_id += 1
            kept = replace(message, id=self._last_id)
            self._messages.append(kept)
            self.revision += 1
            self._changed.notify_all()
            return kept

    def messages(self, *, provider: str = "", since_id: int = 0) -> list[Message]:
        """Return messages with a later id, newest last."""
        with self._changed:
            return self._select(provider, since_id)

    def clear(self) -> None:
        """Forget everything; ids go on from where they were."""
        with self._changed:
            self._messages.clear()
            self.revision += 1
            self._changed.notify_all()

    def wait_until(
        self,
        is_enough: Callable[[Sequence[Message]], bool],
        *,
        provider: str = "",
        timeout: float = 10,
    ) -> list[Message]:
        """Wait until the messages satisfy the condition; raise TimeoutError if not."""
        with self._changed:
            if not self._changed.wait_for(
                lambda: is_enough(self._select(provider, 0)), timeout
            ):
                count = len(self._select(provider, 0))
                raise TimeoutError(f"{count} messages after {timeout} s: not enough.")
            return self._select(provider, 0)

    def _select(self, provider: str, since_id: int) -> list[Message]:
        return [
            message
            for message in self._messages
            if message.id > since_id and provider in ("", message.provider)
        ]
