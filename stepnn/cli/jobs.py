"""Work that is split over the cores of a machine: a map over parts, in their order, by `concurrent.futures`.

A task gives back what it made and writes no file, so that one that is lost with its process can be done again.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any, TypeVar

from stepnn.errors import StepnnError, UsageError, visible
from stepnn.words.told import told

Item = TypeVar("Item")
Made = TypeVar("Made")
CONNECTING = 5  # seconds
SHOWN_AFTER = 1.0  # seconds
PATIENCE = 10.0  # seconds for a process that is stopped to clean up
MOST_WAITING = 2  # parts for each process that are under way, so that memory stays flat


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Workers:
    """Who works: so many processes here, or a Dask cluster at an address."""

    jobs: int = 1
    cluster: str = ""

    def share(self, count: int, most: int) -> int:
        """How many of so many things make a part of the work: as many parts for each process, none of them larger."""
        rounds = max(1, -(-count // (most * self.jobs)))
        return max(1, -(-count // (rounds * self.jobs)))


def mapped(
    task: Callable[[Item], Made],
    parts: Sequence[Item],
    workers: Workers,
    tick: Callable[[int], None] = lambda done: None,
) -> Iterator[Made]:
    """What the task makes of each part, in their order. What is lost with a process that was killed is done once more.
    Raises StepnnError where it is lost again."""
    if not workers.cluster and (workers.jobs <= 1 or len(parts) <= 1):
        for done, part in enumerate(parts, 1):
            yield task(part)
            tick(done)
        return
    begun = 0
    for attempt in (1, 2):
        try:
            with cluster(workers.cluster) if workers.cluster else pool(min(workers.jobs, len(parts))) as executor:
                for made in in_order(executor, task, parts[begun:], MOST_WAITING * workers.jobs):
                    yield made
                    begun += 1
                    tick(begun)
            return
        except BrokenProcessPool:
            if attempt == 2:
                raise StepnnError(told("jobs_lost")) from None


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of a Dask cluster, which does again by itself what is lost with a worker. Raises UsageError."""
    try:
        import distributed  # an extra
    except ImportError:
        raise UsageError(told("cluster_install")) from None
    try:
        made: Any = distributed.Client
        client = made(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        shown, reason = visible(address, 100), visible(str(error), 200)
        raise UsageError(told("cluster_not_reached", address=shown, reason=reason)) from None
    with client, client.get_executor(pure=False) as executor:
        yield executor


STOPPED: list[int] = []  # the signals by which this process was told to end


def left_alone() -> None:
    """A process of the pool is not stopped from the keyboard, but by its parent: then it cleans up and ends."""

    def end(number: int, frame: object) -> None:
        STOPPED.append(number)
        sys.exit(128 + number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=not_alone, daemon=True).start()


def not_alone() -> None:
    """Clean up and end with the parent, also with one that was killed and could tell nobody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(PATIENCE)
        os._exit(1)


def unless_stopped(task: Callable[[Item], Made], part: Item) -> Made:
    """The task; not one that was waiting when the process was told to end."""
    if STOPPED:
        sys.exit(128 + STOPPED[0])
    return task(part)


@contextmanager
def pool(jobs: int) -> Iterator[Executor]:
    """Processes that are stopped where their work is not wanted any more; none is left behind."""
    executor = ProcessPoolExecutor(jobs, initializer=left_alone)
    try:
        yield executor
    except BaseException:
        processes = list((getattr(executor, "_processes", None) or {}).values())
        executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(PATIENCE)
            process.kill()
        raise
    executor.shutdown()


def in_order(executor: Executor, task: Callable[[Item], Made], parts: Sequence[Item], most: int) -> Iterator[Made]:
    """The results one after the other, with a few parts under way."""
    waiting: list[Future[Made]] = []
    for part in parts:
        waiting.append(executor.submit(unless_stopped, task, part))
        if len(waiting) > most:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


class Progress:
    """How far a long work is, on standard error, where that is a terminal and the work takes more than a second."""

    def __init__(self, whole: int, label: str) -> None:
        self.whole, self.label = whole, label
        self.began = time.monotonic()
        self.shown = False
        self.is_terminal = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, done: int) -> None:
        passed = time.monotonic() - self.began
        if not self.is_terminal or passed < SHOWN_AFTER or not done:
            return
        left = passed / done * (self.whole - done)
        share = 24 * done // self.whole
        bar = f"{'█' * share}{'░' * (24 - share)}"
        sys.stderr.write(f"\r\x1b[2K{self.label} {bar} {done}/{self.whole} · {clock(left)}")
        sys.stderr.flush()
        self.shown = True

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
