// An open case: the capsules that are loaded, the calls under way, and what is
// answered to each operation.

import { Capsule } from './capsule.mjs';
import { Call } from './call.mjs';
import { isTopic } from './topic.mjs';
import { Unsupported } from './unsupported.mjs';

export const INTERFACES = [
  'boll:capability/capability@0.2.0',
  'boll:config/config@0.2.0',
  'boll:hook/handler@0.2.0',
  'boll:hook/types@0.2.0',
  'boll:lifecycle/lifecycle@0.2.0',
  'boll:log/log@0.2.0',
];

/** The settings that this host has, and what holds without them. */
const SETTINGS = { 'log-level': 'info', 'log-line': 65_536, 'time-ms': 60_000 };

export class Open {
  #settings;
  #log;
  #capsules = new Map();
  #calls = new Set();

  constructor(settings, log) {
    const other = Object.keys(settings).find((name) => !(name in SETTINGS));
    if (other !== undefined) throw new Unsupported(`the setting ${other}`);
    this.#settings = { ...SETTINGS, ...settings };
    this.#log = log;
  }

  async answer(request) {
    const capsule = this.#capsules.get(request.capsule);
    switch (request.do) {
      case 'load':
        return this.#load(request);
      case 'unload':
        this.#capsules.delete(request.capsule);
        await this.#end((call) => call.capsule === capsule);
        return { unloaded: capsule !== undefined };
      case 'grant':
        if (capsule !== undefined) capsule.grants = request.grants;
        return { granted: capsule !== undefined };
      case 'run-case':
        return this.#call(request, { runCase: request.name });
      case 'invoke':
        return this.#call(request, {
          action: request.action,
          event: { topic: undefined, payload: Buffer.from(request.payload) },
        });
      case 'trigger':
        return this.#publish(request, (subscribers) => this.#trigger(request, subscribers));
      case 'intercept':
        return this.#publish(request, (subscribers) => this.#intercept(request, subscribers));
      case 'cancel': {
        const ended = await this.#end((call) => call.id === request['call-id']);
        return { cancelled: ended };
      }
      case 'held':
        return { held: capsule?.held() ?? [] };
      case 'await':
        if (capsule === undefined) throw new Error(`no capsule ${request.capsule} is loaded`);
        // Without run loops a capsule is ready at once, and stays so.
        if (request.state !== 'ready') throw new Unsupported(`the state ${request.state}`);
        return { state: 'ready' };
      default:
        throw new Unsupported(`the operation ${request.do}`);
    }
  }

  /** Ends everything. */
  async close() {
    await this.#end(() => true);
  }

  async #load(request) {
    let capsule;
    try {
      capsule = await Capsule.load(request);
    } catch (error) {
      if (error instanceof Unsupported) throw error;
      return { 'not-loaded': error.message };
    }
    this.#capsules.set(capsule.id, capsule);
    return { loaded: capsule.id };
  }

  async #call(request, work) {
    const capsule = this.#capsules.get(request.capsule);
    if (capsule === undefined) {
      return { ended: 'not-loaded', reason: `no capsule ${request.capsule} is loaded` };
    }
    const time = request['time-ms'] ?? this.#settings['time-ms'];
    const call = new Call(capsule, request, Math.min(time, this.#settings['time-ms']), {
      work,
      settings: this.#settings,
      held: this.#held(),
      log: this.#log,
    });
    this.#calls.add(call);
    try {
      return await call.result;
    } finally {
      this.#calls.delete(call);
    }
  }

  /** What each loaded capsule holds, by its uuid. */
  #held() {
    const capsules = [...this.#capsules.values()];
    return Object.fromEntries(capsules.map((capsule) => [capsule.uuid, capsule.held()]));
  }

  async #end(isMeant) {
    const meant = [...this.#calls].filter(isMeant);
    await Promise.all(meant.map((call) => call.cancel()));
    return meant.length;
  }

  async #publish(request, ask) {
    if (!isTopic(request.topic)) {
      return { error: { 'invalid-topic': `${JSON.stringify(request.topic)} is no topic` } };
    }
    return ask(
      [...this.#capsules.values()]
        .flatMap((capsule) => capsule.subscriptions(request.topic))
        .sort((one, other) => one.priority - other.priority || (one.capsule < other.capsule ? -1 : 1)),
    );
  }

  async #ask({ capsule, action, timeout }, request, payload) {
    const event = { topic: request.topic, payload: Buffer.from(payload) };
    const call = { ...request, capsule, 'time-ms': timeout };
    const said = await this.#call(call, { action, event });
    const words = { trapped: { crashed: said.reason }, 'not-loaded': 'cancelled' };
    return { capsule, action, outcome: said.ended ? (words[said.ended] ?? said.ended) : said };
  }

  async #trigger(request, subscribers) {
    const asked = subscribers.map((one) => this.#ask(one, request, request.payload));
    return { answers: await Promise.all(asked) };
  }

  async #intercept(request, subscribers) {
    let { payload } = request;
    for (const subscriber of subscribers) {
      const answer = await this.#ask(subscriber, request, payload);
      const { capsule, outcome } = answer;
      if ('final' in outcome) return { final: { capsule, payload: outcome.final } };
      if ('deny' in outcome) return { denied: { capsule, reason: outcome.deny } };
      if ('continue' in outcome) payload = outcome.continue ?? payload;
      else if (subscriber.onFailure === 'stop') return { stopped: answer };
    }
    return { passed: payload };
  }
}

