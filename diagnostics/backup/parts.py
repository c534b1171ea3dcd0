"""What a backup holds: which tables, which of them belong together, and how they join.

A unit is a row with the rows that make no sense without it, such as a template with
its versions: it is restored whole, in one transaction, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from channels_app.services.restored import (
    SWITCH_OF_SENDING,
    held_attempts,
    held_log,
    is_settled_since,
    logs_since,
    settled_since,
)
from diagnostics.backup.tables import Key, Row, Table, table_of, target_of

CONFIGS, TEMPLATES, LOGS = "configs", "templates", "logs"
_FLAGS = "channels_app.FeatureFlag"
KINDS = (CONFIGS, TEMPLATES, LOGS)


class Joining(Enum):
    """What becomes of a row that is here already and says something else."""

    TAKES = "the backup's word counts"
    NEW_VERSION = "the backup's state becomes a new version, when merged"
    FURTHER = "what is settled counts before what is not"


@dataclass(frozen=True)
class Part:
    """A kind of unit: its table, the tables that belong to it, and how it joins."""

    kind: str
    title: StrOrPromise
    label: str
    joining: Joining = Joining.TAKES
    child_labels: tuple[str, ...] = ()

    @property
    def table(self) -> Table:
        return table_of(self.label)

    @property
    def children(self) -> tuple[Table, ...]:
        return tuple(map(table_of, self.child_labels))

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.table, *self.children)


@dataclass(frozen=True)
class Unit:
    """A row with the rows that belong to it, by the names of their tables."""

    key: Key
    root: Row
    children: Mapping[str, list[Row]]


PARTS = (
    Part(CONFIGS, _("API clients"), "channels_app.ApiClient"),
    Part(CONFIGS, _("flags"), _FLAGS),
    Part(CONFIGS, _("schedules"), "channels_app.Schedule"),
    Part(CONFIGS, _("channel configs"), "channels_app.UserConfig"),
    Part(
        TEMPLATES,
        _("templates"),
        "templates_app.NotificationTemplate",
        Joining.NEW_VERSION,
        (
            "templates_app.TemplateContent",
            "templates_app.TemplateVersion",
            "templates_app.DraftTemplate",
        ),
    ),
    Part(
        LOGS,
        _("deliveries"),
        "channels_app.NotificationLog",
        Joining.FURTHER,
        ("channels_app.DeliveryAttempt",),
    ),
)


def all_tables() -> Iterator[Table]:
    """Yield every table of a backup, in the order in which it is restored."""
    for part in PARTS:
        yield from part.tables


def parent_column(part: Part, child: Table) -> str:
    """Return the name of the column by which a child names its unit."""
    return next(c.name for c in child.columns if target_of(c) is part.table)


def condition(part: Part, table: Table, since: datetime) -> Q:
    """Return which rows of a table a backup holds."""
    if part.kind != LOGS:
        return Q()
    path = "" if table is part.table else f"{parent_column(part, table)}__"
    return logs_since(since, of=path)


def removable(part: Part, since: datetime) -> Q:
    """Return which rows a replacing restore removes, if the backup has them not.

    Deliveries that are not settled stay, and so do those from before the backup's days.
    """
    if part.label == _FLAGS:
        return ~Q(name=SWITCH_OF_SENDING)
    return settled_since(since) if part.kind == LOGS else Q()


def is_removable(part: Part, unit: Unit, since: datetime) -> bool:
    """Return the same of one unit."""
    return part.kind != LOGS or is_settled_since(unit.root, since)


def is_kept_out(part: Part, root: Row) -> bool:
    """Return whether a row is none of a restore's business: sending stays off."""
    return part.label == _FLAGS and root["name"] == SWITCH_OF_SENDING


def as_restored(part: Part, unit: Unit) -> Unit:
    """Return a unit as it is to stand after a restore: what would go out is held."""
    if part.kind != LOGS:
        return unit
    (attempts,) = part.children
    children = {attempts.name: held_attempts(unit.children[attempts.name])}
    return Unit(unit.key, held_log(unit.root), children)
