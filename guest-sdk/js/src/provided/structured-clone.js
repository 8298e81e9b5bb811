// `structuredClone`, which the build loads first where it is used.

import "core-js/web/structured-clone.js";
