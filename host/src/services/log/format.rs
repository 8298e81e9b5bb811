//! Lines as text that cannot forge another line.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{FieldValue, LogLevel, LogLine};
use crate::plain::{escaped, escaped_json, is_plain};

/// How a line is written. The result has no line break at its end, and no
/// control character anywhere.
pub trait LineFormat: Send + 'static {
    /// Appends the line to `out`.
    fn format(&self, line: &LogLine, out: &mut String);
}

/// One JSON object a line, of the kind `log`: it may be one of several kinds in a stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonFormat;

/// For people: time, level, source, capsule, message, fields.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextFormat {
    /// Whether levels are coloured.
    pub colour: bool,
}

impl LineFormat for JsonFormat {
    fn format(&self, line: &LogLine, out: &mut String) {
        #[derive(Serialize)]
        struct Json<'a> {
            time: String,
            level: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            capsule: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            principal: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            call: Option<&'a str>,
            source: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            child: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            child_id: Option<uuid::Uuid>,
            message: &'a str,
            #[serde(skip_serializing_if = "Fields::is_empty")]
            fields: Fields<'a>,
            kind: &'static str,
        }
        let origin = line.origin.as_deref();
        let child = line.source.child();
        let json = Json {
            time: time(line),
            level: line.level.as_str(),
            capsule: origin.map(|origin| origin.capsule.as_str()),
            principal: origin.and_then(|origin| origin.principal.as_deref()),
            call: origin.and_then(|origin| origin.call_id.as_deref()),
            source: line.source.as_str(),
            child: child.map(|(_, name)| name),
            child_id: child.map(|(id, _)| id),
            message: &line.message,
            fields: Fields(&line.fields),
            kind: "log",
        };
        // Serialising strings and numbers cannot fail.
        let json = serde_json::to_string(&json).unwrap_or_default();
        // JSON itself escapes only what is below a space.
        out.push_str(&escaped_json(&json));
    }
}

impl LineFormat for TextFormat {
    fn format(&self, line: &LogLine, out: &mut String) {
        out.push_str(&time(line));
        let level = line.level.as_str().to_ascii_uppercase();
        // Writing to a String cannot fail.
        let _ = if self.colour {
            write!(out, " \x1b[{}m{level:<5}\x1b[0m ", colour(line.level))
        } else {
            write!(out, " {level:<5} ")
        };
        // Its first word is the host's own, before all that a capsule has a say in: a
        // child's name is the capsule's choice, and cannot end the bracket.
        let _ = match line.source.child() {
            Some((_, name)) => write!(out, "[{} {}] ", line.source.as_str(), one_word(name)),
            None => write!(out, "[{}] ", line.source.as_str()),
        };
        if let Some(origin) = &line.origin {
            let _ = write!(out, "{}: ", origin.capsule);
        }
        out.push_str(&escaped(&line.message));
        for (key, value) in &line.fields {
            let value = match value {
                FieldValue::Text(text) => escaped(&format!("{text:?}")).into_owned(),
                FieldValue::Integer(number) => number.to_string(),
                FieldValue::Number(number) => number.to_string(),
                FieldValue::Boolean(flag) => flag.to_string(),
            };
            let _ = write!(out, " {}={value}", one_word(key));
        }
    }
}

/// Returns a text of a capsule's that stands before words of the host as one word: in quotes
/// if any character of it could end it, or begin something else.
fn one_word(text: &str) -> Cow<'_, str> {
    let plain = |one: char| one.is_alphanumeric() || "_-.+/:@,%~".contains(one);
    match !text.is_empty() && text.chars().all(|one| is_plain(one) && plain(one)) {
        true => Cow::Borrowed(text),
        false => {
            let mut quoted = String::with_capacity(text.len() + 16);
            quoted.push('"');
            for one in text.chars() {
                match one {
                    // A reader, or a program, that looks for the end of the bracket finds none
                    // inside; nor one of the quotes.
                    '[' | ']' | '"' | '\\' | '=' => quoted.extend(one.escape_unicode()),
                    _ => quoted.push(one),
                }
            }
            quoted.push('"');
            Cow::Owned(escaped(&quoted).into_owned())
        }
    }
}

fn time(line: &LogLine) -> String {
    humantime::format_rfc3339_millis(representable(line.time)).to_string()
}

/// A time between the years 1970 and 9999: what is outside cannot be written,
/// however wrong a clock is.
pub(super) fn representable(time: SystemTime) -> SystemTime {
    const LAST: Duration = Duration::from_secs(253_402_300_799);
    time.clamp(UNIX_EPOCH, UNIX_EPOCH + LAST)
}

fn colour(level: LogLevel) -> u8 {
    match level {
        LogLevel::Trace | LogLevel::Debug => 2,
        LogLevel::Info => 32,
        LogLevel::Warn => 33,
        LogLevel::Error => 31,
    }
}

struct Fields<'a>(&'a [(String, FieldValue)]);

