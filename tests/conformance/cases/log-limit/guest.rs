//! `log.emit` on a host with short lines.

use boll_conformance::log::{Error, Level, emit};
use boll_conformance::{Case, Checked, equal, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "short" => short(),
            other => unknown(other),
        }
    }
}

fn short() -> Checked {
    equal("the longest", emit(Level::Info, "0123456789", &[]), Ok(()))?;
    let emitted = emit(Level::Info, "0123456789+", &[]);
    equal("a longer one", emitted, Err(Error::TooLarge(10)))
}
