"""What can go wrong with the embedded servers, said for the person at the terminal."""


class EngineError(Exception):
    """A server or the data folder cannot be used; the message says what to do."""


class DataFolderBusyError(EngineError):
    """Another process works on the data folder."""
