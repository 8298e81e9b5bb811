// UTF-8 to and from text: the engine brings no TextEncoder and no TextDecoder.

/** The bytes of a text. */
export function encode(text) {
  const bytes = [];
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
  }
  return new Uint8Array(bytes);
}

function tail(code) {
  return 0x80 | (code & 0x3f);
}

/** The text of the bytes, with U+FFFD for each longest part that is not UTF-8. */
export function decode(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; ) {
    const [code, length] = next(bytes, at);
    parts.push(String.fromCodePoint(code));
    at += length;
  }
  return parts.join("");
}

/** The character at this place, and how many bytes it takes. */
function next(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return [first, 1];
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  let code = first & (0x7f >> length);
  for (let taken = 1; taken < length; taken++) {
    const byte = bytes[at + taken];
    const [least, most] = taken === 1 ? secondByte(first) : [0x80, 0xbf];
    if (!(byte >= least && byte <= most)) return [0xfffd, taken];
    code = (code << 6) | (byte & 0x3f);
  }
  return length === 0 ? [0xfffd, 1] : [code, length];
}

/** What may follow a first byte: no overlong form, no surrogate, at most U+10FFFF. */
function secondByte(first) {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  if (first === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
