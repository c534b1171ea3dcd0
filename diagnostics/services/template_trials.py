"""A template's draft sent into the sandbox: carried for real, judged and drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from channels_app.services.practice import PracticeRun, can_practise, practise
from channels_app.services.refusals import RequestRefusedError
from channels_app.services.steps import Step
from diagnostics.sandbox.providers import BY_NAME
from diagnostics.sandbox.server import start_in_thread
from diagnostics.services.template_previews import Drawing, drawn


@dataclass(frozen=True)
class SandboxTrial:
    """What a test into the sandbox took, and what a reader saw there."""

    steps: tuple[Step, ...]
    drawings: tuple[Drawing, ...]


def send_to_sandbox(*, template_key: str, channel_type: str) -> SandboxTrial:
    """Send what a draft says to the sandbox's provider of a channel, as a test.

    It goes to the sandbox that runs here; if none does, to one that lasts as long as
    the test. Raises RequestRefusedError: INVALID_CHANNEL_TYPE where the sandbox has no
    such provider, and what rendering the draft raises.
    """
    provider = BY_NAME.get(channel_type)
    if provider is None or not can_practise(channel_type):
        raise RequestRefusedError(
            "INVALID_CHANNEL_TYPE",
            _("The sandbox has no provider for this channel."),
            hint=_("It has %(names)s. Test the others on a user's channel.")
            % {"names": ", ".join(one.label for one in BY_NAME.values())},
        )
    with _sandbox() as address:
        url = f"{address}{provider.example}"
        run = practise(channel_type, template_key=template_key, address=url)
    return SandboxTrial(run.steps, _drawings(channel_type, run))


@contextmanager
def _sandbox() -> Iterator[str]:
    if settings.SANDBOX_URL:
        yield settings.SANDBOX_URL
        return
    running = start_in_thread()
    try:
        yield running.url
    finally:
        running.stop()


def _drawings(kind: str, run: PracticeRun) -> tuple[Drawing, ...]:
    return drawn(kind, run.bodies, run.headers)
