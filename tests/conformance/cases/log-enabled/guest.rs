//! `log.enabled`: the level of the host.

use boll_conformance::log::{Level, emit, enabled};
use boll_conformance::{Case, Checked, equal, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "levels" => levels(),
            other => unknown(other),
        }
    }
}

fn levels() -> Checked {
    for (level, expected) in [
        (Level::Trace, false),
        (Level::Debug, false),
        (Level::Info, false),
        (Level::Warn, true),
        (Level::Error, true),
    ] {
        equal("whether it is written", enabled(level), expected)?;
    }
    equal("below", emit(Level::Info, "not written", &[]), Ok(()))?;
    equal("at it", emit(Level::Warn, "written", &[]), Ok(()))
}
