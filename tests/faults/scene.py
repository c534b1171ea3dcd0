"""What a test finds that waited in vain: rows, processes, sessions, the last words."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.faults.queries import table
from tests.processes import command_of, is_alive, stat_fields

LAST_LINES = 200
UNSETTLED = "status IN ('pending', 'retrying', 'sending')"
BY_STATE = f"""
    SELECT status, config_id, guarantee, error_code, count(*) AS deliveries,
        min(next_attempt_at) AS first_due, max(next_attempt_at) AS last_due,
        min(lease_until) AS first_lease, max(lease_until) AS last_lease
    FROM notification_logs WHERE {UNSETTLED} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2"""
FIRST_ONES = f"""
    SELECT id, status, attempt_no, retry_count, crash_count, next_attempt_at,
        lease_until, worker, config_id, destination, has_slot, error_code, error
    FROM notification_logs WHERE {UNSETTLED} ORDER BY id LIMIT 20"""
LAST_TRIES = f"""
    SELECT * FROM delivery_attempts WHERE log_id IN (SELECT id FROM notification_logs
        WHERE {UNSETTLED}) ORDER BY id DESC LIMIT 20"""
LOOKS = {
    "the database's time": "SELECT CURRENT_TIMESTAMP AS now",
    "unsettled": BY_STATE,
    "the first of them": FIRST_ONES,
    "their last tries": LAST_TRIES,
    "breakers (seconds since 1970)": "SELECT * FROM breakers",
    "pump slots": "SELECT * FROM pump_slots",
    "heartbeats": "SELECT * FROM worker_heartbeats ORDER BY seen_at",
    "switches": "SELECT * FROM feature_flags",
    "limits": "SELECT * FROM rate_limits LIMIT 20",
    "canaries": "SELECT * FROM canaries ORDER BY sent_at DESC LIMIT 10",
    "queue": "SELECT id, key, lock FROM django_q_ormq ORDER BY id LIMIT 20",
}
SESSIONS = {
    "sessions": """
        SELECT pid, application_name, state, wait_event_type, wait_event,
            now() - xact_start AS in_transaction, now() - state_change AS since,
            pg_blocking_pids(pid) AS blocked_by, left(query, 200) AS query
        FROM pg_stat_activity WHERE datname = current_database()""",
}


@contextmanager
def telling(environment: Mapping[str, str]) -> Iterator[None]:
    """Let a failed check tell what an installation looked like at that moment."""
    try:
        yield
    except AssertionError as error:
        error.add_note(scene(environment))
        raise


def scene(environment: Mapping[str, str]) -> str:
    """Return what a person must see to know why deliveries are not settled."""
    looks = LOOKS | ({} if _is_sqlite(environment) else SESSIONS)
    rows = [f"-- {name}\n{table(environment, sql)}" for name, sql in looks.items()]
    found = "\n".join(_processes(environment))
    return "\n".join([*rows, f"-- processes\n{found}", *_last_words(environment)])


def _is_sqlite(environment: Mapping[str, str]) -> bool:
    return environment["DATABASE_URL"].startswith("sqlite")


def _processes(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the processes of an installation, orphans too: they share its settings."""
    mark = f"DATABASE_URL={environment['DATABASE_URL']}\0".encode()
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda one: int(one.name)):
        number = int(folder.name)
        if number != os.getpid() and mark in _environ(folder) and is_alive(number):
            state, parent = stat_fields(number)[:2]
            yield f"{number} {state} parent={parent} {command_of(number)[:160]}"


def _environ(folder: Path) -> bytes:
    try:
        return (folder / "environ").read_bytes() + b"\0"
    except OSError:
        return b""


def _last_words(environment: Mapping[str, str]) -> Iterator[str]:
    for output in sorted(Path(environment["DATA_DIR"]).glob("output-*")):
        lines = output.read_text(errors="replace").splitlines()[-LAST_LINES:]
        yield "\n".join([f"-- the end of {output.name}", *lines])
