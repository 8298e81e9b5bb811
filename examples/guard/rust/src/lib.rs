//! Reviews notes before they are saved: masks words, and denies empty notes.

use boll_sdk::{Failure, Json, Reply, config, hook};

/// The capsule.
pub struct Guard;

#[boll_sdk::capsule]
impl Guard {
    /// Goes on with the note, its words masked; denies an empty one.
    pub fn review(Json(note): Json<String>) -> Result<Reply, Failure> {
        if note.trim().is_empty() {
            return Ok(Reply::deny("a note needs some text"));
        }
        let Json(words) = config::require::<Json<Vec<String>>>("words")?;
        let masked = words.iter().fold(note.clone(), |note, word| {
            note.replace(word.as_str(), &"*".repeat(word.chars().count()))
        });
        if masked != note {
            hook::trigger("guard.masked", &masked)?;
        }
        Reply::json(&masked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use boll_sdk::{Capsule, Event, fake};

    fn reviewed(note: &str) -> (Reply, usize) {
        let host = fake::Host::new()
            .config("words", r#"["secret"]"#)
            .trigger(|_| Ok(Vec::new()))
            .install();
        let event = Event::new(format!("{note:?}"));
        let reply = Guard::handle("review", event).expect("an answer");
        (reply, host.published().len())
    }

    #[test]
    fn words_are_masked_and_told() {
        let (reply, told) = reviewed("a secret");
        assert_eq!(reply.payload(), Some(&br#""a ******""#[..]));
        assert_eq!(told, 1);
    }

    #[test]
    fn other_notes_stay_as_they_are() {
        let (reply, told) = reviewed("a note");
        assert_eq!(reply.payload(), Some(&br#""a note""#[..]));
        assert_eq!(told, 0);
    }

    #[test]
    fn an_empty_note_is_denied() {
        let (reply, _) = reviewed(" ");
        assert_eq!(reply, Reply::deny("a note needs some text"));
    }
}
