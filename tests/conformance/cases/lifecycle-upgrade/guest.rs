//! `upgrade`: told the version before, or refusing.

use boll_conformance::config::get;
use boll_conformance::{Case, Checked, Upgrade, say, unknown};

struct Guest;

boll_conformance::guest!(Guest, upgrade);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "here" => {
                say(&format!(
                    "here is {}",
                    get("how").ok().flatten().unwrap_or_default()
                ));
                Ok(())
            }
            other => unknown(other),
        }
    }
}

impl Upgrade for Guest {
    fn upgrade(previous: String) -> Result<(), String> {
        if get("how").ok().flatten().as_deref() == Some("refuses") {
            return Err(format!("not from {previous}"));
        }
        say(&format!("upgraded from {previous}"));
        Ok(())
    }
}
