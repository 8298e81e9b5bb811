/** The bytes of a text. */
export function encode(text: string): Uint8Array;
/** The text of the bytes, with U+FFFD for each longest part that is not UTF-8. */
export function decode(bytes: ArrayLike<number>): string;
