"""Reads templates: lists, details, and the compiled form that sends are made from."""

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.db.models import QuerySet

from templates_app.engine.budget import MissingPolicy
from templates_app.engine.errors import SourceError, TemplateError
from templates_app.engine.text import Values
from templates_app.formats.compiled import CompiledContent, compile_content
from templates_app.formats.contract import Content, Options
from templates_app.formats.registry import format_for
from templates_app.models import (
    DraftTemplate,
    NotificationTemplate,
    TemplateContent,
    TemplateVersion,
)
from templates_app.models.template import KEY_PATTERN
from templates_app.refusals import (
    ContentMissing,
    RenderRefused,
    TemplateNotFound,
    VersionNotFound,
)

CACHE_SIZE = 500

NO_OPTIONS: Options = MappingProxyType({})


@dataclass(frozen=True)
class RenderedContent:
    """What one channel sends, and the version of the template it came from."""

    subject: str
    content: str
    content_type: str
    version: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class CompiledTemplate:
    """One version of a template, ready for all its channels and for many threads."""

    key: str
    version: int
    policy: MissingPolicy
    contents: Mapping[str, CompiledContent | SourceError]

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels it has content for."""
        return tuple(self.contents)

    def has_content(self, channel_type: str) -> bool:
        """Tell whether it says anything on this channel."""
        return channel_type in self.contents

    def content_for(self, channel_type: str) -> CompiledContent:
        """Give one channel's content; raises ContentMissing or RenderRefused."""
        content = self.contents.get(channel_type)
        if content is None:
            raise ContentMissing(self.key, channel_type)
        if isinstance(content, SourceError):
            raise RenderRefused(self.key, channel_type, content)
        return content

    def render(
        self, channel_type: str, values: Values, options: Options = NO_OPTIONS
    ) -> RenderedContent:
        """Write one channel's message; `options` is the channel config's data.

        The caller puts _timestamp, _message_id and _user_id into `values`. Raises
        ContentMissing, or RenderRefused if these values cannot be rendered.
        """
        content = self.content_for(channel_type)
        try:
            done = content.render(values, options, self.policy)
        except TemplateError as exc:
            raise RenderRefused(self.key, channel_type, exc) from exc
        return RenderedContent(
            done.subject, done.content, done.content_type, self.version, done.missing
        )


@dataclass(frozen=True)
class CacheUse:
    """How often this process found what it looked for in its memory."""

    hits: int
    misses: int

    @property
    def hit_rate(self) -> float | None:
        """The part of look-ups that found something; None before the first."""
        uses = self.hits + self.misses
        return round(self.hits / uses, 4) if uses else None


class _CompiledTemplates:
    """Keeps the compiled templates used last, for all threads of the process."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, CompiledTemplate] = OrderedDict()
        self._hits = self._misses = 0

    @property
    def use(self) -> CacheUse:
        with self._lock:
            return CacheUse(self._hits, self._misses)

    def get(self, pk: int, version: int) -> CompiledTemplate | None:
        with self._lock:
            found = self._kept.get(pk)
            if found is None or found.version != version:
                self._misses += 1
                return None
            self._hits += 1
            self._kept.move_to_end(pk)
            return found

    def put(self, pk: int, compiled: CompiledTemplate) -> None:
        with self._lock:
            self._kept[pk] = compiled
            self._kept.move_to_end(pk)
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def clear(self) -> int:
        with self._lock:
            count = len(self._kept)
            self._kept.clear()
            return count


_compiled_templates = _CompiledTemplates(CACHE_SIZE)


def templates(
    *, include_inactive: bool = False, limit: int | None = None, offset: int = 0
) -> list[NotificationTemplate]:
    """List published templates by key, each with its contents loaded."""
    found = _with_contents()
    if not include_inactive:
        found = found.filter(is_active=True)
    end = None if limit is None else offset + limit
    return list(found[offset:end])


def template_count(*, include_inactive: bool = False) -> int:
    """Count the templates that `templates` lists."""
    found = NotificationTemplate.objects.filter(version__gt=0)
    return (found if include_inactive else found.filter(is_active=True)).count()


def template(*, key: str) -> NotificationTemplate:
    """Give a template, active or not, or only begun; raises TemplateNotFound."""
    found = NotificationTemplate.objects.filter(template_key=key).first()
    if found is None:
        raise TemplateNotFound(key)
    return found


def template_detail(*, key: str) -> NotificationTemplate:
    """Give a published template with its contents loaded; raises TemplateNotFound."""
    found = _with_contents().filter(template_key=key).first()
    if found is None:
        raise TemplateNotFound(key)
    return found


def template_version(template: NotificationTemplate, number: int) -> TemplateVersion:
    """Give one version; raises VersionNotFound."""
    found = TemplateVersion.objects.filter(template=template, number=number).first()
    if found is None:
        raise VersionNotFound(template.template_key, number)
    return found


def version_at(
    template: NotificationTemplate, moment: datetime
) -> TemplateVersion | None:
    """Give the version that was live at a moment; None before the first."""
    past = TemplateVersion.objects.filter(template=template, created_at__lte=moment)
    return past.order_by("-number").first()


def draft_of_template(template: NotificationTemplate) -> DraftTemplate | None:
    """Give the draft that somebody has begun, if anybody has."""
    return DraftTemplate.objects.filter(template=template).first()


def compiled_template(key: str, *, is_remembered: bool = True) -> CompiledTemplate:
    """Give the current version of an active template, compiled.

    One cheap query tells the version; contents are loaded and compiled only when this
    process has not seen that version, or what it saw shall not be used. Raises
    TemplateNotFound.
    """
    row = _current(key)
    if row is None:
        raise TemplateNotFound(key)
    pk, version = row
    if not is_remembered:
        return _load(pk, key, version)
    found = _compiled_templates.get(pk, version)
    if found is None:
        found = _load(pk, key, version)
        _compiled_templates.put(pk, found)
    return found


def clear_compiled_templates() -> int:
    """Forget all compiled templates of this process; tells how many there were."""
    return _compiled_templates.clear()


def template_cache_use() -> CacheUse:
    """Tell how often this process had a template compiled already."""
    return _compiled_templates.use


def _current(key: str) -> tuple[int, int] | None:
    if not re.match(KEY_PATTERN, key):
        return None
    active = NotificationTemplate.objects.filter(template_key=key, is_active=True)
    return active.values_list("id", "version").first()


def _with_contents() -> QuerySet[NotificationTemplate]:
    published = NotificationTemplate.objects.filter(version__gt=0)
    return published.prefetch_related("contents")


def _load(pk: int, key: str, version: int) -> CompiledTemplate:
    """Read contents and version in one statement, so that they belong together."""
    rows = TemplateContent.objects.filter(template_id=pk).select_related("template")
    contents = list(rows)
    policy = MissingPolicy.KEEP
    if contents:
        version = contents[0].template.version
        policy = MissingPolicy(contents[0].template.undefined)
    compiled = {row.channel_type: _compile(row) for row in contents}
    return CompiledTemplate(key, version, policy, MappingProxyType(compiled))


def _compile(row: TemplateContent) -> CompiledContent | SourceError:
    content = Content(row.content_type, row.subject_template, row.content_template)
    try:
        return compile_content(format_for(row.channel_type), content)
    except SourceError as exc:
        return exc
