"""The garbage collector of a process that holds much for long and makes much for a moment."""

import gc


def calm() -> None:
    """Never look through what the start has made again, and seldom through the rest.

    Batches of rows hold many objects for a moment: looking through them took a third of loading, and one
    look through everything stopped the API for a quarter of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
