// What scripts expect everywhere and the engine does not bring, and a clear error for what cannot be there. What
// needs more than this library is in `provided/`.

import { Promise, enqueue } from "./promise.js";
import { decode, decodeStrictly, encode } from "./utf8.js";

/** As in browsers. */
export class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(text = "") {
    return encode(String(text));
  }
}

/** As in browsers, for UTF-8. */
export class TextDecoder {
  #fatal;
  #ignoreBOM;

  constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
    if (!/^(unicode-1-1-)?utf-?8$/i.test(String(label).trim())) {
      throw new RangeError(`TextDecoder reads UTF-8 only, not ${label}`);
    }
    this.#fatal = fatal;
    this.#ignoreBOM = ignoreBOM;
  }

  get encoding() {
    return "utf-8";
  }

  get fatal() {
    return this.#fatal;
  }

  decode(input = new Uint8Array()) {
    const view = ArrayBuffer.isView(input);
    const bytes = view ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);
    const text = this.#fatal ? decodeStrictly(bytes) : decode(bytes);
    if (text === undefined) throw new TypeError("the bytes are not UTF-8");
    return this.#ignoreBOM || text[0] !== "\ufeff" ? text : text.slice(1);
  }
}

/** A function that says why it cannot be there. */
export function absent(name, why) {
  return () => {
    throw new Error(`${name} is not there: ${why}`);
  };
}

/** What a build with `build/main.js` provides where it is used. */
const BUILD = "build the capsule with `node sdk/build/main.js`";
const ABSENT = {
  setTimeout: BUILD,
  setInterval: BUILD,
  setImmediate: BUILD,
  fetch: "capsules in JavaScript have no network",
};

globalThis.Promise = Promise;
globalThis.queueMicrotask = enqueue;
globalThis.TextEncoder ??= TextEncoder;
globalThis.TextDecoder ??= TextDecoder;
for (const [name, why] of Object.entries(ABSENT)) globalThis[name] ??= absent(name, why);
