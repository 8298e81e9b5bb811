// Promises whose jobs run in the call that made them. The engine runs none of its own in a call, so that this class
// takes the place of `Promise`; the build turns `async` functions into ones that use it.

/** The engine's class, whose static functions work with any other. */
export const Native = globalThis.Promise;

/** What runs when the function that runs now has returned. */
const jobs = [];
/** Rejected promises that nobody has asked yet. */
const unhandled = new Set();

/** Runs a function after the one that runs now. */
export function enqueue(job) {
  if (typeof job !== "function") throw new TypeError("what runs later has to be a function");
  jobs.push(job);
}

/** Runs all jobs, also those that they add. */
export function runJobs() {
  for (let at = 0; at < jobs.length; at++) {
    try {
      jobs[at]();
    } catch (error) {
      jobs.splice(0, at + 1);
      throw error;
    }
  }
  jobs.length = 0;
}

/** Throws the reason of a promise that was rejected and that nobody asked. */
export function refuseUnhandled() {
  for (const promise of unhandled) {
    unhandled.clear();
    throw reasonOf(promise);
  }
}

/** Forgets what is left of a call. */
export function forget() {
  jobs.length = 0;
  unhandled.clear();
}

let reasonOf;

/** As the language says, with the jobs of this module. */
class Promise {
  #state = "pending";
  #value;
  #reactions = [];
  #isHandled = false;

  static {
    reasonOf = (promise) => promise.#value;
  }

  constructor(executor) {
    if (typeof executor !== "function") throw new TypeError("a promise needs a function");
    const { resolve, reject } = this.#functions();
    try {
      executor(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  then(onFulfilled, onRejected) {
    const Class = this.constructor?.[Symbol.species] ?? Promise;
    const capability = Promise.withResolvers.call(Class);
    const reaction = { onFulfilled, onRejected, ...capability };
    if (this.#state === "pending") this.#reactions.push(reaction);
    else this.#react(reaction);
    this.#isHandled = true;
    unhandled.delete(this);
    return capability.promise;
  }

  catch(onRejected) {
    return this.then(undefined, onRejected);
  }

  finally(work) {
    return Native.prototype.finally.call(this, work);
  }

  get [Symbol.toStringTag]() {
    return "Promise";
  }

  static get [Symbol.species]() {
    return this;
  }

  static resolve(value) {
    if (value instanceof Promise && value.constructor === this) return value;
    const { promise, resolve } = Promise.withResolvers.call(this);
    resolve(value);
    return promise;
  }

  static reject(reason) {
    const { promise, reject } = Promise.withResolvers.call(this);
    reject(reason);
    return promise;
  }

  static all(promises) {
    return Native.all.call(this, promises);
  }

  static allSettled(promises) {
    return Native.allSettled.call(this, promises);
  }

  static any(promises) {
    return Native.any.call(this, promises);
  }

  static race(promises) {
    return Native.race.call(this, promises);
  }

  static withResolvers() {
    const made = {};
    made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
  }

  static try(work, ...args) {
    return new this((resolve) => resolve(work(...args)));
  }

  /** What settles it. Only the first call of the two counts. */
  #functions() {
    let isDone = false;
    const once = (work) => (value) => {
      if (isDone) return;
      isDone = true;
      work(value);
    };
    return {
      resolve: once((value) => this.#resolve(value)),
      reject: once((reason) => this.#settle("rejected", reason)),
    };
  }

  #resolve(value) {
    if (value === this) return this.#settle("rejected", new TypeError("a promise cannot be its own value"));
    const isObject = typeof value === "function" || (typeof value === "object" && value !== null);
    if (!isObject) return this.#settle("fulfilled", value);
    let then;
    try {
      then = value.then;
    } catch (error) {
      return this.#settle("rejected", error);
    }
    if (typeof then !== "function") return this.#settle("fulfilled", value);
    enqueue(() => {
      const { resolve, reject } = this.#functions();
      try {
        then.call(value, resolve, reject);
      } catch (error) {
        reject(error);
      }
    });
  }

  #settle(state, value) {
    this.#state = state;
    this.#value = value;
    if (state === "rejected" && !this.#isHandled) unhandled.add(this);
    for (const reaction of this.#reactions.splice(0)) this.#react(reaction);
  }

  #react({ onFulfilled, onRejected, resolve, reject }) {
    const isFulfilled = this.#state === "fulfilled";
    const handler = isFulfilled ? onFulfilled : onRejected;
    enqueue(() => {
      if (typeof handler !== "function") return (isFulfilled ? resolve : reject)(this.#value);
      try {
        resolve(handler(this.#value));
      } catch (error) {
        reject(error);
      }
    });
  }
}

export { Promise };
