//! `lifecycle.self-uuid` of one load and of the next.

use std::sync::Mutex;

use boll_conformance::capability::check;
use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Options, Outcome, trigger};
use boll_conformance::lifecycle::self_uuid;
use boll_conformance::{Case, Checked, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

/// The uuid that was told last.
static LAST: Mutex<String> = Mutex::new(String::new());

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "first" => told("another, which holds; the last does not"),
            "again" => told("the last, which holds"),
            "new" => told("another, which holds; the last does not"),
            other => unknown(other),
        }
    }

    fn handle(_action: &str, event: Event) -> Result<Reply, Failure> {
        let uuid = String::from_utf8_lossy(&event.payload).into_owned();
        let holds = |uuid: &str| match check(uuid, "publish:uuid.*") {
            true => "holds",
            false => "does not",
        };
        let mut last = LAST
            .lock()
            .map_err(|_| Failure::Failed("locked".to_owned()))?;
        let seen = match *last == uuid {
            true => format!("the last, which {}", holds(&uuid)),
            false => format!("another, which {}; the last {}", holds(&uuid), holds(&last)),
        };
        *last = uuid;
        Ok(Reply::Final(seen.into()))
    }
}

fn told(expected: &str) -> Checked {
    let (uuid, options) = (self_uuid(), Options { timeout_ms: None });
    let answers = good("trigger", trigger("uuid.told", uuid.as_bytes(), options))?;
    let outcomes: Vec<Outcome> = answers.into_iter().map(|one| one.outcome).collect();
    equal(
        "what the other saw",
        outcomes,
        vec![Outcome::Final(expected.into())],
    )
}
