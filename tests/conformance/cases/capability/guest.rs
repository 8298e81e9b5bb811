//! `capability`: what is held, and what is not.

use boll_conformance::capability::{Grant, check, held};
use boll_conformance::lifecycle::self_uuid;
use boll_conformance::{Case, Checked, equal, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "granted" => granted(),
            "revoked" => revoked(),
            "other" => equal(
                "nothing of another's",
                check(&self_uuid(), "process:cat"),
                false,
            ),
            other => unknown(other),
        }
    }
}

fn granted() -> Checked {
    let me = self_uuid();
    for (name, expected) in [
        ("process:cat", true),
        ("config:greeting", true),
        ("publish:notes.*", true),
        ("process:sh", false),
        ("process:", false),
        ("process:ca", false),
        ("config:other", false),
        ("publish:notes.saved", false),
        ("", false),
    ] {
        equal(name, check(&me, name), expected)?;
    }
    for uuid in [
        "",
        "me",
        "00000000-0000-4000-8000-000000000000",
        "capability",
    ] {
        equal("an unknown uuid", check(uuid, "process:cat"), false)?;
    }
    let held = held();
    let names: Vec<&str> = held.iter().map(|grant| grant.name.as_str()).collect();
    let expected = ["config:greeting", "process:cat", "publish:notes.*"];
    equal("what is held", names, expected.to_vec())?;
    let scope = |name: &str| {
        let grant = held.iter().find(|grant: &&Grant| grant.name == name);
        grant.map(|grant| grant.scope.as_str())
    };
    equal("the type", scope("config:greeting"), Some("string"))?;
    equal("the arguments", scope("process:cat"), Some("cat **"))
}

fn revoked() -> Checked {
    equal("it is gone", check(&self_uuid(), "process:cat"), false)?;
    let is_there = held().iter().any(|grant| grant.name == "process:cat");
    equal("it is not listed", is_there, false)
}
