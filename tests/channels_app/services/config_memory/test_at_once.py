"""Many threads send while somebody edits the config that they remember."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest
from django.db import connection
from django.db.models import F

from channels_app.delivery.destinations import destination_hash, hash_of_destination
from channels_app.models import ApiClient, UserConfig
from tests.channels_app.delivery.deliveries import default_client
from tests.channels_app.rows import make_config
from tests.channels_app.services.config_memory.sends import hook, send

THREADS = 50
SENDS_EACH = 6


@pytest.mark.django_db(transaction=True)
def test_fifty_threads_see_each_edit_that_was_committed_before_they_asked() -> None:
    client = default_client()
    config = make_config(client, secret_data=hook(0))
    editor = Editor(config)
    with ThreadPoolExecutor(THREADS) as pool:
        editor.start()
        spans = list(pool.map(editor.send_now, [client] * THREADS))
        editor.done.set()
        editor.join()
    assert editor.committed > 0
    for earliest, latest, sent in [span for mine in spans for span in mine]:
        assert earliest <= editor.numbers[sent] <= latest


class Editor(Thread):
    """Gives a config one address after the other, and notes when each may be met."""

    def __init__(self, config: UserConfig) -> None:
        super().__init__()
        self.config = config
        self.done = Event()
        self.begun = self.committed = 0
        self.numbers = {destination_hash(config): 0}

    def run(self) -> None:
        while not self.done.is_set():
            number = self.begun + 1
            self.numbers[hash_of_destination("lark", {}, hook(number))] = number
            self.begun = number
            UserConfig.objects.filter(pk=self.config.pk).update(
                secret_data=hook(number), version=F("version") + 1
            )
            self.committed = number
        connection.close()

    def send_now(self, client: ApiClient) -> list[tuple[int, int, str]]:
        """Send some; return the edits that each may have met, and where it went."""
        spans = []
        for _ in range(SENDS_EACH):
            earliest = self.committed
            [(_config, sent, _guarantee, _status)] = send(client)
            spans.append((earliest, self.begun, sent))
        connection.close()
        return spans
