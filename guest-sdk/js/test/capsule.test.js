import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, capsule, deny, final, proceed } from "boll-sdk";
import { decode, encode } from "boll-sdk/utf8";

const { handle } = capsule({
  echo: (event) => event.json(),
  nothing: () => {},
  bytes: () => new Uint8Array([0, 255]),
  deny: () => deny("no"),
  final: (event) => final(event.topic),
  proceed: () => proceed("x"),
  fail: () => {
    throw new Failure("it broke");
  },
  bug: () => undefined.x,
  missing: () => {
    throw Object.assign(new Error("host"), {
      payload: { tag: "denied", val: { capability: "process:git", reason: "not granted" } },
    });
  },
});

const call = (action, payload = "", topic = null) =>
  handle(action, { topic, payload: typeof payload === "string" ? encode(payload) : payload });
const thrown = (action, payload) => {
  try {
    call(action, payload);
  } catch (failure) {
    return failure;
  }
  assert.fail("it did not fail");
};
const json = (value) => encode(JSON.stringify(value));

test("values go out as JSON, bytes as they are", () => {
  assert.deepEqual(call("echo", '{"a":[1]}'), { tag: "continue", val: json({ a: [1] }) });
  assert.deepEqual(call("nothing"), { tag: "continue", val: null });
  assert.deepEqual(call("bytes"), { tag: "continue", val: new Uint8Array([0, 255]) });
});

test("replies are said by name", () => {
  assert.deepEqual(call("deny"), { tag: "deny", val: "no" });
  assert.deepEqual(call("final", "", "a.b"), { tag: "final", val: json("a.b") });
  assert.deepEqual(call("proceed"), { tag: "continue", val: json("x") });
});

test("what is thrown is one of the contract's failures", () => {
  assert.deepEqual(thrown("fail"), { tag: "failed", val: "it broke" });
  assert.deepEqual(thrown("toString"), { tag: "unknown-action", val: "toString" });
  assert.equal(thrown("echo", "{").tag, "invalid-payload");
  assert.equal(thrown("echo", new Uint8Array([0x22, 0xff, 0x22])).val, "not UTF-8");
  assert.match(thrown("bug").val, /^TypeError: /);
  assert.deepEqual(thrown("missing"), {
    tag: "failed",
    val: "the capability `process:git` is missing: not granted",
  });
});

test("text is the same after UTF-8, as the engine's own says", () => {
  for (const text of ["", "aé€😀", "\ud800x"]) {
    assert.deepEqual(encode(text), new TextEncoder().encode(text));
  }
  const odd = [[0x61, 0xff], [0xe2, 0x82], [0xf0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xc3, 0xa9]];
  for (const bytes of odd) {
    assert.equal(decode(bytes), new TextDecoder().decode(new Uint8Array(bytes)));
  }
});
