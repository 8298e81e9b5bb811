//! `handler.handle` of an instance that counts its calls.

use std::sync::atomic::{AtomicU32, Ordering};

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::{Case, Checked, unknown};

struct Guest;

boll_conformance::guest!(Guest);

static CALLS: AtomicU32 = AtomicU32::new(0);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        unknown(name)
    }

    fn handle(action: &str, _event: Event) -> Result<Reply, Failure> {
        match action {
            "count" => {
                let count = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
                Ok(Reply::Final(count.to_string().into()))
            }
            "trap" => panic!("it was to trap"),
            other => Err(Failure::UnknownAction(other.to_owned())),
        }
    }
}
