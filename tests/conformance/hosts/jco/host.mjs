// A host of the conformance suite of another make than Boll: node, with jco.
//
// It speaks the protocol of docs/conformance.md and implements log, config,
// capability, lifecycle and the handler; to everything else it says
// `unsupported`. This file is the protocol; open.mjs is what it does.

import { createInterface } from 'node:readline';
import { INTERFACES, Open } from './open.mjs';
import { Unsupported } from './unsupported.mjs';

const PROTOCOL = 1;

let open;

/** Writes a line. Integers of 64 bits are written as they are. */
function say(message) {
  const text = JSON.stringify(message, (_key, value) =>
    typeof value === 'bigint' ? `\u0000${value}` : value,
  );
  process.stdout.write(`${text.replaceAll(/"\\u0000(-?\d+)"/g, '$1')}\n`);
}

async function answer(request) {
  switch (request.do) {
    case 'hello':
      if (request.protocol !== PROTOCOL) {
        throw new Unsupported(`version ${request.protocol} of the protocol`);
      }
      return { protocol: PROTOCOL, name: 'jco-host', version: '0.2.0', interfaces: INTERFACES };
    case 'open':
      open = new Open(request.settings, (line) => say({ event: 'log', line }));
      return {};
    case 'close':
      await open?.close();
      open = undefined;
      return {};
    default: {
      if (open === undefined) throw new Error('nothing is open');
      return open.answer(request);
    }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  // Not awaited: requests overlap.
  answer(request).then(
    (result) => say({ id: request.id, result }),
    (error) => {
      const kind = error instanceof Unsupported ? 'unsupported' : 'fault';
      say({ id: request.id, [kind]: error.message });
    },
  );
}
await open?.close();
