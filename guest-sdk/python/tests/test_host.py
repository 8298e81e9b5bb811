"""What goes to the host, and what comes back."""

import unittest

from . import host

from boll import Failure, capability, children, config, hook, lifecycle, log, process
from boll.failure import describe

OWN = host.process.Cause_Own()


def exited(code, stdout=b"", stderr=b""):
    stdout, stderr = (host.Case(bytes=kept, dropped=0) for kept in (stdout, stderr))
    exit = host.Case(status=host.process.ExitStatus_Code(code), cause=OWN)
    return host.Case(exit=exit, stdout=stdout, stderr=stderr, elapsed_ms=5)


class Imports(unittest.TestCase):
    def test_fields_keep_their_types(self):
        lines = []
        host.log.emit = lambda *line: lines.append(line)
        log.warning("careful", n=1, x=0.5, yes=True, who="ann")
        [(level, message, fields)] = lines
        self.assertEqual((level.name, message), ("WARN", "careful"))
        kinds = [type(field.value).__name__ for field in fields]
        self.assertEqual(kinds, ["Value_Integer", "Value_Number", "Value_Boolean", "Value_Text"])

    def test_configuration_is_text_or_a_value(self):
        host.config.get = {"limit": "3", "name": "ann"}.get
        self.assertEqual(config.get("name"), "ann")
        self.assertEqual(config.get("other", "else"), "else")
        self.assertEqual(config.value("limit"), 3)
        self.assertIsNone(config.value("other"))
        with self.assertRaisesRegex(Failure, "`name` is text"):
            config.value("name")

    def test_a_program_runs_to_its_end(self):
        asked = []

        def run(command):
            asked.append(command)
            return exited(1, b"out\xff", b"bad\n")

        host.process.run = run
        git = process.run(["git", "log", 3], input="in", env={"A": "b"}, timeout=1.5)
        self.assertEqual((git.stdout, git.returncode), ("out\ufffd", 1))
        self.assertEqual(str(git.status), "exit status: 1")
        [command] = asked
        self.assertEqual(command.args, ["log", "3"])
        self.assertEqual(command.env, [("A", "b")])
        self.assertEqual(command.stdin, host.process.Input_Bytes(b"in"))
        self.assertEqual(command.deadline_ms, 1500)
        with self.assertRaisesRegex(Failure, "git: exit status: 1: bad$"):
            process.run(["git"], check=True)

    def test_a_command_that_the_host_cannot_take_is_refused(self):
        host.process.run = lambda command: self.fail("it ran")
        with self.assertRaisesRegex(Failure, "a list of the program"):
            process.run("git log")
        with self.assertRaisesRegex(Failure, "an argument is not Unicode"):
            process.run(["git", "\ud800"])
        for timeout in [-1, float("nan"), float("inf"), "1"]:
            with self.assertRaisesRegex(Failure, "^timeout is "):
                process.run(["git"], timeout=timeout)
        with self.assertRaisesRegex(Failure, "the limit pids is 4294967296"):
            process.run(["git"], limits=process.Limits(pids=1 << 32))

    def test_answers_capabilities_and_the_caller_are_read(self):
        outcomes = [
            host.hook.Outcome_Continue(b"1"),
            host.hook.Outcome_Continue(None),
            host.hook.Outcome_Deny("no"),
            host.hook.Outcome_Failed(host.answers.Failure_InvalidPayload("odd")),
            host.hook.Outcome_TimedOut(),
        ]
        host.hook.trigger = lambda *_: [
            host.Case(capsule="a", action="b", outcome=outcome) for outcome in outcomes
        ]
        shown = [(one.kind, one.json(), one.reason) for one in hook.trigger("a.b", 1)]
        self.assertEqual(
            shown,
            [
                ("continue", 1, None),
                ("continue", None, None),
                ("deny", None, "no"),
                ("failed", None, "invalid-payload: odd"),
                ("timed-out", None, None),
            ],
        )
        host.capability.held = lambda: [host.Case(name="process:git", scope="git log")]
        host.capability.check = lambda uuid, name: (uuid, name) == ("u", "process:git")
        self.assertEqual(capability.held(), [capability.Grant("process:git", "git log")])
        self.assertTrue(capability.check("u", "process:git"))
        call = host.Case(
            principal=None,
            source=host.lifecycle.Source_Capsule("u"),
            call_id="c",
            started_at_ms=5000,
            deadline_ms=None,
            chain=["u"],
        )
        host.lifecycle.caller = lambda: call
        caller = lifecycle.caller()
        self.assertEqual((caller.capsule, caller.started_at, caller.chain), ("u", 5.0, ("u",)))

    def test_what_subscribers_left_is_a_value_and_a_denial_a_failure(self):
        host.hook.intercept = lambda *_: host.hook.Verdict_Passed(b"[1]")
        self.assertEqual(hook.intercept("a.b", 1), [1])
        refusal = host.Case(capsule="guard", reason="empty")
        host.hook.intercept = lambda *_: host.hook.Verdict_Denied(refusal)
        with self.assertRaisesRegex(Failure, "the capsule `guard` denied: empty"):
            hook.intercept("a.b", 1)

    def test_a_publication_that_is_not_allowed_names_the_capability(self):
        denial = host.Case(capability="publish:a.b", reason="not granted")

        def trigger(*_):
            raise host.Err(host.hook.Error_Denied(denial))

        host.hook.trigger = trigger
        with self.assertRaises(host.Err) as raised:
            hook.trigger("a.b", 1)
        self.assertEqual(
            describe(raised.exception.value),
            "the capability `publish:a.b` is missing: not granted",
        )


class Children(unittest.TestCase):
    def child(self, chunks, at_once=1):
        self.written = b""

        class Handle:
            def write(handle, data, timeout_ms):
                self.written += data[:at_once]
                return min(len(data), at_once)

            def read(handle, *asked):
                fields = {"bytes": b"", "next": 0, "dropped": 0, "eof": False}
                return host.Case(**(fields | chunks.pop(0)))

        host.children.spawn = lambda command: Handle()
        return children.spawn(["cat"])

    def test_a_child_is_driven_by_lines(self):
        chunks = [{"bytes": b"on"}, {"bytes": b"e\ntwo\nre"}, {"bytes": b"st", "eof": True}]
        child = self.child(chunks, at_once=2)
        child.write("hällo\n")
        self.assertEqual(self.written, "hällo\n".encode())
        self.assertEqual(child.readline(), "one\n")
        self.assertEqual(list(child), ["two\n", "rest"])

    def test_a_child_that_says_nothing_takes_nothing_or_lost_something_is_a_failure(self):
        with self.assertRaisesRegex(Failure, "no line for 0.5 s"):
            self.child([{}]).readline(timeout=0.5)
        with self.assertRaisesRegex(Failure, "read nothing"):
            self.child([], at_once=0).write("x")
        with self.assertRaisesRegex(Failure, "9 bytes were dropped"):
            self.child([{"dropped": 9, "eof": True}]).readline()
