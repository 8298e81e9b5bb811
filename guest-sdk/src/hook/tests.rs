//! Publishing, against the fake host.

use super::*;
use crate::fake::{self, Published};
use crate::{Capsule, Event, Failure, Reply};
use std::collections::BTreeMap;
use std::time::Duration;

#[test]
fn a_value_travels_as_json() {
    let host = fake::Host::new()
        .trigger(|publish| {
            let numbers: Vec<u32> = publish.event().json().unwrap();
            let sum = Reply::json(&numbers.iter().sum::<u32>());
            Ok(vec![Answer::new("adder", "add", sum)])
        })
        .install();
    let answers = trigger("numbers.new", &[1, 2, 3]).unwrap();
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].json::<u32>().unwrap(), Some(6));
    assert_eq!(
        host.published(),
        [Published::Trigger(
            Publish::to("numbers.new").bytes("[1,2,3]")
        )]
    );
}

#[test]
fn bytes_and_a_timeout_travel_as_they_are() {
    let host = fake::Host::new()
        .intercept(|publish| Ok(Verdict::Passed(publish.get_payload().to_vec())))
        .install();
    let publish = Publish::to("raw")
        .bytes([0xff, 0])
        .timeout(Duration::from_millis(5));
    let verdict = publish.intercept().unwrap();
    assert_eq!(verdict.payload(), Some(&[0xff, 0][..]));
    assert_eq!(host.published(), [Published::Intercept(publish)]);
}

#[test]
fn what_has_no_form_in_json_is_not_published() {
    let host = fake::Host::new().trigger(|_| Ok(Vec::new())).install();
    let value = BTreeMap::from([((1, 2), 3)]);
    let error = trigger("a", &value).unwrap_err();
    assert!(matches!(&error, Error::Unserializable(_)), "{error}");
    assert!(host.published().is_empty());
}

#[test]
fn answers_read_as_json_say_who_gave_another_payload() {
    let answer = Answer::new("stock", "count", Outcome::Final(b"x".to_vec()));
    let failure = answer.json::<u32>().unwrap_err().to_string();
    assert!(
        failure.starts_with("the capsule `stock`, action `count`, gave another payload"),
        "{failure}"
    );
    let silent = Answer::new("stock", "count", Outcome::Continue(None));
    assert_eq!(silent.json::<u32>().unwrap(), None);
}

#[test]
fn a_verdict_without_a_payload_reads_as_a_failure_that_says_who() {
    let stopped = Verdict::Stopped(Answer::new("slow", "look", Outcome::TimedOut));
    assert_eq!(stopped.payload(), None);
    assert_eq!(
        stopped.json::<u32>().unwrap_err(),
        Failure::new("the capsule `slow`, action `look`, took too long")
    );
    let ended = Verdict::Final {
        capsule: "cache".to_owned(),
        payload: b"7".to_vec(),
    };
    assert_eq!(ended.json::<u32>().unwrap(), 7);
    let other = Verdict::Passed(b"{".to_vec()).json::<u32>().unwrap_err();
    assert!(
        other.to_string().contains("another payload than expected"),
        "{other}"
    );
}

#[test]
fn every_answer_of_a_capsule_is_an_outcome() {
    let deny = Reply::deny("no");
    for (answer, outcome, text) in [
        (Ok(Reply::empty()), Outcome::Continue(None), "went on"),
        (
            Ok(Reply::Final(vec![1])),
            Outcome::Final(vec![1]),
            "ended the chain",
        ),
        (Ok(deny), Outcome::Deny("no".to_owned()), "denied: no"),
        (
            Err(Failure::new("it rains")),
            Outcome::Failed(Failure::new("it rains")),
            "failed: it rains",
        ),
    ] {
        let made = Outcome::from(answer);
        assert_eq!(made, outcome);
        assert_eq!(made.to_string(), text);
    }
}

#[test]
fn every_error_says_what_is_wrong() {
    for (error, text) in [
        (
            Error::Denied {
                capability: "publish:a".to_owned(),
                reason: "grant it".to_owned(),
            },
            "the capability `publish:a` is missing: grant it",
        ),
        (
            Error::InvalidTopic("it is empty".to_owned()),
            "not a topic: it is empty",
        ),
        (
            Error::TooLarge(9),
            "the payload is larger than 9 bytes, the limit of a hook",
        ),
        (
            Error::TooDeep(8),
            "the chain of calls is 8 deep already, its limit",
        ),
        (Error::Cancelled, "the call was cancelled"),
    ] {
        assert_eq!(error.to_string(), text);
        assert_eq!(Failure::from(error), Failure::new(text));
    }
}

/// A capsule that says its topic.
struct Topics;

impl Capsule for Topics {
    const ACTIONS: &'static [&'static str] = &["topic"];

    fn handle(_: &str, event: Event) -> Result<Reply, Failure> {
        Ok(Reply::bytes(event.topic.unwrap_or_default()))
    }
}

#[test]
fn another_capsule_answers_in_a_test() {
    let _host = fake::Host::new()
        .trigger(|publish| {
            let said = Topics::handle("topic", publish.event());
            Ok(vec![Answer::new("topics", "topic", said)])
        })
        .install();
    let answers = trigger("a.b", &()).unwrap();
    assert_eq!(answers[0].outcome.payload(), Some(&b"a.b"[..]));
}
