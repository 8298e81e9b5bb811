//! `handler.handle` of a capsule that requires another.

use boll_conformance::{Case, Checked, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "here" => Ok(()),
            other => unknown(other),
        }
    }
}
