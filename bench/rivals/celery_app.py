"""The same task under Celery; only read where Celery is installed."""

from __future__ import annotations

import importlib
import os

import django

django.setup()
tasks = importlib.import_module("bench.rivals.tasks")
celery = importlib.import_module("celery")

app = celery.Celery("rival", broker=os.environ["RIVAL_BROKER"])
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=4)
send = app.task(tasks.send, name="rival.send")
