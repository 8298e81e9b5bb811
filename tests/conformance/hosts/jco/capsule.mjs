// A loaded capsule: its manifest, its configuration, what it holds, and its
// component as jco makes it runnable.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { transpileBytes } from '@bytecodealliance/jco-transpile';
import { covers } from './topic.mjs';
import { Unsupported } from './unsupported.mjs';

/** What a component may import of the contract, as jco names it. */
const IMPORTS = [
  'boll:capability/capability',
  'boll:config/config',
  'boll:lifecycle/lifecycle',
  'boll:log/log',
];

/** Exports that a host would have to call by itself. */
const EXPORTS = ['boll:lifecycle/run', 'boll:lifecycle/install', 'boll:lifecycle/upgrade'];

/** How a configured value of each type looks as text. */
const TYPES = {
  string: () => true,
  integer: (text) => /^-?\d+$/.test(text),
  number: (text) => text !== '' && Number.isFinite(Number(text)),
  boolean: (text) => text === 'true' || text === 'false',
  enum: (text, words) => words.includes(text),
  json: (text) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  },
};

export class Capsule {
  /** Reads what is loaded. Throws what is wrong with it. */
  static async load({ component, manifest, grants, config }) {
    for (const section of ['files', 'network', 'requires', 'service']) {
      if (section in manifest) throw new Unsupported(`[${section}] of a manifest`);
    }
    for (const key of ['mode', 'concurrency', 'queue', 'calls', 'time-ms']) {
      if (key in (manifest.instance ?? {})) throw new Unsupported(`${key} of a manifest`);
    }
    const capsule = new Capsule();
    capsule.id = manifest.capsule.id;
    capsule.uuid = randomUUID();
    capsule.manifest = manifest;
    capsule.grants = grants;
    const declared = manifest.config ?? {};
    capsule.config = { declared: Object.keys(declared), values: resolve(declared, config) };
    capsule.code = await runnable(component);
    return capsule;
  }

  /** What it asks for and is granted, sorted by name. */
  held() {
    const { process = [], publish = [], hook = [], config = {} } = this.manifest;
    const granted = (kind) =>
      this.grants
        .filter((grant) => grant.startsWith(`${kind}:`))
        .map((grant) => grant.slice(kind.length + 1).split(' ')[0]);
    const topics = (kind, asked) =>
      asked
        .filter(({ topic }) => granted(kind).some((grant) => covers(grant, topic)))
        .map(({ topic }) => ({ name: `${kind}:${topic}`, scope: topic }));
    const programs = process
      .filter(({ program }) => granted('process').includes(program))
      .map(({ program, args = ['**'] }) => ({
        name: `process:${program}`,
        scope: [program, ...args].join(' '),
      }));
    const keys = Object.entries(config).map(([key, { type }]) => ({
      name: `config:${key}`,
      scope: type,
    }));
    return [...keys, ...programs, ...topics('publish', publish), ...topics('subscribe', hook)].sort(
      (one, other) => (one.name < other.name ? -1 : 1),
    );
  }

  /** Its subscriptions to a topic that it is granted. */
  subscriptions(topic) {
    const granted = this.grants
      .filter((grant) => grant.startsWith('subscribe:'))
      .map((grant) => grant.slice('subscribe:'.length));
    return (this.manifest.hook ?? [])
      .filter((hook) => covers(hook.topic, topic) && granted.some((grant) => covers(grant, topic)))
      .map((hook) => ({
        capsule: this.id,
        action: hook.action,
        priority: hook.priority ?? 100,
        timeout: hook['timeout-ms'] ?? 5_000,
        onFailure: hook['on-failure'] ?? 'stop',
      }));
  }
}

/** The values of the declared keys, sorted by key. */
function resolve(declared, given) {
  const unknown = Object.keys(given).find((key) => !(key in declared));
  if (unknown !== undefined) throw new Error(`the manifest declares no key ${unknown}`);
  const values = {};
  for (const key of Object.keys(declared).sort()) {
    const { type, default: standard, required = false, values: words = [] } = declared[key];
    const shown = type === 'json' ? JSON.stringify(standard) : standard?.toString();
    const value = given[key] ?? shown;
    if (value === undefined) {
      if (required) throw new Error(`the key ${key} has no value`);
      continue;
    }
    if (!TYPES[type](value, words)) throw new Error(`the value of ${key} is no ${type}`);
    values[key] = value;
  }
  return values;
}

/** A component as a module of JavaScript and the modules that it instantiates. */
async function runnable(path) {
  const { files, imports, exports } = await transpileBytes(await readFile(path), {
    name: 'guest',
    instantiation: 'async',
    emitTypescriptDeclarations: false,
  });
  const other = imports.find((name) => name.startsWith('boll:') && !IMPORTS.includes(name));
  if (other !== undefined) throw new Unsupported(`the import ${other}`);
  const called = exports.find(([name]) => EXPORTS.includes(name.split('@')[0]));
  if (called !== undefined) throw new Unsupported(`the export ${called[0]}`);
  const modules = {};
  let script;
  for (const [name, bytes] of Object.entries(files)) {
    const file = name.split('/').pop();
    if (file.endsWith('.wasm')) modules[file] = await WebAssembly.compile(bytes);
    else script = Buffer.from(bytes).toString('base64');
  }
  return { script: `data:text/javascript;base64,${script}`, modules };
}
