"""When the command began: the first thing that a timed command imports."""

import time

STARTED = time.monotonic()
"""A moment after the start of the process, as `time.monotonic` tells it, in seconds."""
