// Stands in for the host: `boll:...` are modules whose functions a test sets.

import { register } from "node:module";

const hooks = `
  export function resolve(specifier, context, next) {
    if (!/^(boll|wasi):/.test(specifier)) return next(specifier, context);
    const name = specifier.slice(specifier.indexOf("/") + 1, specifier.indexOf("@"));
    const code = "export default new Proxy({}, { get: (_, key) => globalThis.host['" + name + "'][key] })";
    return { url: "data:text/javascript," + encodeURIComponent(code), shortCircuit: true };
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

globalThis.host = {};
