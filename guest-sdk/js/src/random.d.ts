/** Random bytes of the host. */
export function bytes(length: number): Uint8Array;
/** A number from 0 up to 1, without 1. */
export function number(): number;
/** A random UUID. */
export function uuid(): string;
