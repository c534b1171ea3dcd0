"""Switches that make a provider misbehave, for so many requests or until told."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

MODES = (
    "normal",
    "rate_limited",
    "refused",
    "server_error",
    "hang",
    "reset",
    "slow",
    "redirect",
    "garbage",
    "huge",
)
DEFAULT_WAIT = 2
DEFAULT_SLOW = 10
MAX_SECONDS = 3600
MAX_COUNT = 1_000_000


class BehaviourError(ValueError):
    """The wanted behaviour is not understood; the text says what would be."""


@dataclass(frozen=True)
class Switch:
    """How a provider behaves: for `count` requests (None: until changed)."""

    mode: str = "normal"
    count: int | None = None
    seconds: float | None = None

    @property
    def wait(self) -> int:
        """The wait named with a 429, in whole seconds."""
        return max(1, round(self.seconds or DEFAULT_WAIT))

    @property
    def drip(self) -> float:
        """How long a slow answer takes."""
        return self.seconds or DEFAULT_SLOW


NORMAL = Switch()


def read_switch(content: object) -> Switch:
    """Read a switch from JSON or a form; empty fields mean the default."""
    if not isinstance(content, Mapping):
        raise BehaviourError('Send a JSON object such as {"mode": "hang", "count": 1}.')
    unknown = sorted(set(content) - {"mode", "count", "seconds"})
    if unknown:
        raise BehaviourError(f"Remove {unknown[0]!r}: only mode, count and seconds.")
    mode = content.get("mode")
    if mode not in MODES:
        raise BehaviourError(f"mode must be one of: {', '.join(MODES)}.")
    count = _number(content.get("count"), "count", MAX_COUNT)
    seconds = _number(content.get("seconds"), "seconds", MAX_SECONDS)
    if count is not None and count != int(count):
        raise BehaviourError("count must be a whole number.")
    return Switch(mode, None if count is None else int(count), seconds)


def _number(value: object, name: str, most: int) -> float | None:
    if value is None or value == "":
        return None
    words = f"{name} must be a number above 0, {most} at most."
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BehaviourError(words)
    try:
        number = float(value)
    except ValueError as error:
        raise BehaviourError(words) from error
    if not 0 < number <= most:
        raise BehaviourError(words)
    return number


class Behaviour:
    """The switch of every provider; safe to use from many threads."""

    def __init__(self, names: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._switches = dict.fromkeys(names, NORMAL)
        self.revision = 0

    def set(
        self,
        provider: str,
        mode: str,
        *,
        count: int | None = None,
        seconds: float | None = None,
    ) -> None:
        """Make a provider behave so from its next request on."""
        switch = read_switch({"mode": mode, "count": count, "seconds": seconds})
        self.put(provider, switch)

    def put(self, provider: str, switch: Switch) -> None:
        with self._lock:
            if provider not in self._switches:
                raise BehaviourError(f"There is no provider {provider!r}.")
            self._switches[provider] = switch
            self.revision += 1

    def take(self, provider: str) -> Switch:
        """Return how to behave for one request, and count it."""
        with self._lock:
            switch = self._switches[provider]
            if switch.count is not None:
                left = switch.count - 1
                after = replace(switch, count=left) if left > 0 else NORMAL
                self._switches[provider] = after
                self.revision += 1
            return switch

    def reset(self) -> None:
        """Back to normal, all of them."""
        with self._lock:
            self._switches = dict.fromkeys(self._switches, NORMAL)
            self.revision += 1

    def snapshot(self) -> dict[str, Switch]:
        with self._lock:
            return dict(self._switches)

    def as_json(self) -> dict[str, object]:
        return {name: asdict(switch) for name, switch in self.snapshot().items()}
