"""One file a kind of channel: its form, facts, request, answer and errors."""
