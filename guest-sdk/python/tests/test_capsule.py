"""Actions: what goes in, what comes out, what goes wrong."""

import contextlib
import io
import unittest
import warnings

from . import host

from boll import Capsule, Continue, Deny, Failure, Final, action


class Handler(Capsule):
    @action
    def echo(self, event):
        return event.json()

    @action
    def say_again(self, event):
        return event.payload

    @action("nil")
    def nothing(self, event):
        pass

    @action
    def deny(self, event):
        return Deny("no")

    @action
    def final(self, event):
        return Final(event.topic)

    @action
    def go_on(self, event):
        return Continue("ü")

    @action
    def fail(self, event):
        raise Failure("it broke")

    @action
    def bug(self, event):
        return {}["key"]

    @action
    def missing(self, event):
        denial = host.Case(capability="process:git", reason="not granted")
        raise host.Err(host.process.Error_Denied(denial))

    @action
    async def later(self, event):
        return Deny("no")

    @action
    def each(self, event):
        yield 1

    @action
    def exits(self, event):
        raise SystemExit(0)

    @action
    def odd(self, event):
        raise Failure("a\ud800b")

    @action
    def deny_odd(self, event):
        return Deny("a\ud800b")

    @action
    def eval(self, event):
        return eval(event.text())

    def not_one(self, event):
        return "private"


def call(name, payload=b"", topic=None):
    return Handler().handle(name, host.Case(topic=topic, payload=payload))


class Actions(unittest.TestCase):
    def fails(self, name, payload=b""):
        with self.assertRaises(host.Err) as raised:
            call(name, payload)
        return raised.exception.value

    def test_values_go_out_as_json_and_bytes_as_they_are(self):
        go_on = host.answers.Reply_Continue
        self.assertEqual(call("echo", b'{"a": [1]}'), go_on(b'{"a":[1]}'))
        self.assertEqual(call("say-again", b"\xff"), go_on(b"\xff"))
        self.assertEqual(call("nil"), go_on(None))
        self.assertEqual(call("go-on"), go_on('"ü"'.encode()))

    def test_replies_are_said_by_name(self):
        self.assertEqual(call("deny"), host.answers.Reply_Deny("no"))
        self.assertEqual(call("final", topic="a.b"), host.answers.Reply_Final(b'"a.b"'))

    def test_what_is_raised_is_a_failure_of_the_contract(self):
        failed = host.answers.Failure_Failed
        self.assertEqual(self.fails("fail"), failed("it broke"))
        self.assertEqual(
            self.fails("missing"),
            failed("the capability `process:git` is missing: not granted"),
        )
        unknown = host.answers.Failure_UnknownAction
        self.assertEqual(self.fails("not_one"), unknown("not_one"))
        for payload in [b"{", b"\xff"]:
            failure = self.fails("echo", payload)
            self.assertIsInstance(failure, host.answers.Failure_InvalidPayload)

    def test_what_nothing_would_run_is_refused(self):
        with self.assertNoLogs(), warnings.catch_warnings():
            warnings.simplefilter("error")
            self.assertRegex(self.fails("later").value, "`later` is asynchronous, .* remove `async`")
        self.assertRegex(self.fails("each").value, "a generator: return `list")
        self.assertRegex(self.fails("exits").value, r"called exit\(0\)")

    def test_what_has_no_form_in_json_is_refused(self):
        for value in ["float('nan')", "[1e400]", "{1}", "object()", "{(1, 2): 3}", "map(str, [])"]:
            with self.subTest(value):
                self.assertRegex(self.fails("eval", value.encode()).value, "no form in JSON: ")
        go_on = host.answers.Reply_Continue
        self.assertEqual(call("eval", b"bytearray(b'x')"), go_on(b"x"))
        for payload in [b"NaN", b"[" * 100_000, b"1" * 5000]:
            self.assertIsInstance(self.fails("echo", payload), host.answers.Failure_InvalidPayload)

    def test_text_that_is_not_unicode_goes_out_with_a_replacement(self):
        self.assertEqual(self.fails("odd").value, "a\ufffdb")
        self.assertEqual(call("deny-odd"), host.answers.Reply_Deny("a\ufffdb"))
        said = call("eval", b"{'\\ud800': '\\udfff'}")
        self.assertEqual(said.value, '{"\ufffd":"\ufffd"}'.encode())

    def test_a_mistake_is_answered_and_its_place_is_written(self):
        with contextlib.redirect_stderr(io.StringIO()) as written:
            self.assertEqual(self.fails("bug"), host.answers.Failure_Failed("KeyError: 'key'"))
        self.assertIn("in bug", written.getvalue())
