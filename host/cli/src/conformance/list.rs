//! Lists a suite: its cases, and the cases that show each part of the contract.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use boll_host::plain::escaped;
use serde_json::{Value, json};

use super::case::Case;
use super::sentences::{Sentences, Shown};
use super::suite::Suite;
use crate::cases::report::Format;
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::wrap::{columns, padded};

/// Returns the list in a format.
pub(crate) fn list(suite: &Suite, format: Format) -> Done<String> {
    let read = suite.cases.iter().map(|folder| {
        let case = folder.case(&[])?;
        Ok((folder.name.as_str(), case))
    });
    let cases: Vec<(&str, Case)> = read.collect::<Done<_>>()?;
    match format {
        Format::Table => Ok(table(&cases) + &sentences(&suite.sentences, &cases)),
        Format::Json => json(&cases),
        Format::Markdown => {
            let parts = markdown(&cases, &suite.exemptions);
            Ok(parts + &markdown_sentences(&suite.sentences, &cases))
        }
        Format::Tap | Format::Junit => Err(Failure::new(
            Code::Input,
            "a list is written as table, json or markdown",
        )),
    }
}

fn table(cases: &[(&str, Case)]) -> String {
    let width = cases.iter().map(|(name, _)| columns(name)).max();
    let width = width.unwrap_or_default();
    let lines = cases.iter();
    lines
        .map(|(name, case)| {
            format!(
                "{}  {}\n",
                padded(&escaped(name), width),
                escaped(&case.title)
            )
        })
        .collect()
}

fn json(cases: &[(&str, Case)]) -> Done<String> {
    let cases = cases.iter().map(|(name, case)| {
        json!({
            "case": name,
            "title": case.title,
            "covers": case.covers,
            "sentences": case.sentences,
        })
    });
    let cases: Vec<Value> = cases.collect();
    serde_json::to_string_pretty(&cases).or_fail(Code::Host, || "cannot write JSON".to_owned())
}

/// Returns a table with a row for each part of the contract.
fn markdown(cases: &[(&str, Case)], exemptions: &BTreeMap<String, String>) -> String {
    let mut shown_by: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (name, case) in cases {
        for covered in &case.covers {
            shown_by.entry(parts(covered)).or_default().push(name);
        }
    }
    let mut text = String::from("| interface | function or case | shown by |\n|---|---|---|\n");
    // Writing to a text does not fail.
    for ((interface, part), names) in shown_by {
        let names = names.iter().map(|name| format!("`{}`", escaped(name)));
        let names: Vec<String> = names.collect();
        let (interface, part) = (escaped(interface), escaped(part));
        let _ = writeln!(text, "| `{interface}` | `{part}` | {} |", names.join(", "));
    }
    if !exemptions.is_empty() {
        text.push_str("\n| interface | case | why nothing shows it |\n|---|---|---|\n");
        for (name, reason) in exemptions {
            let (interface, part) = parts(name);
            let (interface, part, reason) = (escaped(interface), escaped(part), escaped(reason));
            let _ = writeln!(text, "| `{interface}` | `{part}` | {reason} |");
        }
    }
    text
}

/// Returns each sentence of the contract with the cases that show it.
fn sentences(sentences: &Sentences, cases: &[(&str, Case)]) -> String {
    let (mut text, mut shown, mut exempt, mut missing) = (String::new(), 0, 0, 0);
    for (sentence, by) in sentences.shown(cases) {
        let by = match by {
            Shown::Describes => continue,
            Shown::Exempt(reason) => {
                exempt += 1;
                format!("shown by none: {}", escaped(reason))
            }
            Shown::By(names) if names.is_empty() => {
                missing += 1;
                "shown by none".to_owned()
            }
            Shown::By(names) => {
                shown += 1;
                let names = names.iter().map(|name| escaped(name).to_string());
                format!("shown by {}", names.collect::<Vec<_>>().join(", "))
            }
        };
        let (item, said) = (escaped(&sentence.item), escaped(&sentence.text));
        let _ = write!(text, "{item}: {said}\n    {by}\n");
    }
    match text.is_empty() {
        true => text,
        false => format!(
            "\nSentences of the contract: {shown} shown, {exempt} exempt, {missing} missing\n{text}"
        ),
    }
}

/// Returns a table with a row for each sentence that a case shows, and one for those that
/// none can show.
fn markdown_sentences(sentences: &Sentences, cases: &[(&str, Case)]) -> String {
    let (mut shown, mut exempt) = (String::new(), String::new());
    for (sentence, by) in sentences.shown(cases) {
        let item = escaped(&sentence.item).to_string();
        let said = escaped(&sentence.text).to_string();
        let said = said.trim_matches(['|', ' ']).replace('|', "\\|");
        match by {
            Shown::Describes => {}
            Shown::Exempt(reason) => {
                let _ = writeln!(exempt, "| `{item}` | {said} | {} |", escaped(reason));
            }
            Shown::By(names) => {
                let names = names.iter().map(|name| format!("`{}`", escaped(name)));
                let names: Vec<String> = names.collect();
                let _ = writeln!(shown, "| `{item}` | {said} | {} |", names.join(", "));
            }
        }
    }
    let mut text = String::new();
    if !shown.is_empty() {
        text.push_str("\n| item | sentence | shown by |\n|---|---|---|\n");
        text.push_str(&shown);
    }
    if !exempt.is_empty() {
        text.push_str("\n| item | sentence | why nothing shows it |\n|---|---|---|\n");
        text.push_str(&exempt);
    }
    text
}

/// Splits a name into the interface and a part of it.
fn parts(name: &str) -> (&str, &str) {
    name.split_once('.').unwrap_or((name, ""))
}
