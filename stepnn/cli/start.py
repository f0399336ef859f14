"""The first thing that runs. It imports the program where Ctrl-C is already expected."""

import gc
import os


def run() -> None:
    """The program as a command."""
    gc.disable()  # imports make many objects and free few: looking for garbage among them costs a tenth of the time
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "1"  # looking for them takes time; none may change what files mean
    try:
        from stepnn.cli import app  # an interrupt is caught before the first import is over
    except KeyboardInterrupt:
        os._exit(130)
    app.run()
