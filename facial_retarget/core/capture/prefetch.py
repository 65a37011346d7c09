"""Lets a slow iterable work ahead in a thread of its own."""

import contextlib
import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


@contextlib.contextmanager
def prefetched(items: Iterable[Item], ahead: int = 4) -> Iterator[Iterator[Item]]:
    """Give an iterator over `items` that are made up to `ahead` of their use.

    An exception of `items` is raised where its item would have come. When the context ends,
    however it ends, the thread has ended too.
    """
    made: queue.Queue[Item | _End] = queue.Queue(ahead)
    is_over = threading.Event()

    def make() -> None:
        end = _End()
        try:
            for item in items:
                made.put(item)
                if is_over.is_set():
                    return
        except BaseException as error:  # raised again where its item is waited for
            end = _End(error)
        made.put(end)

    def take() -> Iterator[Item]:
        while not isinstance(item := made.get(), _End):
            yield item
        if item.error is not None:
            raise item.error

    thread = threading.Thread(target=make, name="prefetch", daemon=True)
    thread.start()
    try:
        yield take()
    finally:
        is_over.set()
        _empty(made)  # makes room for an item that waits to be put
        thread.join()


class _End:
    """Comes after the last item, with the exception that there was, if any."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def _empty(made: "queue.Queue[Item | _End]") -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            made.get_nowait()
