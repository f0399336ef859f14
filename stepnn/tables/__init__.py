"""Tables as people have them: CSV in any encoding and with any separator, and spreadsheets. One reader for all."""
