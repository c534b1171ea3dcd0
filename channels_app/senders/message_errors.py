"""What can be wrong with a message before any byte goes out."""

from django.utils.translation import gettext_lazy as _

from channels_app.senders.contract import (
    Actor,
    ContentType,
    FailureClass,
    KnownError,
    Message,
    PermanentSendError,
)

MESSAGE_ERRORS = (
    KnownError(
        code="message_empty",
        title=_("The message is empty"),
        cause=_("Subject and content hold nothing that can be seen."),
        remedy=(
            _("Look at the log: which variables came with the request?"),
            _("Fill the content, or give the template a text for missing variables."),
        ),
        actor=Actor.CALLER,
        failure=FailureClass.PERMANENT,
        verify=_("Render the template with the same variables: it shows text."),
    ),
    KnownError(
        code="message_too_large",
        title=_("The message is too large for this channel"),
        cause=_("The finished message is larger than the provider accepts."),
        remedy=(
            _("Shorten the content, or cut long values in the template."),
            _("Put the details on a page and send its link."),
        ),
        actor=Actor.TEMPLATE_AUTHOR,
        failure=FailureClass.PERMANENT,
        verify=_("Send again: the log shows “sent”."),
    ),
    KnownError(
        code="message_invalid_json",
        title=_("The content is not valid JSON"),
        cause=_("The content type is JSON, but the content cannot be parsed as JSON."),
        remedy=(
            _("Read the detail: it names line and column."),
            _("Mend the content, or choose the content type text."),
        ),
        actor=Actor.TEMPLATE_AUTHOR,
        failure=FailureClass.PERMANENT,
        verify=_("Save the template: its validation finds no error."),
    ),
    KnownError(
        code="message_invalid",
        title=_("The JSON content is not a message of this channel"),
        cause=_("JSON content is the whole message; a required part is missing."),
        remedy=(
            _("Read the detail: it names the part."),
            _("Compare the content with the example in the channel's guide."),
        ),
        actor=Actor.TEMPLATE_AUTHOR,
        failure=FailureClass.PERMANENT,
        verify=_("Send a notification with the template: it arrives."),
    ),
    KnownError(
        code="content_type_unsupported",
        title=_("This channel cannot show that content type"),
        cause=_("The template's content for this channel has a type it does not know."),
        remedy=(
            _("Open the template's content for this channel."),
            _("Choose one of the content types offered there."),
        ),
        actor=Actor.TEMPLATE_AUTHOR,
        failure=FailureClass.PERMANENT,
        verify=_("Save the template: its validation finds no error."),
    ),
    KnownError(
        code="config_invalid",
        title=_("The channel config is incomplete or damaged"),
        cause=_("A value that is needed to send is missing or cannot be used."),
        remedy=(
            _("Open the channel config: the detail names the field."),
            _("Enter the value again and save."),
        ),
        actor=Actor.OWNER,
        failure=FailureClass.CONFIG,
        verify=_("Send a test message from the channel config."),
    ),
)


def require_type(message: Message, supported: frozenset[ContentType]) -> None:
    """Raise PermanentSendError unless the channel knows the message's type."""
    if message.content_type not in supported:
        raise PermanentSendError("content_type_unsupported", message.content_type)


def require_text(message: Message) -> None:
    """Raise PermanentSendError when there is nothing to see in the message."""
    if not message.subject.strip() and not message.content.strip():
        raise PermanentSendError("message_empty")


def require_size(size: int, limit: int, unit: str) -> None:
    """Raise PermanentSendError when the message is over the provider's limit."""
    if size > limit:
        raise PermanentSendError("message_too_large", f"{size} {unit}, limit {limit}")
