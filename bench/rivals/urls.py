"""Where the rivals answer."""

from django.urls import path

from bench.rivals.barest import answer, send, send_batch
from bench.rivals.usual import SendBatchView, SendView

urlpatterns = [
    path("livez", answer),
    path("barest/send", send),
    path("barest/send-batch", send_batch),
    path("usual/send", SendView.as_view()),
    path("usual/send-batch", SendBatchView.as_view()),
]
