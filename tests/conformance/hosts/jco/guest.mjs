// The thread of one call: the imports that the guest gets, and its exports.

import { parentPort, workerData } from 'node:worker_threads';
import { cli } from '@bytecodealliance/preview2-shim';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';
import { _setArgs, _setEnv, _setStdout } from '@bytecodealliance/preview2-shim/cli';

const { work, settings, held, uuid, config, code, call } = workerData;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'];
const MAX_FIELDS = 64;
const MAX_KEY = 4096;

const enabled = (level) => LEVELS.indexOf(level) >= LEVELS.indexOf(settings['log-level']);
const size = (text) => Buffer.byteLength(text);

/** A refusal, as jco takes it from an import. */
const refuse = (tag, val) => {
  throw { tag, val };
};

const log = {
  enabled,
  emit(level, message, fields) {
    if (fields.length > MAX_FIELDS) refuse('too-many-fields', MAX_FIELDS);
    let bytes = size(message);
    for (const { key, value } of fields) {
      if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/.test(key)) refuse('invalid-key', key);
      bytes += size(key) + (value.tag === 'text' ? size(value.val) : 0);
    }
    if (bytes > settings['log-line']) refuse('too-large', BigInt(settings['log-line']));
    if (!enabled(level)) return;
    const named = fields.map(({ key, value }) => [key, value.val]);
    parentPort.postMessage({ line: { level, message, fields: Object.fromEntries(named) } });
  },
};

const configuration = {
  get(key) {
    if (size(key) > MAX_KEY) refuse('key-too-long', BigInt(MAX_KEY));
    if (!Object.hasOwn(config.values, key) && !config.declared.includes(key)) {
      refuse('undeclared', key);
    }
    return config.values[key];
  },
  all: () => Object.entries(config.values).map(([key, value]) => ({ key, value })),
};

const capability = {
  check: (capsule, name) =>
    Object.hasOwn(held, capsule) && held[capsule].some((grant) => grant.name === name),
  held: () => held[uuid],
};

const lifecycle = {
  caller: () => ({ ...call, source: { tag: 'host' }, chain: [] }),
  selfUuid: () => uuid,
  // Without a run loop a capsule is ready at once.
  ready: () => {},
};

/** A payload as the protocol has it. */
const shown = (bytes) => {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString();
  return Buffer.from(text).equals(buffer) ? text : [...buffer];
};

/** What the guest said by what was thrown; a trap is thrown on. */
function said(thrown) {
  if (!(thrown instanceof Error)) return thrown;
  if (Object.hasOwn(thrown, 'payload')) return thrown.payload;
  throw thrown;
}

function runCase(cases) {
  try {
    cases.runCase(work.runCase);
    return { case: 'passed' };
  } catch (error) {
    return { case: 'failed', ...said(error) };
  }
}

function handle(handler) {
  try {
    const { tag, val } = handler.handle(work.action, work.event);
    if (tag === 'deny') return { deny: val };
    return { [tag]: val === undefined ? null : shown(val) };
  } catch (error) {
    const { tag, val } = said(error);
    return { failed: { [tag]: val } };
  }
}

_setEnv({});
_setArgs([]);
// Standard output is the protocol's.
_setStdout(cli.stderr.getStderr());
const { instantiate } = await import(code.script);
const guest = await instantiate((name) => code.modules[name], {
  // No folder, no network.
  ...new WASIShim({ sandbox: { preopens: {}, env: {}, args: [], enableNetwork: false } }).getImportObject(),
  'boll:log/log': log,
  'boll:config/config': configuration,
  'boll:capability/capability': capability,
  'boll:lifecycle/lifecycle': lifecycle,
});
try {
  const result = 'runCase' in work ? runCase(guest.cases) : handle(guest.handler);
  parentPort.postMessage({ result });
} catch (error) {
  parentPort.postMessage({ result: { ended: 'trapped', reason: error.message } });
}
