// UTF-8 to and from text: the engine brings no TextEncoder and no TextDecoder.

import { Failure } from "./failure.js";

/** A text that the host takes as a name. Fails where it is not Unicode: with another character it would be another name. */
export function unicode(text, what) {
  const name = String(text);
  if (name.isWellFormed()) return name;
  throw new Failure(`${what} is not Unicode: it has half of a surrogate pair`);
}

/**
 * Whether the engine has functions of its own for bytes and text, a loop over which takes a microsecond a byte. They know
 * no UTF-8, but escapes of it.
 */
const HAS_OWN = typeof Uint8Array.fromBase64 === "function";

/** How many bytes or units of UTF-16 are taken at a time, which bounds what the escapes take. */
const PIECE = 1 << 16;

/** The bytes of a text. */
export function encode(text) {
  const from = text.toWellFormed();
  if (!HAS_OWN) return encodeSlowly(from);
  const pieces = [];
  for (let at = 0; at < from.length; ) {
    let end = Math.min(at + PIECE, from.length);
    if (isHighSurrogate(from.charCodeAt(end - 1))) end -= 1;
    pieces.push(Uint8Array.fromBase64(btoa(unescape(encodeURIComponent(from.slice(at, end))))));
    at = end;
  }
  return joined(pieces);
}

const isHighSurrogate = (unit) => unit >= 0xd800 && unit <= 0xdbff;

/** Pieces of bytes as one. */
export function joined(pieces) {
  if (pieces.length === 1) return pieces[0];
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** The bytes of well-formed text, one character after the other. */
function encodeSlowly(from) {
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
  return decodeStrictly(bytes) ?? read(bytes)[0];
}

/** The text of the bytes, or undefined where they are not UTF-8. */
export function decodeStrictly(from) {
  const bytes = from instanceof Uint8Array ? from : Uint8Array.from(from);
  if (!HAS_OWN) {
    const [text, isWhole] = read(bytes);
    return isWhole ? text : undefined;
  }
  const pieces = [];
  for (let at = 0; at < bytes.length; ) {
    let end = Math.min(at + PIECE, bytes.length);
    // No character is cut: at most three bytes follow its first one.
    for (let back = 0; back < 3 && (bytes[end] & 0xc0) === 0x80; back++) end -= 1;
    try {
      pieces.push(decodeURIComponent(escape(atob(bytes.subarray(at, end).toBase64()))));
    } catch {
      return undefined;
    }
    at = end;
  }
  return pieces.join("");
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
