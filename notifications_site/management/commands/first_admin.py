"""`manage.py first_admin`: a superuser for a new installation, if it has none."""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Make the first superuser and print its password, once."""

    help = (
        "Make a superuser “admin” if there is no superuser yet, and print its one-time "
        "password. Example: manage.py first_admin"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model()
        if users.objects.filter(is_superuser=True).exists():
            return
        name = _free_name()
        password = secrets.token_urlsafe(12)
        users.objects.create_superuser(username=name, email="", password=password)
        self.stdout.write(
            "\n  An admin user was made. This is shown once:\n\n"
            f"      name      {name}\n      password  {password}\n\n"
            "  Change it in the admin, at the top right.\n"
        )


def _free_name() -> str:
    taken = get_user_model().objects.filter(username="admin").exists()
    return f"admin-{secrets.token_hex(2)}" if taken else "admin"
