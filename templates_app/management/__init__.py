"""Commands of the templates app, and what each of their actions does."""
