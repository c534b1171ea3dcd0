"""The frame: settings, urls, admin site and the process runner."""
