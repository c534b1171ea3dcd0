"""Every accepting request spends its signature, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from channels_app.api.authentication import Caller, return_sends
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.replays import use_signature

REPLAYED = "REPLAYED_REQUEST"


@contextmanager
def spending_signature(caller: Caller, count: int = 1) -> Iterator[None]:
    """Spend a refused request's signature too; a replayed one costs its client nothing.

    `count` is how many notifications it took from its client's limit. What is accepted
    spends the signature by the commit that stores it.
    """
    try:
        yield
    except RequestRefusedError as error:
        raise _final_refusal(caller, error, count) from error


def use_signature_of(caller: Caller) -> None:
    """Spend the signature of a request that stores nothing, if it has one."""
    if caller.unspent is not None:
        use_signature(caller.unspent)


def _final_refusal(
    caller: Caller, error: RequestRefusedError, count: int
) -> RequestRefusedError:
    if error.code != REPLAYED and caller.unspent is not None:
        try:
            use_signature(caller.unspent)
        except RequestRefusedError as replayed:
            error = replayed
    if error.code == REPLAYED:
        return_sends(caller, count)
    return error
