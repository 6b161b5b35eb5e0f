"""Become a child that dies with its parent, then the wanted program.

Run as a script, by path and without site-packages, so that it starts in milliseconds and shares no state
with a parent that may have threads:

    trampoline.py PARENT SIGNAL UID GID FOLDER PROGRAM [ARGUMENT...]

SIGNAL is what the kernel sends when the parent dies. UID -1 keeps the user. `{folder}` in an argument stands
for FOLDER: its path, or, when the user changes, an open descriptor of it, so that a folder below one that
the new user may not enter can be used without opening anything to everybody.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def _open_folder(folder: str) -> str:
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    os.set_inheritable(descriptor, True)
    return f"/proc/self/fd/{descriptor}"


def _switch_user(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with(parent: int, death_signal: int) -> None:
    """Have the kernel signal this process when its parent dies; a change of user clears the setting."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit("the parent died before its child began")


def main(parent: str, death_signal: str, uid: str, gid: str, folder: str, *arguments: str) -> None:
    """Never returns: the process becomes the program."""
    if int(uid) >= 0:
        folder = _open_folder(folder) if folder else ""
        os.chdir("/")
        _switch_user(int(uid), int(gid))
    die_with(int(parent), int(death_signal))
    command = [argument.replace("{folder}", folder) for argument in arguments]
    os.execv(command[0], command)  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
