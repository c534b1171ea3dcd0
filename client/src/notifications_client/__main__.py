"""`python -m notifications_client` is the command `notify`."""

from notifications_client.command.main import run

if __name__ == "__main__":
    run()
