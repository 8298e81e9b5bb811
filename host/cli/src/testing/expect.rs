//! `[case.expect]`: what has to come of a call.

use std::fmt;
use std::ops::Range;

use boll_host::document::DocumentError;
use boll_host::services::log::{FieldValue, LogLevel};
use toml::Spanned;

use super::content::{Content, Forms, Place};
use super::raw::{RawExpect, RawLevel, RawLine, RawText};

/// What a case expects.
#[derive(Debug, Clone)]
pub(crate) struct Expect {
    pub(crate) ending: Ending,
    /// Lines that have to be there, in this order; others may stand between.
    pub(crate) log: Vec<ExpectedLine>,
    /// Every capability that is refused on the way, sorted.
    pub(crate) denials: Vec<String>,
}

/// How a call ends.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ending {
    /// With any reply.
    Success,
    Reply(Content),
    Final(Content),
    Denied(Text),
    Failed(Text),
    InvalidPayload(Text),
    UnknownAction(Text),
    Trapped(Text),
    TimedOut,
}

/// A text that is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    Any,
    Whole(String),
    Part(String),
}

impl Text {
    pub(super) fn is(&self, found: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Whole(text) => text == found,
            Self::Part(text) => found.contains(text.as_str()),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Whole(text) => f.write_str(text),
            Self::Part(text) => write!(f, "…{text}…"),
        }
    }
}

impl RawText {
    fn check(self, place: Place<'_>, span: Range<usize>) -> Result<Text, DocumentError> {
        match self {
            Self::Any(true) => Ok(Text::Any),
            Self::Any(false) => Err(place.error(span, "leave it out where it is not expected")),
            Self::Whole(text) => Ok(Text::Whole(text)),
            Self::Part(part) => Ok(Text::Part(part.contains)),
        }
    }
}

/// A log line.
#[derive(Debug, Clone)]
pub(crate) struct ExpectedLine {
    pub(crate) level: Option<LogLevel>,
    pub(crate) message: Text,
    /// These and perhaps others.
    pub(crate) fields: Vec<(String, FieldValue)>,
}

impl RawExpect {
    pub(super) fn check(self, place: Place<'_>) -> Result<Expect, DocumentError> {
        let reply = Forms {
            key: "reply",
            text: self.reply,
            json: self.reply_json,
            file: self.reply_file,
        };
        let last = Forms {
            key: "final",
            text: self.r#final,
            json: self.final_json,
            file: self.final_file,
        };
        let content = |found: Option<(Content, Range<usize>)>, make: fn(Content) -> Ending| {
            found.map(|(content, span)| (make(content), span))
        };
        let text = |given: Option<Spanned<RawText>>, make: fn(Text) -> Ending| {
            let made = given.map(|text| {
                let span = text.span();
                let text = text.into_inner().check(place, span.clone())?;
                Ok((make(text), span))
            });
            made.transpose()
        };
        let endings = [
            content(reply.read(place)?, Ending::Reply),
            content(last.read(place)?, Ending::Final),
            text(self.denied, Ending::Denied)?,
            text(self.failed, Ending::Failed)?,
            text(self.invalid_payload, Ending::InvalidPayload)?,
            text(self.unknown_action, Ending::UnknownAction)?,
            text(self.trapped, Ending::Trapped)?,
            flag(place, self.timed_out, Ending::TimedOut)?,
        ];
        let mut endings = endings.into_iter().flatten();
        let ending = endings.next().map_or(Ending::Success, |(ending, _)| ending);
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

fn flag(
    place: Place<'_>,
    given: Option<Spanned<bool>>,
    ending: Ending,
) -> Result<Option<(Ending, Range<usize>)>, DocumentError> {
    match given {
        None => Ok(None),
        Some(flag) if *flag.get_ref() => Ok(Some((ending, flag.span()))),
        Some(flag) => Err(place.error(flag.span(), "leave it out where it is not expected")),
    }
}

impl RawLine {
    fn check(self, place: Place<'_>) -> Result<ExpectedLine, DocumentError> {
        let field = |(key, value): (String, Spanned<toml::Value>)| {
            let span = value.span();
            let value = match value.into_inner() {
                toml::Value::String(text) => FieldValue::Text(text),
                toml::Value::Integer(number) => FieldValue::Integer(number),
                toml::Value::Float(number) => FieldValue::Number(number),
                toml::Value::Boolean(flag) => FieldValue::Boolean(flag),
                _ => {
                    return Err(place.error(
                        span,
                        "the field of a log line is text, a number, true or false",
                    ));
                }
            };
            Ok((key, value))
        };
        let message = self.message.span();
        Ok(ExpectedLine {
            level: self.level.map(LogLevel::from),
            message: self.message.into_inner().check(place, message)?,
            fields: self
                .fields
                .into_iter()
                .map(field)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl From<RawLevel> for LogLevel {
    fn from(level: RawLevel) -> Self {
        match level {
            RawLevel::Trace => Self::Trace,
            RawLevel::Debug => Self::Debug,
            RawLevel::Info => Self::Info,
            RawLevel::Warn => Self::Warn,
            RawLevel::Error => Self::Error,
        }
    }
}
