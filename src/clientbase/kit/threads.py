"""Work in threads that ends when nobody waits for it any more."""


class Stopped(Exception):
    """The work has been asked to end."""


class StopFlag:
    """Asks work in a thread, which cannot be cancelled, to end: the work checks it now and then."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        """Let the work end at its next check."""
        self._is_set = True

    def check(self) -> None:
        """Raises Stopped once the flag is set."""
        if self._is_set:
            raise Stopped
