"""A draft against what was really sent: would the last notifications still come out?"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from templates_app.engine.budget import MissingPolicy
from templates_app.engine.differences import Row, rows_of
from templates_app.engine.errors import BudgetExceededError, TemplateError
from templates_app.engine.values import clean_value
from templates_app.formats.compiled import CompiledContent, compile_content
from templates_app.formats.contract import Content
from templates_app.formats.registry import format_for
from templates_app.models import UndefinedPolicy
from templates_app.refusals import TemplateNotFound
from templates_app.selectors import NO_OPTIONS, compiled_template
from templates_app.services.contents import read_contents
from templates_app.services.drafts import TemplateDraft

USES = 100
SHOWN = 10
GIVES_UP_AFTER = 5
# A save on SQLite holds the one writer meanwhile.
MOST_SECONDS = 2.0
KEPT_CHARACTERS = 2


@dataclass(frozen=True)
class PastUse:
    """One notification that was made from the template, with its stored variables."""

    message_id: str
    user_id: str
    at: datetime
    variables: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True)
class Failure:
    """One past notification that the draft cannot write on a channel."""

    message_id: str
    channel_type: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Change:
    """What a receiver would read instead; the values are masked."""

    message_id: str
    channel_type: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Rehearsal:
    """The outcome; `failed` counts notifications, `longest` characters by channel.

    `stopped` says that the draft was too expensive to go on, `compiles` that the
    validator has nothing to say of its syntax.
    """

    total: int
    failed: int
    failures: tuple[Failure, ...]
    missing: Mapping[str, int]
    longest: Mapping[str, int]
    changed: int
    changes: tuple[Change, ...]
    stopped: bool = False
    compiles: bool = True

    @property
    def is_good(self) -> bool:
        return not self.failed and not self.stopped


RecentUses = Callable[[str, int], Sequence[PastUse]]


def rehearse(draft: TemplateDraft, *, limit: int = USES) -> Rehearsal:
    """Render a draft for the last notifications of its key, on all its channels.

    Where they come from is the setting TEMPLATE_RECENT_USES. A draft that does not
    compile fails on all of them.
    """
    recent = cast(RecentUses, import_string(settings.TEMPLATE_RECENT_USES))
    run = _Run(draft)
    for use in recent(str(draft.key), limit):
        run.try_on(use)
        if run.is_too_dear:
            break
    return run.outcome()


class _Run:
    """Collects what happens while a draft is tried on one use after the other."""

    def __init__(self, draft: TemplateDraft) -> None:
        contents, _problems = read_contents(draft.contents, ())
        self._contents = {c: _compiled(c, content) for c, content in contents.items()}
        is_strict = draft.undefined == UndefinedPolicy.REFUSE.value
        self._policy = MissingPolicy.REFUSE if is_strict else MissingPolicy.KEEP
        self._live = _live(str(draft.key))
        self._failures: list[Failure] = []
        self._failed: set[str] = set()
        self._missing: Counter[str] = Counter()
        self._longest: Counter[str] = Counter()
        self._changes: list[Change] = []
        self._changed: set[str] = set()
        self._total = 0
        self._breaches = 0
        self._deadline = time.thread_time() + MOST_SECONDS

    @property
    def is_too_dear(self) -> bool:
        """Whether going on would cost more than it tells."""
        is_late = time.thread_time() > self._deadline
        return self._breaches >= GIVES_UP_AFTER or is_late

    def try_on(self, use: PastUse) -> None:
        self._total += 1
        values = _values(use)
        missing: set[str] = set()
        for channel, content in self._contents.items():
            try:
                if isinstance(content, TemplateError):
                    raise content
                done = content.render(values, NO_OPTIONS, self._policy)
            except TemplateError as error:
                self._note_failure(use, channel, error)
                missing.update(_missing_in(content, values))
                continue
            missing.update(done.missing)
            self._longest[channel] = max(self._longest[channel], len(done.content))
            self._note_change(use, channel, done.content, values)
        self._missing.update(missing)

    def outcome(self) -> Rehearsal:
        return Rehearsal(
            total=self._total,
            failed=len(self._failed),
            failures=tuple(self._failures[:SHOWN]),
            missing=dict(self._missing.most_common()),
            longest=dict(self._longest),
            changed=len(self._changed),
            changes=tuple(self._changes),
            stopped=self.is_too_dear,
            compiles=not any(
                isinstance(content, TemplateError)
                for content in self._contents.values()
            ),
        )

    def _note_failure(self, use: PastUse, channel: str, error: TemplateError) -> None:
        self._breaches += isinstance(error, BudgetExceededError)
        self._failed.add(use.message_id)
        self._failures.append(
            Failure(use.message_id, channel, error.message, error.remedy)
        )

    def _note_change(
        self, use: PastUse, channel: str, text: str, values: Mapping[str, object]
    ) -> None:
        before = self._before(channel, values)
        if before == text:
            return
        self._changed.add(use.message_id)
        if len(self._changes) < SHOWN:
            rows = self._masked_rows(channel, values)
            self._changes.append(Change(use.message_id, channel, rows))

    def _masked_rows(
        self, channel: str, values: Mapping[str, object]
    ) -> tuple[Row, ...]:
        """Return the two texts side by side; none where a filter refuses the masks."""
        hidden = cast(Mapping[str, object], masked(values))
        content = self._contents[channel]
        if not isinstance(content, CompiledContent):
            return ()
        try:
            shown = content.render(hidden, NO_OPTIONS, MissingPolicy.KEEP).content
        except TemplateError:
            return ()
        return rows_of(self._before(channel, hidden), shown)

    def _before(self, channel: str, values: Mapping[str, object]) -> str:
        content = self._live.get(channel)
        if not isinstance(content, CompiledContent):
            return ""
        try:
            return content.render(values, NO_OPTIONS, MissingPolicy.KEEP).content
        except TemplateError:
            return ""


def _missing_in(
    content: CompiledContent | TemplateError, values: Mapping[str, object]
) -> tuple[str, ...]:
    """Name all that has no value; a strict template stops at the first."""
    if not isinstance(content, CompiledContent):
        return ()
    try:
        return content.render(values, NO_OPTIONS, MissingPolicy.KEEP).missing
    except TemplateError:
        return ()


def masked(value: object) -> object:
    """Hide what a value says: its beginning, its length and its kind stay."""
    if isinstance(value, str):
        hidden = "".join(map(_masked_character, value[KEPT_CHARACTERS:]))
        return value[:KEPT_CHARACTERS] + hidden
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _rounded(value)
    if isinstance(value, Mapping):
        return {name: masked(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [masked(part) for part in value]
    return value


def _masked_character(character: str) -> str:
    """Keep a number a number, as filters may count on it."""
    if character.isdecimal():
        return "0"
    return character if character in ".-" else "•"


def _rounded(number: float) -> float:
    digits = len(str(abs(int(number)))) if math.isfinite(number) else 0
    return round(number, min(KEPT_CHARACTERS - digits, 0))


def _compiled(channel: str, content: Content) -> CompiledContent | TemplateError:
    try:
        return compile_content(format_for(channel), content)
    except TemplateError as error:
        return error


def _live(key: str) -> Mapping[str, CompiledContent | TemplateError]:
    try:
        return compiled_template(key).contents
    except TemplateNotFound:
        return {}


def _values(use: PastUse) -> dict[str, object]:
    cleaned = clean_value(dict(use.variables))
    return {
        **(cleaned if isinstance(cleaned, dict) else {}),
        "_timestamp": use.at.isoformat(timespec="seconds"),
        "_message_id": use.message_id,
        "_user_id": use.user_id,
    }
