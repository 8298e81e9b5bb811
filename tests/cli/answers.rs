//! Answers that are none, and what the snapshot of a build would freeze, in JavaScript and
//! Python.

use crate::support::environment::TestEnvironment;
use crate::support::guests::prepared;

const JAVASCRIPT: &str = r#"
import { capsule, deny } from "boll-sdk";

function inner(event) {
  return event.missing.x;
}

export const handler = capsule({
  later: async () => deny("no"),
  map: () => ({ a: new Map([[1, 2]]) }),
  nan: () => [NaN],
  odd: () => deny("a\ud800b"),
  bug: (event) => inner(event),
  random: () => [Math.random(), crypto.randomUUID()],
});
"#;

const PYTHON: &str = r#"
import os
import random
import secrets
import sys
import uuid

from boll import Capsule, Deny, action


class Handler(Capsule):
    @action
    async def later(self, event):
        return Deny("no")

    @action
    def values(self, event):
        return {"a": object()}

    @action
    def nan(self, event):
        return [float("nan")]

    @action
    def odd(self, event):
        return Deny("a\ud800b")

    @action
    def exits(self, event):
        sys.exit(0)

    @action
    def random(self, event):
        drawn = [random.random(), secrets.token_hex(8), str(uuid.uuid4()), os.urandom(8).hex()]
        return drawn + [random.SystemRandom().random(), random.Random().random()]

    @action
    def loop(self, event):
        import asyncio

        async def after(seconds):
            await asyncio.sleep(seconds)
            return seconds

        async def several():
            done = await asyncio.gather(after(0.02), after(0.01))
            try:
                await asyncio.wait_for(after(60), 0.01)
            except TimeoutError:
                return [*done, "timed out"]

        return asyncio.run(several())

    @action
    def data(self, event):
        return open("/0/data.txt").read()

    @action
    def late(self, event):
        import csv
        import io

        from helper import double

        return double(len(next(csv.reader(io.StringIO("a,b")))))

    @action
    def codec(self, event):
        return "\u20ac".encode("cp1252").hex()
"#;

/// A project in this language with such a source, built.
fn project(language: &str, source: &str, text: &str) -> TestEnvironment {
    prepared();
    let env = TestEnvironment::new();
    env.boll(&["new", "odd", "--lang", language]).ends(0);
    env.write(&format!("odd/{source}"), text);
    let actions = [
        "later", "map", "values", "nan", "odd", "bug", "random", "exits", "late", "codec", "loop",
        "data",
    ];
    env.lists_actions("odd", &actions);
    if language == "python" {
        env.write("odd/src/helper.py", "def double(n):\n    return 2 * n\n");
    }
    env.boll(&["build", "odd"]).ends(0);
    env
}

fn fails(env: &TestEnvironment, action: &str, said: &str) {
    env.boll(&["run", "odd", action]).fails(1).says(&[said]);
}

/// Each number that is drawn is another in another host.
fn differs(env: &TestEnvironment) {
    let draw = || env.boll(&["run", "odd", "random"]).ends(0).json();
    let (one, other) = (draw(), draw());
    let pairs = one.as_array().expect("a list").iter();
    for (one, other) in pairs.zip(other.as_array().expect("a list")) {
        assert_ne!(one, other);
    }
}

#[test]
fn in_javascript_each_is_refused_with_its_place_and_random_numbers_are_the_hosts() {
    let env = project("js", "src/capsule.js", JAVASCRIPT);
    fails(&env, "later", "the capsule denied: no");
    fails(
        &env,
        "map",
        "a is an instance of Map, which has no form in JSON",
    );
    fails(&env, "nan", "[0] is NaN, which has no form in JSON");
    fails(&env, "odd", "the capsule denied: a\u{fffd}b");
    fails(&env, "bug", "at inner (src/capsule.js:5:");
    differs(&env);
}

#[test]
fn in_python_each_is_refused_and_what_functions_import_is_there() {
    let env = project("python", "src/app.py", PYTHON);
    fails(&env, "later", "the action `later` is asynchronous");
    fails(
        &env,
        "values",
        "the value has no form in JSON: Object of type object",
    );
    fails(&env, "nan", "the value has no form in JSON: ");
    fails(&env, "odd", "the capsule denied: a\u{fffd}b");
    fails(
        &env,
        "exits",
        "the action `exits` called exit(0) instead of returning",
    );
    let waited = env.boll(&["run", "odd", "loop"]).ends(0).stdout;
    assert_eq!(waited, "[0.02,0.01,\"timed out\"]");
    // There are no files: docs/languages.md says so.
    fails(&env, "data", "the capsule failed: FileNotFoundError: ");
    differs(&env);
    assert_eq!(env.boll(&["run", "odd", "late"]).ends(0).stdout, "4");
    assert_eq!(env.boll(&["run", "odd", "codec"]).ends(0).stdout, "\"80\"");
}
