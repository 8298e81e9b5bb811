//! `[case.expect]`: the expected result of a call.

use std::ops::Range;

use boll_host::document::DocumentError;
use serde_json::{Map, Value, json};
use toml::Spanned;

use super::content::{CaseSource, Content, Forms};
use super::ending::{ExpectedEnd, Way, With};
use super::raw::{RawExpect, RawLine, RawText};
use crate::cases::pattern::Pattern;

/// The expected result of a case.
#[derive(Debug, Clone)]
pub(crate) struct Expect {
    /// `None`: any reply.
    pub(crate) ending: Option<ExpectedEnd>,
    /// The expected lines, in this order; others may come between.
    pub(crate) log: Vec<Pattern>,
    /// Every capability that is refused on the way, sorted.
    pub(crate) denials: Vec<String>,
}

/// An expected end, and its position in the file.
type Stands = Option<(ExpectedEnd, Range<usize>)>;

const LEAVE_OUT: &str = "leave it out where it is not expected";

impl RawText {
    fn check(self, place: CaseSource<'_>, span: Range<usize>) -> Result<Pattern, DocumentError> {
        match self {
            Self::Any(true) => Ok(Pattern::any()),
            Self::Any(false) => Err(place.error(span, LEAVE_OUT)),
            Self::Whole(text) => Ok(Pattern::of(text.into())),
            Self::Part(part) => Ok(Pattern::of(json!({"$contains": part.contains}))),
        }
    }
}

impl RawExpect {
    pub(super) fn check(self, place: CaseSource<'_>) -> Result<Expect, DocumentError> {
        let reply = Forms::of("reply", self.reply, self.reply_json, self.reply_file);
        let last = Forms::of("final", self.r#final, self.final_json, self.final_file);
        let payload = |way, found: Option<(Content, Range<usize>)>| -> Stands {
            let (content, span) = found?;
            let with = With::Payload(content);
            Some((ExpectedEnd { way, with }, span))
        };
        let reason = |way, given: Option<Spanned<RawText>>| -> Result<Stands, DocumentError> {
            let Some(text) = given else { return Ok(None) };
            let span = text.span();
            let with = With::Reason(text.into_inner().check(place, span.clone())?);
            Ok(Some((ExpectedEnd { way, with }, span)))
        };
        let endings = [
            payload(Way::Reply, reply.read(place)?),
            payload(Way::Final, last.read(place)?),
            reason(Way::Denied, self.denied)?,
            reason(Way::Failed, self.failed)?,
            reason(Way::InvalidPayload, self.invalid_payload)?,
            reason(Way::UnknownAction, self.unknown_action)?,
            reason(Way::Trapped, self.trapped)?,
            timed_out(place, self.timed_out)?,
        ];
        let mut endings = endings.into_iter().flatten();
        let ending = endings.next().map(|(ending, _)| ending);
        if let Some((_, second)) = endings.next() {
            return Err(place.error(second, "a call ends in one way: expect only one"));
        }
        let mut denials = self.denials;
        denials.sort();
        denials.dedup();
        let lines = self.log.into_iter();
        Ok(Expect {
            ending,
            log: lines
                .map(|line| line.into_inner().check(place))
                .collect::<Result<_, _>>()?,
            denials,
        })
    }
}

fn timed_out(place: CaseSource<'_>, given: Option<Spanned<bool>>) -> Result<Stands, DocumentError> {
    let ending = ExpectedEnd {
        way: Way::TimedOut,
        with: With::Nothing,
    };
    match given {
        None => Ok(None),
        Some(flag) if *flag.get_ref() => Ok(Some((ending, flag.span()))),
        Some(flag) => Err(place.error(flag.span(), LEAVE_OUT)),
    }
}

impl RawLine {
    fn check(self, place: CaseSource<'_>) -> Result<Pattern, DocumentError> {
        let field = |(key, value): (String, Spanned<toml::Value>)| {
            let span = value.span();
            if key.starts_with('$') {
                // In a pattern it would be a condition.
                return Err(place.error(span, "no field of a log line begins with `$`"));
            }
            match json!(value.into_inner()) {
                Value::Object(_) | Value::Array(_) => {
                    let text = "the field of a log line is text, a number, true or false";
                    Err(place.error(span, text))
                }
                value => Ok((key, value)),
            }
        };
        let span = self.message.span();
        let message = self.message.into_inner().check(place, span)?;
        let fields = self.fields.into_iter().map(field);
        let fields: Map<String, Value> = fields.collect::<Result<_, _>>()?;
        let mut line = Map::new();
        line.insert("message".to_owned(), message.json().clone());
        line.insert("fields".to_owned(), fields.into());
        if let Some(level) = self.level {
            line.insert("level".to_owned(), json!(level));
        }
        Ok(Pattern::of(line.into()))
    }
}
