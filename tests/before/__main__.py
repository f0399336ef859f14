from tests.before import record

record()
