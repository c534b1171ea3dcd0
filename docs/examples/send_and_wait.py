"""Sends a notification and waits until it has arrived; needs the Python client.

NOTIFY_URL=… NOTIFY_SECRET=… python3 docs/examples/send_and_wait.py
"""

import os

from notifications_client import Client, Notification, NotificationError

client = Client(
    os.environ["NOTIFY_URL"],
    os.environ["NOTIFY_SECRET"],
    os.environ.get("NOTIFY_KEY_ID"),
)
note = Notification(
    user_id=os.environ.get("USER_ID", "demo"),
    subject="Hello",
    content="Sent with the Python client. 你好!",
)
try:
    for message in client.wait(client.send(note)):
        print(message.log.channel, message.log.status)
except NotificationError as error:
    raise SystemExit(str(error)) from error  # what happened, and what to do
