// What every built capsule loads after its author's modules.

import { loaded } from "../waiting.js";

loaded();
