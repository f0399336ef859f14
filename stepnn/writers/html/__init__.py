"""Floor 3: pages as HTML files that need nothing beside themselves."""
