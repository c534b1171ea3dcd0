"""People of each role, for tests of the admin; none has a password to log in with."""

from django.contrib.auth.models import Group, User
from django.test import Client


def make_superuser(name: str = "boss") -> User:
    return User.objects.create_superuser(name, f"{name}@example.com")


def make_person(role: str) -> User:
    """Make a member of staff with one role; the role's rights come by migration."""
    person = User.objects.create_user(role, is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    return person


def logged_in(person: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(person)
    return client
