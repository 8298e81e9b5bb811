//! `hook.trigger`: which topics a pattern means.

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Error, Options, trigger};
use boll_conformance::{Case, Checked, a_case, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "patterns" => patterns(),
            "asked" => asked(),
            "length" => length(),
            "granted" => {
                told("git", &[])?;
                told("git.push", &["one", "rest"])?;
                told("git.push.done", &[])
            }
            other => unknown(other),
        }
    }

    fn handle(_action: &str, _event: Event) -> Result<Reply, Failure> {
        Ok(Reply::Continue(None))
    }
}

fn options() -> Options {
    Options { timeout_ms: None }
}

fn told(topic: &str, expected: &[&str]) -> Checked {
    let answers = good(topic, trigger(topic, &[], options()))?;
    let capsules: Vec<&str> = answers.iter().map(|one| one.capsule.as_str()).collect();
    equal(topic, capsules, expected.to_vec())
}

fn patterns() -> Checked {
    told("git", &["rest"])?;
    told("git.push", &["one", "rest"])?;
    told("git.push.done", &["rest"])?;
    told("one.any.end", &["one"])?;
    told("a-1.b-2.c3", &["rest"])
}

/// What the grant would allow and the manifest does not ask for.
fn asked() -> Checked {
    for topic in ["one.end", "one.a.b.end", "one.a.other", "gi", "github.push"] {
        let refused = trigger(topic, &[], options());
        let denial = a_case!(topic, refused, Err(Error::Denied(denial)) => denial);
        equal(
            "the capability",
            denial.capability,
            format!("publish:{topic}"),
        )?;
    }
    Ok(())
}

fn length() -> Checked {
    let longest = format!("git.{}", "a".repeat(252));
    told(&longest, &["one", "rest"])?;
    let refused = trigger(&format!("{longest}a"), &[], options());
    a_case!("a longer one", refused, Err(Error::InvalidTopic(_)) => ());
    Ok(())
}
