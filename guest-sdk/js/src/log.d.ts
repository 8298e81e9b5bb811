export type Level = "trace" | "debug" | "info" | "warn" | "error";
/** Named values of a line; what is no number, boolean or text is written as text. */
export type Fields = Record<string, string | number | boolean>;

export function trace(message: string, fields?: Fields): void;
export function debug(message: string, fields?: Fields): void;
export function info(message: string, fields?: Fields): void;
export function warn(message: string, fields?: Fields): void;
export function error(message: string, fields?: Fields): void;
/** Whether a line of this level would be written. */
export function enabled(level: Level): boolean;