impl Fields<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0 {
            match value {
                FieldValue::Text(text) => map.serialize_entry(key, text)?,
                FieldValue::Integer(number) => map.serialize_entry(key, number)?,
                FieldValue::Number(number) => map.serialize_entry(key, number)?,
                FieldValue::Boolean(flag) => map.serialize_entry(key, flag)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{LineSource, Origin};
    use super::*;

    fn line(message: &str) -> LogLine {
        LogLine {
            time: UNIX_EPOCH + Duration::from_millis(1_700_000_000_123),
            level: LogLevel::Warn,
            origin: Some(Arc::new(Origin {
                capsule: "sample".parse().expect("an id"),
                principal: Some("alice".into()),
                call_id: Some("c1".into()),
            })),
            source: LineSource::Capsule,
            message: message.to_owned(),
            fields: vec![
                ("name".into(), FieldValue::Text("a\nb".into())),
                ("count".into(), FieldValue::Integer(-3)),
                ("ok".into(), FieldValue::Boolean(true)),
            ],
        }
    }

    fn written(format: &impl LineFormat, line: &LogLine) -> String {
        let mut out = String::new();
        format.format(line, &mut out);
        out
    }

    #[test]
    fn json_has_every_part() {
        assert_eq!(
            written(&JsonFormat, &line("hello")),
            r#"{"time":"2023-11-14T22:13:20.123Z","level":"warn","capsule":"sample","#.to_owned()
                + r#""principal":"alice","call":"c1","source":"capsule","message":"hello","#
                + r#""fields":{"name":"a\nb","count":-3,"ok":true},"kind":"log"}"#
        );
    }

    #[test]
    fn text_is_for_people() {
        assert_eq!(
            written(&TextFormat::default(), &line("hello")),
            r#"2023-11-14T22:13:20.123Z WARN  [capsule] sample: hello name="a\nb" count=-3 ok=true"#
        );
        let mut child = line("out");
        child.fields.clear();
        child.source = LineSource::Child {
            id: uuid::Uuid::nil(),
            name: "git".into(),
            channel: "stderr",
        };
        assert_eq!(
            written(&TextFormat::default(), &child),
            "2023-11-14T22:13:20.123Z WARN  [stderr git] sample: out"
        );
    }

    #[test]
    fn no_line_of_a_capsule_looks_like_one_of_another_source() {
        let forged = "[host] sample: process:git was denied";
        let child = |name: &str| LineSource::Child {
            id: uuid::Uuid::nil(),
            name: name.into(),
            channel: "stdout",
        };
        for (source, begins) in [
            (LineSource::Capsule, "[capsule] sample: "),
            (LineSource::Stdout, "[stdout] sample: "),
            (LineSource::Stderr, "[stderr] sample: "),
            (
                child("host] sample: denied"),
                r#"[stdout "host\u{5d} sample: denied"] sample: "#,
            ),
            (
                child("git] guard: denied nothing key=1"),
                r#"[stdout "git\u{5d} guard: denied nothing key\u{3d}1"] sample: "#,
            ),
            (
                child("\u{8}[host] x"),
                r#"[stdout "\u{8}\u{5b}host\u{5d} x"] sample: "#,
            ),
            (child("a\" b"), r#"[stdout "a\u{22} b"] sample: "#),
            (child(""), r#"[stdout ""] sample: "#),
            (child("git"), "[stdout git] sample: "),
            (LineSource::Host, "[host] sample: "),
        ] {
            let mut line = line(forged);
            line.source = source;
            for colour in [false, true] {
                let out = written(&TextFormat { colour }, &line);
                let (_, said) = out.split_once("WARN ").expect("a level");
                let said = said.trim_start_matches("\u{1b}[0m").trim_start();
                assert!(said.starts_with(begins), "{out}");
            }
        }
        let mut of_host = line("told");
        (of_host.origin, of_host.source) = (None, LineSource::Host);
        assert!(written(&TextFormat::default(), &of_host).contains("WARN  [host] told"));
    }

    #[test]
    fn a_clock_that_is_wrong_still_gives_a_time() {
        for (time, expected) in [
            (
                UNIX_EPOCH - Duration::from_secs(1),
                "1970-01-01T00:00:00.000Z",
            ),
            (
                UNIX_EPOCH + Duration::from_secs(1 << 40),
                "9999-12-31T23:59:59.000Z",
            ),
        ] {
            let line = LogLine {
                time,
                ..line("late")
            };
            assert!(written(&TextFormat::default(), &line).starts_with(expected));
        }
    }

    #[test]
    fn no_message_can_forge_a_line_or_reach_the_terminal() {
        let nasty = line("a\nERROR forged\r\x1b[2J\u{202e}\u{9b}");
        for out in [
            written(&TextFormat::default(), &nasty),
            written(&JsonFormat, &nasty),
        ] {
            assert!(out.chars().all(crate::plain::is_plain), "{out:?}");
        }
        let mut key = line("fine");
        key.fields = vec![("a=1 b".into(), FieldValue::Integer(2))];
        assert!(
            written(&TextFormat::default(), &key).ends_with(r#"fine "a\u{3d}1 b"=2"#),
            "a key ends where its quotes end"
        );
        let mut field = line("fine");
        field.fields = vec![("a\u{9b}".into(), FieldValue::Text("\u{9b}\u{200b}".into()))];
        for out in [
            written(&TextFormat::default(), &field),
            written(&JsonFormat, &field),
        ] {
            assert!(out.chars().all(crate::plain::is_plain), "{out:?}");
        }
    }
}
