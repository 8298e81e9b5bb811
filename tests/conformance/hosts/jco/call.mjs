// A call: in a thread of its own, so that a guest that does not end can be ended.

import { Worker } from 'node:worker_threads';

export class Call {
  #worker;
  #settle;
  #timer;

  constructor(capsule, request, time, { work, settings, held, log }) {
    this.capsule = capsule;
    this.id = request['call-id'];
    const [principal, startedAt] = [request.principal, Date.now()];
    this.result = new Promise((settle) => {
      this.#settle = settle;
    });
    this.#worker = new Worker(new URL('./guest.mjs', import.meta.url), {
      workerData: {
        work,
        settings,
        held,
        uuid: capsule.uuid,
        config: capsule.config,
        code: capsule.code,
        call: {
          principal,
          callId: this.id,
          startedAtMs: BigInt(startedAt),
          deadlineMs: BigInt(startedAt + time),
        },
      },
      env: {},
      argv: [],
    });
    this.#worker.on('message', (message) => {
      if ('line' in message) {
        const whose = { capsule: capsule.id, principal: principal ?? null };
        log({ ...message.line, source: 'capsule', ...whose, 'call-id': this.id ?? null });
      } else {
        this.#end(message.result);
      }
    });
    this.#worker.on('error', (error) => this.#end({ ended: 'trapped', reason: error.message }));
    this.#worker.on('exit', () => this.#end({ ended: 'trapped', reason: 'it exited' }));
    this.#timer = setTimeout(
      () => this.#end({ ended: 'timed-out', reason: `not within ${time} ms` }),
      time,
    );
  }

  /** Ends it without an answer. */
  cancel() {
    return this.#end({ ended: 'cancelled', reason: 'the call was cancelled' });
  }

  async #end(result) {
    clearTimeout(this.#timer);
    // The first word holds; the others come from ending the thread.
    const settle = this.#settle;
    this.#settle = () => {};
    await this.#worker.terminate();
    settle(result);
  }
}
