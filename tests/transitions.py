"""A trigger that refuses every change of status that the table does not allow."""

from django.db import connection

from channels_app.models import TRANSITIONS

NAME = "refuse_other_transitions"


def _allowed() -> str:
    pairs = [
        f"(OLD.status = '{source.value}' AND NEW.status = '{target.value}')"
        for source, targets in TRANSITIONS.items()
        for target in sorted(targets)
    ]
    return " OR ".join(pairs)


def _statements() -> tuple[str, ...]:
    condition = f"OLD.status <> NEW.status AND NOT ({_allowed()})"
    refusal = "this transition is not in the table"
    if connection.vendor == "sqlite":
        return (
            f"""CREATE TRIGGER {NAME} BEFORE UPDATE OF status ON notification_logs
            WHEN {condition} BEGIN SELECT RAISE(ABORT, '{refusal}'); END""",
        )
    return (
        f"""CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE integrity_constraint_violation USING MESSAGE = '{refusal}';
        END $$""",
        f"""CREATE TRIGGER {NAME} BEFORE UPDATE ON notification_logs
        FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {NAME}()""",
    )


def refuse_other_transitions() -> None:
    """Install the trigger in the test database."""
    with connection.cursor() as cursor:
        for statement in _statements():
            cursor.execute(statement)
