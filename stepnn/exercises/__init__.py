"""What is asked of a walk: which steps, with which numbers, and which mistakes can be made. No page is known here."""
