/** The text of a declared key, or undefined when it has no value. */
export function get(key: string): string | undefined;
/** The value of a key of the type integer, number, boolean or json, or undefined. */
export function value(key: string): any;
/** Every declared key that has a value, with its text. */
export function all(): Record<string, string>;
