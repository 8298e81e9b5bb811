//! `config.get`: what is set, what is not, and what cannot be.

use boll_conformance::config::{Error, get};
use boll_conformance::{Case, Checked, equal, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "values" => values(),
            "undeclared" => undeclared(),
            "too-long" => too_long(),
            other => unknown(other),
        }
    }
}

fn values() -> Checked {
    let text = |value: &str| Ok(Some(value.to_owned()));
    equal("a key that is set", get("greeting"), text("hello"))?;
    equal("a key that is set to nothing", get("empty"), text(""))?;
    equal("an integer", get("port"), text("8080"))?;
    equal("a default", get("limit"), text("1000"))?;
    equal("a boolean", get("verbose"), text("true"))?;
    equal("a key without a value", get("unset"), Ok(None))
}

fn undeclared() -> Checked {
    for key in ["other", "", "GREETING", "greeting\0", "config.greeting"] {
        equal("another key", get(key), Err(Error::Undeclared(key.into())))?;
    }
    Ok(())
}

fn too_long() -> Checked {
    let longest = "k".repeat(4096);
    let undeclared = Err(Error::Undeclared(longest.clone()));
    equal("the longest key", get(&longest), undeclared)?;
    let over = "k".repeat(4097);
    equal("a longer one", get(&over), Err(Error::KeyTooLong(4096)))
}
