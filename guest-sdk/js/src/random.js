// Random numbers of the host. The engine's own are a part of the snapshot that the build takes: they would be
// the same in every instance. Importing this module replaces them.

import random from "wasi:random/random@0.2.0";

/** The most bytes at a time, as in browsers. */
const MOST = 65_536;

/** Random bytes. */
export function bytes(length) {
  return new Uint8Array(random.getRandomBytes(length));
}

/** A number from 0 up to 1, without 1, with all bits that a number has. */
export function number() {
  const [a, b, c, d, e, f, g] = bytes(7);
  const high = ((a & 0x1f) << 16) | (b << 8) | c;
  const low = ((d << 24) | (e << 16) | (f << 8) | g) >>> 0;
  return (high * 2 ** 32 + low) / 2 ** 53;
}

/** A random UUID. */
export function uuid() {
  const all = bytes(16);
  all[6] = (all[6] & 0x0f) | 0x40;
  all[8] = (all[8] & 0x3f) | 0x80;
  const hex = Array.from(all, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Fills a typed array of integers, and gives it back. */
function fill(array) {
  if (!ArrayBuffer.isView(array) || array instanceof DataView || /Float/.test(array.constructor.name)) {
    throw new TypeError("crypto.getRandomValues fills a typed array of integers");
  }
  if (array.byteLength > MOST) {
    throw new RangeError(`crypto.getRandomValues fills ${MOST} bytes at most`);
  }
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(bytes(array.byteLength));
  return array;
}

Math.random = number;
if (globalThis.crypto === undefined) {
  globalThis.crypto = Object.freeze({ getRandomValues: fill, randomUUID: uuid });
}
