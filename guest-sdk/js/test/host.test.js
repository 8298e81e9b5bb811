import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as config from "boll-sdk/config";
import * as hook from "boll-sdk/hook";
import * as log from "boll-sdk/log";
import { spawn } from "boll-sdk/children";
import { run } from "boll-sdk/process";
import { encode } from "boll-sdk/utf8";
import { failure } from "../src/failure.js";

const own = { tag: "own" };
beforeEach(() => {
  globalThis.host = {};
});

test("fields keep their types", () => {
  const lines = [];
  globalThis.host.log = { emit: (...line) => lines.push(line) };
  log.warn("careful", { n: 1, x: 0.5, yes: true, who: "ann" });
  const [[level, message, fields]] = lines;
  assert.deepEqual([level, message], ["warn", "careful"]);
  assert.deepEqual(
    fields.map(({ value }) => value.tag),
    ["integer", "number", "boolean", "text"],
  );
});

test("configuration is text or a value", () => {
  const set = { limit: "3", name: "ann", words: '["a"]' };
  globalThis.host.config = { get: (key) => set[key] ?? null };
  assert.equal(config.get("name"), "ann");
  assert.equal(config.get("other"), undefined);
  assert.equal(config.value("limit"), 3);
  assert.deepEqual(config.value("words"), ["a"]);
  assert.equal(config.value("other"), undefined);
  assert.throws(() => config.value("name"), /`name` is text/);
});

test("a program runs to its end", () => {
  let asked;
  const stdout = { bytes: encode("out"), dropped: 0 };
  const stderr = { bytes: encode(""), dropped: 0 };
  globalThis.host.process = {
    run: (command) => {
      asked = command;
      return { exit: { status: { tag: "code", val: 1 }, cause: own }, stdout, stderr, elapsedMs: 5 };
    },
  };
  const output = run("git", ["log", 3], { env: { A: "b" }, input: "in", limits: { pids: 2 } });
  assert.equal(output.stdout, "out");
  assert.equal(output.status.success, false);
  assert.equal(`${output.status}`, "exit status: 1");
  assert.deepEqual(asked.args, ["log", "3"]);
  assert.deepEqual(asked.env, [{ name: "A", value: "b" }]);
  assert.deepEqual(asked.stdin, { tag: "bytes", val: encode("in") });
  assert.equal(asked.limits.pids, 2);
  assert.equal(asked.limits.memory, null);
});

/** A child that gives these chunks, and takes so many bytes at once. */
function child(chunks, atOnce) {
  const written = [];
  globalThis.host.children = {
    spawn: () => ({
      write: (bytes) => {
        written.push(...bytes.slice(0, atOnce));
        return Math.min(bytes.length, atOnce);
      },
      read: () => ({ next: 0, dropped: 0, eof: false, bytes: new Uint8Array(), ...chunks.shift() }),
    }),
  };
  return { child: spawn("cat"), written };
}

test("a child is driven by lines", () => {
  const chunks = [{ bytes: encode("on") }, { bytes: encode("e\ntwo\nre") }, { bytes: encode("st"), eof: true }];
  const { child: cat, written } = child(chunks, 2);
  cat.write("hällo\n");
  assert.deepEqual(new Uint8Array(written), encode("hällo\n"));
  assert.deepEqual([cat.readLine(), cat.readLine(), cat.readLine(), cat.readLine()], ["one", "two", "rest", null]);
});

test("a child that says nothing, takes nothing or lost something is a failure", () => {
  assert.throws(() => child([{}], 1).child.readLine({ timeoutMs: 7 }), /no line for 7 ms/);
  assert.throws(() => child([], 0).child.write("x", { timeoutMs: 7 }), /read nothing for 7 ms/);
  assert.throws(() => child([{ dropped: 9, eof: true }], 1).child.readLine(), /9 bytes were dropped/);
});

test("what subscribers left is a value, and a denial a failure", () => {
  let verdict = { tag: "passed", val: encode("[1]") };
  globalThis.host.hook = { intercept: () => verdict };
  assert.deepEqual(hook.intercept("a.b", 1), [1]);
  verdict = { tag: "denied", val: { capsule: "guard", reason: "empty" } };
  assert.throws(() => hook.intercept("a.b", 1), /the capsule `guard` denied: empty/);
  const { kind, capsule, reason, payload } = hook.verdict("a.b", 1);
  assert.deepEqual([kind, capsule, reason, payload], ["denied", "guard", "empty", null]);
  verdict = { tag: "final", val: { capsule: "guard", payload: encode("2") } };
  assert.equal(hook.verdict("a.b", 1).json(), 2);
  verdict = { tag: "stopped", val: { capsule: "guard", action: "a", outcome: { tag: "busy" } } };
  assert.equal(hook.verdict("a.b", 1).answer.kind, "busy");
  assert.throws(() => hook.intercept("a.b", 1), /the capsule `guard` did not answer properly: busy/);
});

test("a publication that is not allowed names the capability", () => {
  const denial = { tag: "denied", val: { capability: "publish:a.b", reason: "not granted" } };
  globalThis.host.hook = {
    trigger: () => {
      throw Object.assign(new Error("denied"), { payload: denial });
    },
  };
  let thrown;
  try {
    hook.trigger("a.b", 1);
  } catch (error) {
    thrown = failure(error);
  }
  assert.equal(thrown.message, "the capability `publish:a.b` is missing: not granted");
  assert.throws(() => hook.trigger("a.b", 1), { name: "HostError", kind: "denied", capability: "publish:a.b" });
});

test("answers, capabilities and the caller are read", async () => {
  const [{ trigger }, { held, check }, { caller, selfUuid }] = await Promise.all([
    import("boll-sdk/hook"),
    import("boll-sdk/capability"),
    import("boll-sdk/lifecycle"),
  ]);
  const of = (outcome) => ({ capsule: "a", action: "b", outcome });
  globalThis.host.hook = {
    trigger: () => [
      of({ tag: "continue", val: new Uint8Array([0x31]) }),
      of({ tag: "continue", val: null }),
      of({ tag: "deny", val: "no" }),
      of({ tag: "failed", val: { tag: "failed", val: "broke" } }),
      of({ tag: "busy" }),
    ],
  };
  const answers = trigger("a.b", 1);
  const shown = answers.map((answer) => [answer.kind, answer.json(), answer.reason]);
  assert.deepEqual(shown, [
    ["continue", 1, null],
    ["continue", null, null],
    ["deny", null, "no"],
    ["failed", null, "failed: broke"],
    ["busy", null, null],
  ]);
  globalThis.host.capability = {
    held: () => [{ name: "process:git", scope: "git log" }],
    check: (uuid, name) => uuid === "u" && name === "process:git",
  };
  assert.deepEqual(held(), [{ name: "process:git", scope: "git log" }]);
  assert.equal(check("u", "process:git"), true);
  const call = { source: { tag: "capsule", val: "u" }, startedAtMs: 5n, deadlineMs: null, chain: ["u"] };
  globalThis.host.lifecycle = { caller: () => call, selfUuid: () => "me" };
  assert.equal(selfUuid(), "me");
  assert.deepEqual(caller(), {
    principal: null,
    capsule: "u",
    callId: null,
    startedAtMs: 5,
    deadlineMs: null,
    chain: ["u"],
  });
});
