//! `config.get`: values that fit their types.

use boll_conformance::config::get;
use boll_conformance::{Case, Checked, equal, say, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "right" => right(),
            "called" => {
                say("it was called");
                Ok(())
            }
            other => unknown(other),
        }
    }
}

fn right() -> Checked {
    for (key, value) in [
        ("count", "-7"),
        ("ratio", "1.5"),
        ("loud", "false"),
        ("speed", "fast"),
        ("shape", r#"{"a": [1]}"#),
    ] {
        equal(key, get(key), Ok(Some(value.to_owned())))?;
    }
    Ok(())
}
