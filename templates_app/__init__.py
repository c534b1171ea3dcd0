"""What a notification says: templates, versions, engine, formats."""
