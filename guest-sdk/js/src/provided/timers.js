// Timers, which the build loads first where they are used.

import * as timers from "../timers.js";

Object.assign(globalThis, timers);
