// `console`, which the build loads first where it is used: it writes lines of the log.

import "../log.js";
