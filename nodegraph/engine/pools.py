"""Where nodes that wait rather than compute run: a few threads, and one event loop.

Both hand their results to one queue, which only the scheduler's thread reads, so the
scheduler's state needs no locks.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any

__all__ = ["Message", "Pools"]

Message = Callable[[], None]

WAITING_PER_THREAD = 4


class Pools:
    """Started when first used, stopped with `close`.

    Attributes:
        busy: how many nodes run or wait to run here.
    """

    def __init__(self, io_threads: int) -> None:
        self._messages: SimpleQueue[Message] = SimpleQueue()
        self._io_threads = io_threads
        self._threads: ThreadPoolExecutor | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread: threading.Thread | None = None
        self._running: set[Future[None]] = set()
        self.busy = 0
        self._io_busy = 0

    @property
    def crowded(self) -> bool:
        """Whether so many `io` nodes wait for a thread that no more should be made ready.

        What waits holds its inputs: a device that is faster than what saves its results would
        else fill the memory with them.
        """
        return self._io_busy >= WAITING_PER_THREAD * self._io_threads

    def run_io(self, work: Callable[[], Message]) -> None:
        """Run `work` in a thread; the message it returns is delivered to the scheduler."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._io_threads, "nodegraph-io")
        self.busy += 1
        self._io_busy += 1
        self._threads.submit(lambda: self._finished(work(), io=True))

    def run_async(self, work: Callable[[], Coroutine[Any, Any, Message]]) -> None:
        """Run a coroutine on the event loop; the message it returns is delivered."""
        self.busy += 1

        async def deliver() -> None:
            self._finished(await work())

        future = asyncio.run_coroutine_threadsafe(deliver(), self.loop)
        self._running.add(future)
        future.add_done_callback(self._running.discard)

    def _finished(self, message: Message, io: bool = False) -> None:
        def deliver() -> None:
            self.busy -= 1
            self._io_busy -= io
            message()

        self._messages.put(deliver)

    def cancel_async(self) -> None:
        """Cancel every coroutine at the point where it waits."""
        for future in list(self._running):
            future.cancel()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop, running in a thread of its own."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop_thread = threading.Thread(
                target=self._loop.run_forever, name="nodegraph-async", daemon=True
            )
            self._loop_thread.start()
        return self._loop

    def post(self, message: Message) -> None:
        """Deliver a message to the scheduler from any thread."""
        self._messages.put(message)

    def wait(self, timeout: float | None = None) -> Message | None:
        """The next message, once there is one."""
        try:
            return self._messages.get(timeout=timeout)
        except Empty:
            return None

    def pending(self) -> bool:
        """Whether a message is there."""
        return not self._messages.empty()

    def close(self) -> None:
        """Stop the threads; nothing may be running any more."""
        if self._threads is not None:
            self._threads.shutdown(wait=True)
        if self._loop is not None and self._loop_thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop_thread.join()
            self._loop.close()
