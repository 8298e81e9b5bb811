// `crypto` and `Math.random` of the host, which the build loads first where they are used.

import "../random.js";
