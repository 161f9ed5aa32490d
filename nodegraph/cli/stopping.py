"""Ctrl-C: the first one asks the run to stop, the second one ends the process."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from nodegraph.engine.context import CancelToken

__all__ = ["Stopper"]


class Stopper:
    """Listens to SIGINT and SIGTERM while it is entered (in the main thread; else it does nothing).

    Signals are read from a socket by a thread of its own, for a handler written in Python would
    have to wait until the main thread is out of whatever C code it is in: a large convolution,
    a file being read.

    Args:
        token: cancelled by the first signal.
        asked: called then.
        leave: called by a second SIGINT, or by any signal before `begin`; ends the process.
    """

    def __init__(
        self, token: CancelToken, asked: Callable[[], None], leave: Callable[[], None]
    ) -> None:
        self._token, self._asked, self._leave = token, asked, leave
        self._begun = False
        self._restore: Callable[[], None] | None = None

    def begin(self) -> None:
        """From now on there is something to be stopped with care."""
        self._begun = True

    def __enter__(self) -> Stopper:
        if threading.current_thread() is threading.main_thread():
            self._listen()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._restore is not None:
            self._restore()

    def _listen(self) -> None:
        reader, writer = socket.socketpair()
        writer.setblocking(False)
        old_writer = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        caught = (signal.SIGINT, signal.SIGTERM)
        handlers: dict[int, Any] = {n: signal.signal(n, _handled) for n in caught}
        thread = threading.Thread(target=self._watch, args=(reader,), daemon=True)
        thread.start()

        def restore() -> None:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(old_writer)
            writer.close()
            thread.join()
            reader.close()

        self._restore = restore

    def _watch(self, reader: socket.socket) -> None:
        while numbers := reader.recv(64):
            for number in numbers:
                self._act(number)

    def _act(self, number: int) -> None:
        if number not in (signal.SIGINT, signal.SIGTERM):
            return
        if not self._begun:
            self._leave()
        elif not self._token.cancelled:
            self._token.cancel()
            self._asked()
        elif number == signal.SIGINT:
            self._leave()


def _handled(number: int, frame: FrameType | None) -> None:
    """The signal is read from the wakeup socket; without a handler it would not be sent there."""
