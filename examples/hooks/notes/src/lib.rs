//! Saves notes. Before it does it asks the others, who may change a note or deny
//! it; afterwards it tells them.

use boll_sdk::hook::{self, Publish};
use boll_sdk::{Event, Failure, Json, Reply, log};

/// The capsule.
pub struct Notes;

#[boll_sdk::capsule]
impl Notes {
    /// Saves the payload, and answers with what was saved.
    pub fn save(event: Event) -> Result<Reply, Failure> {
        let draft = event.text()?;
        // An error when somebody denied, with who and why.
        let note: String = hook::intercept("notes.save", draft)?.json()?;
        log::info!(bytes = note.len(); "saved a note");
        for answer in Publish::to("notes.saved").json(&note)?.trigger()? {
            log::debug!("{answer}");
        }
        Ok(Reply::bytes(note))
    }

    /// Hears that too much was masked.
    pub fn alarm(Json(masked): Json<u32>) -> Result<(), Failure> {
        log::warn!(masked = masked; "many notes hold what they should not");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use boll_sdk::fake::Published;
    use boll_sdk::hook::Verdict;
    use boll_sdk::{Capsule, fake};

    #[test]
    fn what_is_saved_is_what_the_others_left() {
        let host = fake::Host::new()
            .intercept(|_| Ok(Verdict::Passed(br#""masked""#.to_vec())))
            .trigger(|_| Ok(Vec::new()))
            .install();
        let reply = Notes::handle("save", Event::new("draft")).expect("saved");
        assert_eq!(reply.payload(), Some(&b"masked"[..]));
        let told = Publish::to("notes.saved").bytes(br#""masked""#);
        assert_eq!(host.published()[1], Published::Trigger(told));
    }

    #[test]
    fn what_is_denied_is_not_saved() {
        let host = fake::Host::new()
            .intercept(|_| {
                Ok(Verdict::Denied {
                    capsule: "guard".into(),
                    reason: "it is empty".into(),
                })
            })
            .install();
        let failure = Notes::handle("save", Event::new("")).expect_err("denied");
        assert!(failure.to_string().contains("it is empty"), "{failure}");
        assert_eq!(host.published().len(), 1, "nobody is told");
    }
}
