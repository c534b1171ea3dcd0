"""Reads the contents of a draft: what a caller sent becomes sources to compile."""

import json
import re
from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from templates_app.engine.problems import Problem, error
from templates_app.engine.text import Values
from templates_app.formats.contract import JSON, NO_VALUES, TEXT, Content
from templates_app.formats.registry import format_for

_CHANNEL = re.compile(r"[a-z0-9_-]{1,20}")


def read_contents(
    raw: object, channel_types: Collection[str], given: Values = NO_VALUES
) -> tuple[dict[str, Content], list[Problem]]:
    """Give the contents by channel, and all that is wrong with them.

    `given` holds the author's sample values.
    """
    if not isinstance(raw, Mapping) or not raw:
        return {}, [_no_contents()]
    contents: dict[str, Content] = {}
    problems: list[Problem] = []
    for channel, fields in raw.items():
        content, found = _read_content(str(channel), fields, channel_types, given)
        problems += [problem.inside(f"/contents/{channel}") for problem in found]
        if content is not None:
            contents[str(channel)] = content
    return contents, problems


def _read_content(
    channel: str, fields: object, channel_types: Collection[str], given: Values
) -> tuple[Content | None, list[Problem]]:
    problems = _channel_problems(channel, channel_types)
    if not isinstance(fields, Mapping):
        return None, [*problems, _not_a_content()]
    template = fields.get("content_template")
    is_data = isinstance(template, dict | list)
    kind = fields.get("content_type") or (JSON if is_data else TEXT)
    subject = fields.get("subject_template") or ""
    problems += _field_problems(kind, subject, template)
    if not isinstance(kind, str) or not isinstance(subject, str):
        return None, problems
    source = template if isinstance(template, str) else _as_source(template)
    if source is None or (is_data and kind != JSON):
        return None, problems
    content = Content(kind, subject, source)
    return content, problems + format_for(channel).validate(content, given)


def _as_source(template: object) -> str | None:
    """Write an object as JSON, broken into lines so that a person can edit it."""
    if not isinstance(template, dict | list):
        return None
    try:
        return json.dumps(template, ensure_ascii=False, indent=2)
    except (RecursionError, TypeError, ValueError):
        return None


def _channel_problems(channel: str, channel_types: Collection[str]) -> list[Problem]:
    if channel in channel_types if channel_types else _CHANNEL.fullmatch(channel):
        return []
    known = ", ".join(sorted(channel_types)) or "lark, telegram, slack, webhook"
    return [
        error(
            "channel_unknown",
            _("There is no channel “%(channel)s”.") % {"channel": channel[:40]},
            _("Use one of: %(names)s.") % {"names": known},
        )
    ]


def _field_problems(kind: object, subject: object, template: object) -> list[Problem]:
    problems: list[Problem] = []
    if not isinstance(kind, str):
        problems.append(_not_a_text("content_type"))
    if not isinstance(subject, str):
        problems.append(_not_a_text("subject_template"))
    if isinstance(template, str):
        return problems
    if not isinstance(template, dict | list):
        problems.append(_not_a_text("content_template"))
    elif kind != JSON:
        problems.append(_object_needs_json())
    elif _as_source(template) is None:
        problems.append(_not_json())
    return problems


def _no_contents() -> Problem:
    return error(
        "contents_missing",
        _("The template says nothing for any channel."),
        _("Send “contents” as an object: a channel and what it says."),
        "/contents",
    )


def _not_a_content() -> Problem:
    return error(
        "content_not_an_object",
        _("The content must be an object."),
        _("Send content_type, subject_template and content_template."),
    )


def _not_a_text(name: str) -> Problem:
    return error(
        "field_not_text",
        _("“%(name)s” must be a text.") % {"name": name},
        _("Send it as a string."),
        f"/{name}",
    )


def _object_needs_json() -> Problem:
    return error(
        "content_type_not_json",
        _("An object needs the content type “json”."),
        _("Set content_type to json, or send the content as a string."),
        "/content_template",
    )


def _not_json() -> Problem:
    return error(
        "invalid_json",
        _("The content cannot be written as JSON."),
        _("Send plain JSON, nested less deep."),
        "/content_template",
    )
