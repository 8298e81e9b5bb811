import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, HostError, capsule, deny, final, proceed } from "boll-sdk";
import { TextDecoder as Decoder, TextEncoder as Encoder, absent } from "../src/globals.js";
import { Promise } from "../src/promise.js";
import { payload } from "../src/reply.js";
import { shown } from "../src/shown.js";
import { decode, encode, unicode } from "boll-sdk/utf8";

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
  later: async () => deny("no"),
  broken: async () => {
    throw new Error("later");
  },
  promised: () => Promise.resolve().then(() => deny("no")),
  caused: () => {
    throw new Error("cannot save", { cause: new AggregateError([new TypeError("no"), { code: 7 }], "both") });
  },
  rejected: () => Promise.reject(new Failure("it broke later")),
  say: (event) => deny(JSON.parse(event.text())),
  odd: () => {
    throw new Failure("a\ud800b");
  },
  draw: () => Math.random(),
  strange: () => {
    throw Object.create(null);
  },
  missing: () => {
    throw new HostError({ tag: "denied", val: { capability: "process:git", reason: "not granted" } });
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
  assert.match(thrown("bug").val, /^TypeError: .*\n {4}at .*bug .*capsule\.test\.js:\d+/);
  assert.doesNotMatch(thrown("bug").val, /src\/capsule\.js/);
  assert.deepEqual(thrown("missing"), {
    tag: "failed",
    val: "the capability `process:git` is missing: not granted",
  });
});

test("an action that the build has not turned into one that can be waited for is refused", () => {
  for (const action of ["later", "broken"]) {
    const { tag, val } = thrown(action);
    assert.equal(tag, "failed");
    assert.match(val, /^the action `(later|broken)` is asynchronous in a way that the engine cannot wait for/);
  }
});

test("an action is waited for, and a denial that comes later is one", () => {
  assert.deepEqual(call("promised"), { tag: "deny", val: "no" });
  assert.deepEqual(thrown("rejected"), { tag: "failed", val: "it broke later" });
});

test("what JSON would turn into {} or null is refused with its place", () => {
  class Hidden {
    #x = 1;
  }
  class Shown {
    x = 1;
  }
  const lost = [
    [{ a: [new Map()] }, /^a\[0\] is an instance of Map,/],
    [new Set([1]), /^the value is an instance of Set,/],
    [new Error("x"), /use its message$/],
    [{ f() {} }, /^f is a function,/],
    [Symbol("x"), /is a symbol,/],
    [[undefined], /^\[0\] is undefined,/],
    [[, 1], /^\[0\] is undefined,/],
    [{ n: NaN }, /^n is NaN,/],
    [-Infinity, /is -Infinity,/],
    [new Number(NaN), /is NaN,/],
    [10n, /is a BigInt,/],
    [{ bytes: new Uint8Array(2) }, /^bytes is an instance of Uint8Array,/],
    [new Float64Array(2), /is an instance of Float64Array,/],
    [new DataView(new ArrayBuffer(1)), /is an instance of DataView,/],
    [/x/, /is an instance of RegExp,/],
    [new Date(NaN), /is an invalid Date,/],
    [(function* () {})(), /is an iterator,/],
    [{ later: Promise.resolve(1) }, /^later is a promise:/],
    [new Hidden(), /is an instance of Hidden without properties/],
  ];
  for (const [value, said] of lost) assert.throws(() => payload(value), { name: "Failure", message: said });
  const kept = [[{ a: undefined }, "{}"], [new Shown(), '{"x":1}'], [Object.create(null), "{}"], [null, "null"]];
  for (const [value, said] of kept) assert.equal(decode(payload(value)), said);
  assert.deepEqual(payload(new Uint8Array([7]).buffer), new Uint8Array([7]));
});

test("text that is not Unicode goes out with U+FFFD, and a name that is not is refused", () => {
  assert.deepEqual(call("say", '"a\\ud800b"'), { tag: "deny", val: "a\ufffdb" });
  assert.equal(thrown("odd").val, "a\ufffdb");
  assert.equal(thrown("strange").val, "something other than an error was thrown: {}");
  assert.equal(decode(payload({ "\udfff": "\\ud800\ud800😀" })), '{"\ufffd":"\\\\ud800\ufffd😀"}');
  assert.equal(unicode("ü😀", "it"), "ü😀");
  assert.throws(() => unicode("\ud800", "the program"), /^Failure: the program is not Unicode/);
  assert.throws(() => new Failure("x", "other"), TypeError);
});

test("the causes of an error are told, and what is thrown that is none", () => {
  const { val } = thrown("caused");
  assert.match(val, /^Error: cannot save\n {4}at /);
  const [, ...causes] = val.split("caused by: ").map((cause) => cause.trim());
  assert.deepEqual(causes, [
    "AggregateError: both",
    "TypeError: no",
    'something other than an error was thrown: {"code":7}',
  ]);
});

test("every value has a text for people", () => {
  const circular = { a: [] };
  circular.a.push(circular);
  const twice = [1];
  for (const [value, expected] of [
    ["a text", "a text"],
    [undefined, "undefined"],
    [{ a: undefined, b: NaN, c: 1n, d() {} }, '{"a":"undefined","b":"NaN","c":"1","d":"[function d]"}'],
    [new Map([["k", new Set([1])]]), '{"Map":[["k",{"Set":[1]}]]}'],
    [{ e: new TypeError("x") }, '{"e":"TypeError: x"}'],
    [new Uint8Array([1, 2]), "[1,2]"],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [circular, '{"a":["[circular]"]}'],
    [[twice, twice], "[[1],[1]]"],
    [Promise.resolve(), '"[promise]"'],
    [/x/, "/x/"],
    [Object.create(null), "{}"],
  ]) {
    assert.equal(shown(value), expected);
  }
});

test("the frozen numbers are refused, and those of the host are taken", async () => {
  assert.match(thrown("draw").val, /^Error: Math\.random gives the same .*import "boll-sdk\/random"/);

  let next = 0;
  globalThis.host.random = { getRandomBytes: (length) => Uint8Array.from({ length }, () => next) };
  const { bytes, uuid } = await import("boll-sdk/random");
  assert.equal(Math.random(), 0);
  next = 255;
  assert.equal(Math.random(), 1 - 2 ** -53);
  assert.deepEqual(call("draw"), { tag: "continue", val: json(1 - 2 ** -53) });
  assert.deepEqual(bytes(2), new Uint8Array([255, 255]));
  assert.equal(uuid(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
});

test("what scripts expect is there, or says why it is not", () => {
  assert.deepEqual(new Encoder().encode("é"), new Uint8Array([0xc3, 0xa9]));
  assert.equal(new Decoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff])), "a\ufffd");
  assert.equal(new Decoder("utf8").decode(new Uint16Array([0x6261])), "ab");
  assert.throws(() => new Decoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])), TypeError);
  assert.throws(() => new Decoder("latin1"), RangeError);
  assert.throws(absent("setTimeout", "no"), /^Error: setTimeout is not there: no$/);
});

test("long text is the same after UTF-8", () => {
  const text = "aé€😀".repeat(5000);
  assert.equal(decode(encode(text)), text);
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
