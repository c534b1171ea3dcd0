"""What a merge adds, changes and leaves, in a database that is used."""

from pathlib import Path

import pytest

from channels_app.models import NotificationLog, Status, UserConfig
from templates_app.models import NotificationTemplate
from tests.channels_app.delivery.deliveries import default_client
from tests.diagnostics.backup.restoring import part, text_of
from tests.diagnostics.backup.stock import (
    make_config,
    make_log,
    make_template,
    planned,
    restored,
)

pytestmark = pytest.mark.django_db


class TestMerging:
    def test_what_the_backup_does_not_hold_stays(self, full: Path) -> None:
        config = make_config(default_client(), "mine")
        log = make_log(default_client(), Status.SENT)
        template = make_template("mine", "Mine")
        assert part(planned(full), "user_configs").left == 1
        restored(full)
        for row in (config, log, template):
            row.refresh_from_db()

    def test_what_says_something_else_takes_the_backups_word(self, full: Path) -> None:
        restored(full)
        config = UserConfig.objects.get(user_id="u1")
        UserConfig.objects.filter(pk=config.pk).update(
            public_data={"other": 1}, is_active=False
        )
        assert part(planned(full), "user_configs").changed == 1
        restored(full)
        fresh = UserConfig.objects.get(user_id="u1")
        assert fresh.pk == config.pk
        assert fresh.public_data == config.public_data
        assert fresh.updated_at == config.updated_at
        assert fresh.is_active

    def test_an_edited_template_gets_the_backups_state_as_a_new_version(
        self, full: Path
    ) -> None:
        restored(full)
        make_template("order-0", "Edited since {{id}}")
        assert part(planned(full), "notification_templates").changed == 1
        restored(full)
        template = NotificationTemplate.objects.get(template_key="order-0")
        numbers = template.versions.order_by("number").values_list("number", flat=True)
        assert list(numbers) == [1, 2, 3, 4]
        assert template.version == 4
        assert text_of("order-0") == "Order 5 is here"
        newest = template.versions.get(number=4)
        assert newest.snapshot["contents"][0]["content_template"] == (
            "Order {{id}} is here"
        )
        assert planned(full).is_nothing
        assert make_template("order-0", "Once more").version == 5

    def test_a_delivery_that_is_here_stays_as_it_is(self, full: Path) -> None:
        restored(full)
        held = NotificationLog.objects.filter(error_code="restored")
        released = held.first()
        assert released is not None
        held.filter(pk=released.pk).update(status=Status.PENDING, error_code="")
        assert part(planned(full), "notification_logs").changed == 0
        restored(full)
        released.refresh_from_db()
        assert released.status == Status.PENDING

    def test_a_delivery_that_waits_here_but_ended_there_takes_its_end(
        self, full: Path
    ) -> None:
        restored(full)
        sent = NotificationLog.objects.filter(status=Status.SENT).first()
        assert sent is not None
        sent.attempts.all().delete()
        # As if an older copy of the database had been put back before.
        NotificationLog.objects.filter(pk=sent.pk).delete()
        log = make_log(
            sent.client, Status.PENDING, message_id=sent.message_id, attempt_no=0
        )
        log.attempts.all().delete()
        assert part(planned(full), "notification_logs").changed == 1
        restored(full)
        log.refresh_from_db()
        assert (log.status, log.attempts.count()) == (Status.SENT, 1)

    def test_rows_whose_numbers_are_taken_get_others(self, full: Path) -> None:
        restored(full)
        wanted = UserConfig.objects.get(user_id="u1")
        UserConfig.objects.filter(pk=wanted.pk).delete()
        mine = make_config(default_client(), "mine", pk=wanted.pk)
        restored(full)
        mine.refresh_from_db()
        assert mine.user_id == "mine"
        assert UserConfig.objects.get(user_id="u1").pk > wanted.pk
        logs = NotificationLog.objects.filter(client__key_id="k_other")
        assert all(log.config_id is None for log in logs)

    def test_what_is_stored_next_gets_a_number_of_its_own(self, full: Path) -> None:
        restored(full)
        newest = UserConfig.objects.order_by("-pk").first()
        assert newest is not None
        assert make_config(default_client(), "next").pk > newest.pk
        make_log(default_client(), Status.SENT)
        make_template("next", "Next")
