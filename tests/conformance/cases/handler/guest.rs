//! `handler.handle`: every reply and every failure.

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::{Case, Checked, say, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "here" => Ok(()),
            other => unknown(other),
        }
    }

    fn handle(action: &str, event: Event) -> Result<Reply, Failure> {
        let text = || String::from_utf8_lossy(&event.payload).into_owned();
        match action {
            "echo" => Ok(Reply::Continue(Some(event.payload))),
            "nothing" => Ok(Reply::Continue(None)),
            "final" => Ok(Reply::Final(event.payload)),
            "deny" => Ok(Reply::Deny(text())),
            "topic" => Ok(Reply::Final(format!("{:?}", event.topic).into())),
            "invalid" => Err(Failure::InvalidPayload(text())),
            "fail" => Err(Failure::Failed(text())),
            "trap" => panic!("it was to trap"),
            "loop" => {
                say("looping");
                loop {
                    std::hint::spin_loop();
                }
            }
            other => Err(Failure::UnknownAction(other.to_owned())),
        }
    }
}
