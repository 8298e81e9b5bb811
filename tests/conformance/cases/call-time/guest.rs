//! `handler.handle`: a call that takes as long as it is told.

use std::time::Duration;

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::lifecycle::caller;
use boll_conformance::{Case, Checked, say, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        unknown(name)
    }

    fn handle(action: &str, event: Event) -> Result<Reply, Failure> {
        if action != "hold" {
            return Err(Failure::UnknownAction(action.to_owned()));
        }
        let time = String::from_utf8_lossy(&event.payload).parse();
        let time = time.map_err(|_| Failure::InvalidPayload("milliseconds".to_owned()))?;
        if caller().is_none_or(|call| call.deadline_ms.is_none()) {
            return Err(Failure::Failed("a call without a deadline".to_owned()));
        }
        say("holding");
        std::thread::sleep(Duration::from_millis(time));
        Ok(Reply::Final(b"done".into()))
    }
}
