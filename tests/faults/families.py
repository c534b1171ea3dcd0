"""The processes of a running service, each by its part."""

from collections.abc import Mapping

from tests.faults.queries import query
from tests.processes import descendants, is_alive, stat_fields

BUSY = "SELECT worker FROM pump_slots WHERE running_until IS NOT NULL AND worker <> ''"


def children(parent: int) -> list[int]:
    """Return the living children of a process, the oldest first."""
    family = filter(is_alive, descendants(parent))
    return sorted(p for p in family if stat_fields(p)[1:2] == [str(parent)])


def parts(up: int) -> dict[str, list[int]]:
    """Return those processes of a running `up` that are there now, by their part."""
    family = descendants(up)
    web = [p for p in children(up) if "gunicorn" in family.get(p, "")]
    supervisor = [p for p in children(up) if "manage.py worker" in family.get(p, "")]
    main = _children(supervisor)
    sentinel = _children(main)
    found = {
        "web": web,
        "web process": _children(web),
        "supervisor": supervisor,
        "main": main,
        "sentinel": sentinel,
        "of the cluster": _children(sentinel),
    }
    return {part: processes for part, processes in found.items() if processes}


def _children(parents: list[int]) -> list[int]:
    return [child for parent in parents for child in children(parent)]


def part(up: int, name: str) -> int:
    """Return the one process that is this part."""
    (process,) = parts(up)[name]
    return process


def pumping(environment: Mapping[str, str]) -> list[int]:
    """Return the task processes that send now; their names end with their ids."""
    names = [row[0] for row in query(environment, BUSY)]
    return [int(name.rpartition("-")[2]) for name in names if name[-1].isdigit()]
