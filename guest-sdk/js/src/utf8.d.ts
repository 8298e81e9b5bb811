/** A text that the host takes as a name. Fails where it is not Unicode. */
export function unicode(text: string, what: string): string;
/** The bytes of a text. */
export function encode(text: string): Uint8Array;
/** The text of the bytes, with U+FFFD for each longest part that is not UTF-8. */
export function decode(bytes: ArrayLike<number>): string;
/** The text of the bytes, or undefined where they are not UTF-8. */
export function decodeStrictly(bytes: ArrayLike<number>): string | undefined;
