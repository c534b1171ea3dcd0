"""What a sender is: values in, a request out; an answer in, a receipt out.

A sender knows no model and no clock. An HTTP sender does no input or output either:
whoever carries the request (the delivery engine, a test) hands the answer back to
`read`. A blocking sender, whose library does its own, sends by itself, in a thread.

    SendError                 the provider did not accept the message
    ├── PermanentSendError    trying again unchanged cannot help
    ├── RetryableSendError    trying again later may help
    ├── NotSentError          nothing left this machine: trying again is safe
    └── UnknownOutcomeError   the message may have arrived
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from django import forms
from django_stubs_ext import StrOrPromise

ConfigData = Mapping[str, Any]


class ContentType(StrEnum):
    """How `Message.content` is to be read."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


class FailureClass(StrEnum):
    """What a known error means for the delivery and for its channel config."""

    RETRYABLE = "retryable"  # later may help
    PERMANENT = "permanent"  # this message will never be accepted
    CONFIG = "config"  # permanent until somebody mends the config
    GONE = "gone"  # permanent, and the destination no longer exists


class Actor(StrEnum):
    """Who can mend a failure."""

    CALLER = "caller"  # the service that sent the request
    OWNER = "owner"  # the person the channel belongs to
    OPERATOR = "operator"  # whoever runs this system
    TEMPLATE_AUTHOR = "template_author"
    PROVIDER = "provider"  # nobody here: the provider must recover


@dataclass(frozen=True)
class KnownError:
    """One row of an error table.

    `remedy` holds the steps in their order; `verify` says how to see that it is
    mended. `costs_try` is false where the provider only said "later": a limit never
    uses up a delivery's tries. All texts are translatable.
    """

    code: str
    title: StrOrPromise
    cause: StrOrPromise
    remedy: tuple[StrOrPromise, ...]
    actor: Actor
    failure: FailureClass
    verify: StrOrPromise = ""
    costs_try: bool = True


@dataclass(frozen=True)
class Limits:
    """What a provider documents: characters, bytes, and sends per second."""

    content_characters: int | None = None
    body_bytes: int | None = None
    sends_per_second: float | None = None
    sends_per_minute: int | None = None


@dataclass(frozen=True)
class Message:
    """What is to be delivered, rendered already.

    `content` is plain text for TEXT, provider markup for MARKDOWN and HTML
    (values in it were escaped when they were inserted), and a JSON document for
    JSON, which then *is* the message. `sent_at` is the time of this attempt,
    aware, from the caller's clock; `message_id` is the same on every attempt.
    """

    message_id: str
    subject: str
    content: str
    content_type: ContentType
    sent_at: datetime
    created_at: datetime
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OutgoingRequest:
    """One HTTP request, ready to be carried. Its repr shows no secret."""

    method: str
    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False, default=())
    body: bytes = field(repr=False, default=b"")


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers with lower-case names, at most 64 KB of body.

    `received_at` is aware; `Retry-After` dates are counted from it.
    """

    status: int
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(repr=False, default=b"")


@dataclass(frozen=True)
class Receipt:
    """The provider took the message.

    `provider_id` is its own id, if it gave one; `detail` is what else it said, as far
    as no answer holds it.
    """

    provider_id: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Correction:
    """A way to mend a refused message once, without a person.

    `config_changes` are to be stored in the channel config; `plain_text` asks for
    the message again without markup.
    """

    config_changes: Mapping[str, Any] = field(default_factory=dict)
    plain_text: bool = False


class SendError(Exception):
    """The provider did not accept the message.

    `code` is a key of the sender's error table (or of the engine's); `detail` is
    what the provider said, without secrets, at most 500 characters.
    """

    def __init__(
        self, code: str, detail: str = "", correction: Correction | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail[:500]
        self.correction = correction


class PermanentSendError(SendError):
    """Raised when the same message would be refused again."""


class RetryableSendError(SendError):
    """Raised when the same message may be accepted later.

    `retry_after` is the wait the provider asked for, in seconds, if it did.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        retry_after: float | None = None,
        correction: Correction | None = None,
    ) -> None:
        super().__init__(code, detail, correction)
        self.retry_after = retry_after


class NotSentError(SendError):
    """Raised by a blocking sender when nothing of the message has left."""


class UnknownOutcomeError(SendError):
    """Raised by a blocking sender when the message left and no answer came."""


class ConfigForm(forms.Form):
    """What a channel config holds, as a form. `cleaned_data` becomes its data.

    Fields named in `secret_fields` are encrypted at rest and never shown again.
    `warnings` are said after a valid save; they stop nothing.
    """

    secret_fields: ClassVar[frozenset[str]] = frozenset()

    def warnings(self) -> list[StrOrPromise]:
        """Return what is allowed but probably not meant, for cleaned data."""
        return []


class Sender(ABC):
    """The whole of one kind of channel: what HTTP and blocking senders share.

    `kind` is the name in the API and the database; `errors` maps each code that
    the sender can raise to its explanation; `sample` is a config that exists nowhere,
    for previews.
    """

    kind: ClassVar[str]
    label: ClassVar[StrOrPromise]
    form: ClassVar[type[ConfigForm]]
    sample: ClassVar[ConfigData]
    content_types: ClassVar[frozenset[ContentType]]
    limits: ClassVar[Limits]
    errors: ClassVar[Mapping[str, KnownError]]

    @abstractmethod
    def destination(self, config: ConfigData) -> str:
        """Return what the provider's limits are counted by; may hold secrets.

        The engine stores only a hash of it. Two configs with the same string
        share one allowance: a bot token, a webhook URL, a host.
        """


class HttpSender(Sender):
    """A sender of HTTP requests that somebody else carries."""

    @abstractmethod
    def build(
        self, config: ConfigData, message: Message
    ) -> tuple[OutgoingRequest, ...]:
        """Return the requests that deliver the message, in their order.

        Nearly always one; several where a provider's length limit splits a text.
        Raises PermanentSendError when the message cannot be put into a request.
        """

    def build_plain(
        self, config: ConfigData, message: Message
    ) -> tuple[OutgoingRequest, ...]:
        """Return requests that say the same without markup.

        For a message whose markup the provider refused; raises as `build` does.
        """
        return self.build(config, replace(message, content_type=ContentType.TEXT))

    @abstractmethod
    def read(self, answer: Answer) -> Receipt:
        """Return the receipt, or raise what the answer means.

        Success is what the provider's body says, never the status alone.
        """

    def probe(self, config: ConfigData) -> OutgoingRequest | None:
        """Return what asks, unseen, whether a destination is there again, if anything."""
        return None

    def read_probe(self, answer: Answer) -> Receipt:
        """Return a probe's receipt, or raise what the answer means."""
        return self.read(answer)


class BlockingSender(Sender):
    """A sender whose library does its own input and output.

    `goes_where_config_says`: the config names the host, so that the address policy
    must hold for each connection that `send` makes.
    """

    goes_where_config_says: ClassVar[bool]

    @abstractmethod
    def check(self, config: ConfigData, message: Message) -> None:
        """Raise PermanentSendError for what cannot be sent; connect to nobody."""

    @abstractmethod
    def written(self, config: ConfigData, message: Message) -> bytes:
        """Return what its library would be given, for previews; raises as `check`."""

    @abstractmethod
    def send(self, config: ConfigData, message: Message, *, seconds: float) -> Receipt:
        """Send, and wait for the provider's word, in about `seconds` at most.

        Runs in a thread of its own, without a database. Raises what `check` raises,
        or any other SendError.
        """
