// UTF-8 to and from text: the engine brings no TextEncoder and no TextDecoder.

import { Failure } from "./failure.js";

/** A text that the host takes as a name. Fails where it is not Unicode: with another character it would be another name. */
export function unicode(text, what) {
  const name = String(text);
  if (name.isWellFormed()) return name;
  throw new Failure(`${what} is not Unicode: it has half of a surrogate pair`);
}

/** The bytes of a text. */
export function encode(text) {
  const from = text.toWellFormed();
  // A unit of UTF-16 takes at most three bytes; a pair of them takes four.
  const bytes = new Uint8Array(from.length * 3);
  let length = 0;
  for (let at = 0; at < from.length; at++) {
    let code = from.charCodeAt(at);
    if (code < 0x80) {
      bytes[length++] = code;
    } else if (code < 0x800) {
      bytes[length++] = 0xc0 | (code >> 6);
      bytes[length++] = tail(code);
    } else if (code < 0xd800 || code > 0xdfff) {
      bytes[length++] = 0xe0 | (code >> 12);
      bytes[length++] = tail(code >> 6);
      bytes[length++] = tail(code);
    } else {
      code = from.codePointAt(at++);
      bytes[length++] = 0xf0 | (code >> 18);
      bytes[length++] = tail(code >> 12);
      bytes[length++] = tail(code >> 6);
      bytes[length++] = tail(code);
    }
  }
  return bytes.slice(0, length);
}

function tail(code) {
  return 0x80 | (code & 0x3f);
}

/** The text of the bytes, with U+FFFD for each longest part that is not UTF-8. */
export function decode(bytes) {
  return read(bytes)[0];
}

/** The text of the bytes, or undefined where they are not UTF-8. */
export function decodeStrictly(bytes) {
  const [text, isWhole] = read(bytes);
  return isWhole ? text : undefined;
}

/** How many units of UTF-16 are joined at a time: the engine bounds the arguments of a call. */
const JOINED = 4096;

/** The text, and whether all of it was UTF-8. */
function read(bytes) {
  const parts = [];
  let units = [];
  let isWhole = true;
  for (let at = 0; at < bytes.length; ) {
    if (units.length >= JOINED) {
      parts.push(String.fromCharCode.apply(null, units));
      units = [];
    }
    if (bytes[at] < 0x80) {
      units.push(bytes[at++]);
      continue;
    }
    const [code, length] = next(bytes, at);
    isWhole &&= code !== undefined;
    at += length;
    if (code === undefined) units.push(0xfffd);
    else if (code < 0x10000) units.push(code);
    else units.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
  }
  parts.push(String.fromCharCode.apply(null, units));
  return [parts.join(""), isWhole];
}

/** The character at this place, and how many bytes it takes; no character where it is not UTF-8. */
function next(bytes, at) {
  const first = bytes[at];
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  let code = first & (0x7f >> length);
  for (let taken = 1; taken < length; taken++) {
    const byte = bytes[at + taken];
    const [least, most] = taken === 1 ? secondByte(first) : [0x80, 0xbf];
    if (!(byte >= least && byte <= most)) return [undefined, taken];
    code = (code << 6) | (byte & 0x3f);
  }
  return length === 0 ? [undefined, 1] : [code, length];
}

/** What may follow a first byte: no overlong form, no surrogate, at most U+10FFFF. */
function secondByte(first) {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  if (first === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
