// What componentize-qjs says, with the sources' own lines.

const PLACE = /\(?\/?[\w./@-]+\.js:(\d+):(\d+)\)?/g;
const PREFIXES = /^[\s:]*((Failed to|Error: Error resolving)[^:]*: )*/;
const NO_INTERFACE = /filesystem module not found: failed to resolve JavaScript import "([^"]+)"/;

/** Its message for the author. */
export function explained(message, map, world) {
  const missing = NO_INTERFACE.exec(message)?.[1];
  if (missing?.startsWith("core-js/")) {
    return `the package core-js is missing, which has ${missing.slice(12, -3)}: add it with \`npm install --save-dev core-js\``;
  }
  if (missing !== undefined) {
    const named = world === undefined ? "the world" : `the world \`${world}\``;
    return `${named} does not import \`${missing}\`, which the code uses: add \`import ${missing};\` to it`;
  }
  return message.replace(PREFIXES, "").replace(PLACE, (whole, line, column) => {
    const { originalSource, originalLine, originalColumn } = map.findEntry(line - 1, column - 1);
    return originalSource === undefined ? whole : `(${originalSource}:${originalLine + 1}:${originalColumn + 1})`;
  });
}
