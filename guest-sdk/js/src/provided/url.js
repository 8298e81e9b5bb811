// `URL` and `URLSearchParams`, which the build loads first where they are used.

import "core-js/web/url.js";
