//! `install`: told once, or refusing.

use boll_conformance::config::get;
use boll_conformance::{Case, Checked, Install, say, unknown};

struct Guest;

boll_conformance::guest!(Guest, install);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "here" => Ok(()),
            other => unknown(other),
        }
    }
}

impl Install for Guest {
    fn install() -> Result<(), String> {
        match get("how").ok().flatten().as_deref() {
            Some("refuses") => Err("not on this host".to_owned()),
            Some("traps") => panic!("it was to trap"),
            _ => {
                say("installed");
                Ok(())
            }
        }
    }
}
