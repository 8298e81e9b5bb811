//! `config.all`: what has a value, in order.

use boll_conformance::config::{Entry, all};
use boll_conformance::{Case, Checked, equal, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "values" => values(),
            "nothing" => equal("nothing is set", all().len(), 0),
            other => unknown(other),
        }
    }
}

fn values() -> Checked {
    let entry = |key: &str, value: &str| Entry {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let expected = vec![
        entry("a-list", "[1, 2]"),
        entry("empty", ""),
        entry("half", "0.5"),
        entry("port", "8080"),
    ];
    equal("every key with a value", all(), expected)
}
