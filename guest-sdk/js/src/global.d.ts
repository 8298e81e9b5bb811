/**
 * The globals of a built capsule, beside those of the language: add `"types": ["boll-sdk/globals"]` to the compiler's
 * options, and leave `"DOM"` out of `"lib"`.
 */

/** Lines of the log: texts as they are, other values as JSON. */
declare var console: Readonly<
  Record<"debug" | "error" | "info" | "log" | "trace" | "warn", (...values: unknown[]) => void>
>;

declare class TextEncoder {
  readonly encoding: "utf-8";
  encode(text?: string): Uint8Array;
}

/** For UTF-8 only. */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly encoding: "utf-8";
  readonly fatal: boolean;
  decode(input?: ArrayBuffer | ArrayBufferView): string;
}

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  static canParse(url: string | URL, base?: string | URL): boolean;
  static parse(url: string | URL, base?: string | URL): URL | null;
  hash: string;
  host: string;
  hostname: string;
  href: string;
  readonly origin: string;
  password: string;
  pathname: string;
  port: string;
  protocol: string;
  search: string;
  readonly searchParams: URLSearchParams;
  username: string;
  toJSON(): string;
  toString(): string;
}

declare class URLSearchParams {
  constructor(from?: string | Record<string, string> | Iterable<[string, string]>);
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  forEach(each: (value: string, name: string, all: URLSearchParams) => void): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
  toString(): string;
}

declare function structuredClone<T>(value: T): T;
declare function queueMicrotask(work: () => void): void;
declare function atob(text: string): string;
declare function btoa(text: string): string;

/** Timers fire while an action waits for a promise; those that are left when it has settled do not. */
declare function setTimeout<A extends unknown[]>(work: (...args: A) => void, ms?: number, ...args: A): number;
declare function setInterval<A extends unknown[]>(work: (...args: A) => void, ms?: number, ...args: A): number;
declare function setImmediate<A extends unknown[]>(work: (...args: A) => void, ...args: A): number;
declare function clearTimeout(id: number | undefined): void;
declare function clearInterval(id: number | undefined): void;
declare function clearImmediate(id: number | undefined): void;

/** Random numbers of the host. */
declare var crypto: {
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): string;
};

declare var performance: { now(): number; readonly timeOrigin: number };
