"""Looking at processes: who is alive, who descends from whom."""

from pathlib import Path


def stat_fields(process: int) -> list[str]:
    """Return state, parent, group, … of a process; nothing if it is gone."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def is_alive(process: int) -> bool:
    """Whether it runs; a dead one that nobody has reaped does not."""
    fields = stat_fields(process)
    return bool(fields) and fields[0] != "Z"


def descendants(ancestor: int) -> dict[int, str]:
    """Return the command lines of all processes below one, by process id."""
    processes = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    parents = {p: int(f[1]) for p in processes if (f := stat_fields(p))}
    found: dict[int, str] = {}
    generation = {ancestor}
    while generation:
        generation = {p for p, parent in parents.items() if parent in generation}
        found |= {process: command_of(process) for process in generation}
    return found


def command_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
