import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Promise, runJobs } from "../src/promise.js";
import { loaded, waited } from "../src/waiting.js";

/** A clock of the host that is moved by waiting only. */
let now = 0;
beforeEach(() => {
  now = 0;
  const subscribeDuration = (nanoseconds) => ({ block: () => (now += Number(nanoseconds)) });
  globalThis.host = { "monotonic-clock": { now: () => now, subscribeDuration } };
});
const timers = await import("../src/timers.js");
const sleep = (ms, value) => new Promise((resolve) => timers.setTimeout(resolve, ms, value));
const result = (work) => waited("it", work);

test("the value is that of the promise, and what it was rejected with is thrown", () => {
  assert.equal(result(() => 1), 1);
  assert.equal(result(() => Promise.resolve(1).then((one) => one + 1)), 2);
  assert.equal(result(() => ({ then: (resolve) => resolve(3) })), 3);
  assert.throws(() => result(() => Promise.reject(new TypeError("no"))), /^TypeError: no$/);
  assert.deepEqual(result(() => Promise.all([1, Promise.resolve(2)])), [1, 2]);
  assert.equal(result(() => Promise.race([new Promise(() => {}), sleep(5, "five")])), "five");
  assert.equal(result(() => Promise.any([Promise.reject(1), sleep(1, 2)])), 2);
  const [kept, lost] = result(() => Promise.allSettled([1, Promise.reject(2)]));
  assert.deepEqual([kept.value, lost.reason], [1, 2]);
  assert.equal(result(() => Promise.try(() => 4).finally(() => 5)), 4);
  class Own extends Promise {}
  assert.ok(Own.resolve(1).then(() => {}) instanceof Own);
});

test("jobs run in their order, after what runs", () => {
  const seen = [];
  result(() => {
    Promise.resolve().then(() => seen.push("first")).then(() => seen.push("third"));
    Promise.resolve().then(() => seen.push("second"));
    seen.push("now");
  });
  assert.deepEqual(seen, ["now", "first", "second", "third"]);
});

test("timers fire by their time, and none is left for the next call", () => {
  const seen = [];
  const id = timers.setInterval(() => seen.push("every"), 10);
  result(async_(() => [sleep(25), () => timers.clearInterval(id), () => sleep(30)]));
  assert.deepEqual(seen, ["every", "every"]);
  assert.equal(now, 55e6);
  result(() => void timers.setTimeout(() => seen.push("late"), 1));
  result(() => sleep(100));
  assert.ok(!seen.includes("late"));
});

/** A function that waits for each of these in turn. */
function async_(steps) {
  return () => {
    let last = Promise.resolve();
    for (const step of steps()) last = last.then(typeof step === "function" ? step : () => step);
    return last;
  };
}

test("what cannot be waited for is a failure", () => {
  assert.throws(() => result(() => new Promise(() => {})), /^Failure: it waits for a promise that nothing settles/);
  assert.throws(() => result(async () => 1), /^Failure: it is asynchronous in a way that the engine cannot wait for/);
  assert.throws(() => result(() => void Promise.reject(new Error("forgotten"))), /^Error: forgotten$/);
  assert.equal(result(() => 1), 1, "nothing of it is left");
  assert.equal(result(() => Promise.reject(1).catch(() => 2)), 2);
});

test("what modules leave over at the build is done there or refused", () => {
  let seen = false;
  Promise.resolve().then(() => (seen = true));
  loaded();
  assert.ok(seen);
  Promise.reject(new Error("at load"));
  assert.throws(loaded, /^Error: at load$/);
  timers.setTimeout(() => {}, 1);
  assert.throws(loaded, /a timer was set while the modules are loaded/);
  runJobs();
});
