//! `config.get` after another load.

use boll_conformance::config::{all, get};
use boll_conformance::{Case, Checked, equal, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "first" => is(Some("hello"), Some("first")),
            "second" => is(Some("good evening"), None),
            other => unknown(other),
        }
    }
}

fn is(greeting: Option<&str>, more: Option<&str>) -> Checked {
    equal("greeting", get("greeting"), Ok(greeting.map(str::to_owned)))?;
    equal("more", get("more"), Ok(more.map(str::to_owned)))?;
    let set = greeting.iter().chain(&more).count();
    equal("how many are set", all().len(), set)
}
