"""A practice provider: answers as Lark, Telegram, Slack and a webhook would."""
