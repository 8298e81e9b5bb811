"""Coroutines without sockets."""

import asyncio
import unittest

from . import host as host

from boll.loop import Loop


async def after(seconds, value):
    await asyncio.sleep(seconds)
    return value


async def several():
    done = await asyncio.gather(after(0.02, "late"), after(0, "soon"))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(after(0.01, "task"))
    try:
        await asyncio.wait_for(after(60, "never"), 0.01)
    except TimeoutError:
        return [*done, task.result(), "timed out"]


def run(coroutine):
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(coroutine)


class Loops(unittest.TestCase):
    def test_coroutines_run_and_wait_for_time(self):
        self.assertEqual(run(several()), ["late", "soon", "task", "timed out"])

    def test_what_nothing_would_wake_and_what_needs_sockets_fails(self):
        async def forever():
            await asyncio.Future()

        async def connects():
            await asyncio.open_connection("127.0.0.1", 1)

        with self.assertRaisesRegex(RuntimeError, "every coroutine waits"):
            run(forever())
        with self.assertRaises(Exception):
            run(connects())
