"""What the actions on template files share: they end with status 2 if one is unusable."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

from templates_app.engine.errors import SourceError

CANNOT_RUN = 2


def cannot_run(text: str) -> CommandError:
    """Return the error that ends a command with status 2."""
    return CommandError(text, returncode=CANNOT_RUN)


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Say of the file `name` why it cannot be read. Raises CommandError."""
    try:
        yield
    except OSError as error:
        raise cannot_run(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise cannot_run(f"{name} is not UTF-8: save it as UTF-8.") from error
    except SourceError as error:
        place = f":{error.line}:{error.column}" if error.line else ""
        raise cannot_run(f"{name}{place}: {error.message} {error.remedy}") from error
