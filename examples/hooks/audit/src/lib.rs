//! Counts the notes that were saved and masked, and raises an alarm.

use std::sync::atomic::{AtomicU32, Ordering};

use boll_sdk::{Event, Failure, Json, config, hook, log};
use serde::Serialize;

// The instance is resident, so that these live as long as it does.
static SAVED: AtomicU32 = AtomicU32::new(0);
static MASKED: AtomicU32 = AtomicU32::new(0);

/// What was counted.
#[derive(Serialize)]
pub struct Counts {
    saved: u32,
    masked: u32,
}

/// The capsule.
pub struct Audit;

#[boll_sdk::capsule]
impl Audit {
    /// Counts what the topic says, and answers with the counts.
    pub fn count(event: Event) -> Result<Json<Counts>, Failure> {
        if event.topic.as_deref() != Some("guard.masked") {
            SAVED.fetch_add(1, Ordering::Relaxed);
            return Self::report();
        }
        let masked = MASKED.fetch_add(1, Ordering::Relaxed) + 1;
        if masked >= config::require::<u32>("limit")? {
            // Notes waits for the guard, which waits for this: it cannot be
            // asked before it is done, and its answer says so.
            for answer in hook::trigger("audit.alarm", &masked)? {
                log::info!("{answer}");
            }
        }
        Self::report()
    }

    /// Answers with the counts.
    pub fn report() -> Result<Json<Counts>, Failure> {
        Ok(Json(Counts {
            saved: SAVED.load(Ordering::Relaxed),
            masked: MASKED.load(Ordering::Relaxed),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use boll_sdk::{Capsule, fake};

    #[test]
    fn it_counts_by_topic_and_raises_an_alarm_at_the_limit() {
        let host = fake::Host::new()
            .config("limit", "2")
            .trigger(|_| Ok(Vec::new()))
            .install();
        let count = |topic: &str| {
            let mut event = Event::new("null");
            event.topic = Some(topic.to_owned());
            let reply = Audit::handle("count", event).expect("counted");
            String::from_utf8(reply.payload().expect("counts").to_vec()).expect("text")
        };
        assert_eq!(count("notes.saved"), r#"{"saved":1,"masked":0}"#);
        assert_eq!(count("guard.masked"), r#"{"saved":1,"masked":1}"#);
        assert!(host.published().is_empty());
        assert_eq!(count("guard.masked"), r#"{"saved":1,"masked":2}"#);
        assert_eq!(host.published().len(), 1);
    }
}
