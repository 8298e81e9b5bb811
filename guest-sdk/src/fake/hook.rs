//! Publications, as the fake host answers them.

use super::Host;
use super::host::installed;
use crate::hook::{Answer, Error, Publish, Verdict};
use std::rc::Rc;

/// The limits of a host that sets no others.
const TOPIC_LIMIT: usize = 256;
const PAYLOAD_LIMIT: usize = 1 << 20;
const DEPTH_LIMIT: u32 = 8;

pub(super) type Trigger = dyn Fn(&Publish) -> Result<Vec<Answer>, Error>;
pub(super) type Intercept = dyn Fn(&Publish) -> Result<Verdict, Error>;

/// Something that was published, by the function that did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// By [`trigger`](crate::hook::trigger), to all subscribers at once.
    Trigger(Publish),
    /// By [`intercept`](crate::hook::intercept), to one after the other.
    Intercept(Publish),
}

pub(crate) fn trigger(publish: &Publish) -> Result<Vec<Answer>, Error> {
    let host = installed("hook::trigger");
    check(publish)?;
    let mut published = host.published.borrow_mut();
    published.push(Published::Trigger(publish.clone()));
    drop(published);
    let answer = host.trigger.as_deref();
    let answer = answer.ok_or_else(|| denied(publish, "trigger"))?;
    deeper(&host, || answer(publish))
}

pub(crate) fn intercept(publish: &Publish) -> Result<Verdict, Error> {
    let host = installed("hook::intercept");
    check(publish)?;
    let mut published = host.published.borrow_mut();
    published.push(Published::Intercept(publish.clone()));
    drop(published);
    let answer = host.intercept.as_deref();
    let answer = answer.ok_or_else(|| denied(publish, "intercept"))?;
    deeper(&host, || answer(publish))
}

fn denied(publish: &Publish, method: &str) -> Error {
    Error::Denied {
        capability: format!("publish:{}", publish.get_topic()),
        reason: format!(
            "this fake host has no answer to publications: give it one with \
             boll_sdk::fake::Host::{method}"
        ),
    }
}

fn check(publish: &Publish) -> Result<(), Error> {
    let topic = publish.get_topic();
    if topic.len() > TOPIC_LIMIT {
        let length = topic.len();
        return Err(Error::InvalidTopic(format!(
            "a topic has at most {TOPIC_LIMIT} bytes, this one has {length}"
        )));
    }
    if let Some(segment) = topic.split('.').find(|segment| !is_segment(segment)) {
        return Err(Error::InvalidTopic(format!(
            "`{}` is no segment of a topic: these have only a-z, 0-9 and -, and are not empty",
            segment.escape_debug()
        )));
    }
    if publish.get_payload().len() > PAYLOAD_LIMIT {
        return Err(Error::TooLarge(PAYLOAD_LIMIT as u64));
    }
    Ok(())
}

fn is_segment(text: &str) -> bool {
    let form = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(form)
}

/// One call further down the chain: an answer may publish itself.
fn deeper<T>(host: &Rc<Host>, answer: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let depth = host.depth.get();
    if depth == DEPTH_LIMIT {
        return Err(Error::TooDeep(DEPTH_LIMIT));
    }
    host.depth.set(depth + 1);
    let answer = answer();
    host.depth.set(depth);
    answer
}

#[cfg(test)]
mod tests {
    use crate::fake::{self, Published};
    use crate::hook::{self, Error, Publish};

    #[test]
    fn without_an_answer_a_publication_is_denied() {
        let host = fake::Host::new().install();
        for (error, method) in [
            (hook::trigger("a.b", &1).unwrap_err(), "trigger"),
            (hook::intercept("a.b", &1).unwrap_err(), "intercept"),
        ] {
            let Error::Denied { capability, reason } = &error else {
                panic!("{error}")
            };
            assert_eq!(capability, "publish:a.b");
            assert!(reason.ends_with(&format!("Host::{method}")), "{reason}");
        }
        let what = Publish::to("a.b").bytes("1");
        assert_eq!(
            host.published(),
            [Published::Trigger(what.clone()), Published::Intercept(what)]
        );
    }

    #[test]
    fn what_no_host_takes_is_refused_and_not_published() {
        let host = fake::Host::new().trigger(|_| Ok(Vec::new())).install();
        let long = "a".repeat(257);
        for topic in ["", "A", "a..b", "a.", "a.*", "a b", long.as_str()] {
            let error = hook::trigger(topic, &1).unwrap_err();
            assert!(matches!(error, Error::InvalidTopic(_)), "{topic}: {error}");
        }
        let large = Publish::to("a").bytes(vec![0; (1 << 20) + 1]);
        assert_eq!(large.trigger(), Err(Error::TooLarge(1 << 20)));
        assert!(host.published().is_empty());
        assert_eq!(
            Publish::to("a").bytes(vec![0; 1 << 20]).trigger(),
            Ok(vec![])
        );
    }

    #[test]
    fn a_chain_of_publications_has_an_end() {
        let host = fake::Host::new()
            .trigger(|publish| publish.trigger())
            .install();
        assert_eq!(hook::trigger("a", &1), Err(Error::TooDeep(8)));
        assert_eq!(host.published().len(), 9);
        assert_eq!(hook::trigger("a", &1), Err(Error::TooDeep(8)));
    }
}
