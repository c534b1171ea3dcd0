"""What a live template's channels would send, rendered and built; sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from channels_app.senders.registry import SENDERS
from channels_app.services.wire_previews import WirePreview, preview_wire
from templates_app.selectors import NO_OPTIONS, CompiledTemplate, RenderedContent
from templates_app.services.draft_previews import SAMPLE_MESSAGE_ID


@dataclass(frozen=True)
class ChannelRender:
    """One channel's message, and what leaves this machine for it."""

    content: RenderedContent
    wire: WirePreview


def render_channel(
    template: CompiledTemplate, channel_type: str, values: Mapping[str, object]
) -> ChannelRender:
    """Render for the sender's sample config and build the requests.

    Raises ContentMissing, or RenderRefused if these values cannot be rendered.
    """
    options = _sample_options(channel_type)
    content = template.render(channel_type, values, options)
    if channel_type not in SENDERS:
        return ChannelRender(content, WirePreview())
    wire = preview_wire(
        channel_type,
        message_id=str(values.get("_message_id", SAMPLE_MESSAGE_ID)),
        subject=content.subject,
        content=content.content,
        content_type=content.content_type,
    )
    return ChannelRender(content, wire)


def _sample_options(channel_type: str) -> Mapping[str, object]:
    sender = SENDERS.get(channel_type)
    if sender is None:
        return NO_OPTIONS
    hidden = sender.form.secret_fields
    return {name: sender.sample[name] for name in sender.sample if name not in hidden}
