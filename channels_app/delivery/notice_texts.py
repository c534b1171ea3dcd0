"""What people are told about a config: what happened, why, what to do, and where."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from channels_app.models import Notice, UserConfig
from channels_app.senders.contract import Actor, KnownError
from channels_app.senders.registry import SENDERS


def notice_text(config: UserConfig, notice: Notice) -> tuple[str, str]:
    """Return subject and content, in each language of the product.

    Whoever gets it has told nobody which language is theirs.
    """
    made = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            made.append(_text(config, notice))
    subjects, contents = zip(*dict.fromkeys(made), strict=True)
    return " / ".join(dict.fromkeys(subjects)), "\n\n".join(dict.fromkeys(contents))


def _text(config: UserConfig, notice: Notice) -> tuple[str, str]:
    return _mended(config) if notice is Notice.MENDED else _disabled(config)


def _disabled(config: UserConfig) -> tuple[str, str]:
    names = _names(config)
    code, _colon, said = config.disabled_reason.partition(": ")
    row = _row(config, code)
    lines = [
        _("The channel %(channel)s of user %(user)s was switched off.") % names,
        _("Why: %(title)s (%(code)s). The provider said: %(said)s")
        % {"title": row.title if row else code, "code": code, "said": said or "–"},
        *_steps(row),
        _("Who must act: %(who)s.") % {"who": _who(row)},
        _("Until then nothing is sent through it; what fails can be sent again later."),
        _where(config),
    ]
    return _("%(channel)s of %(user)s is switched off") % names, "\n".join(lines)


def _mended(config: UserConfig) -> tuple[str, str]:
    names = _names(config)
    lines = [
        _("The channel %(channel)s of user %(user)s works again.") % names,
        _("It answered a probe and was switched on; nobody has to do anything."),
        _("What failed because it was off is being sent again, unless it is too old."),
        _where(config),
    ]
    return _("%(channel)s of %(user)s works again") % names, "\n".join(lines)


def _names(config: UserConfig) -> dict[str, str]:
    sender = SENDERS.get(config.channel_type)
    label = str(sender.label) if sender else config.channel_type
    return {"channel": label, "user": config.user_id}


def _row(config: UserConfig, code: str) -> KnownError | None:
    sender = SENDERS.get(config.channel_type)
    return sender.errors.get(code) if sender else None


def _steps(row: KnownError | None) -> list[str]:
    steps = row.remedy if row else (_("Enter a destination that exists."),)
    return [f"{_('What to do:')} {' '.join(map(str, steps))}"]


def _who(row: KnownError | None) -> str:
    words = {
        Actor.CALLER: _("the service that sends"),
        Actor.OWNER: _("the owner of the channel"),
        Actor.OPERATOR: _("the operator of this system"),
        Actor.TEMPLATE_AUTHOR: _("the author of the template"),
        Actor.PROVIDER: _("the provider"),
    }
    return words[row.actor if row else Actor.OWNER]


def _where(config: UserConfig) -> str:
    return _("Where to look: Admin → Channel configs → number %(number)d.") % {
        "number": config.pk
    }
