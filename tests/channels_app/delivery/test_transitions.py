"""The test database itself holds every status to the table of transitions."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from channels_app.models import TRANSITIONS, NotificationLog, Status
from tests.channels_app.rows import NOON, default_client, make_log

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("source", "target"), list(product(Status, Status)))
def test_the_table_decides_which_update_is_refused(
    source: Status, target: Status
) -> None:
    log = make_log(default_client(), status=source)
    rows = NotificationLog.objects.filter(pk=log.pk)
    if target is source or target in TRANSITIONS[source]:
        assert rows.update(status=target, lease_until=NOON) == 1
        return
    with pytest.raises(IntegrityError, match="not in the table"), transaction.atomic():
        rows.update(status=target)
    assert rows.get().status == source
