//! Lists a suite: its cases, and the cases that show each part of the contract.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use boll_host::plain::escaped;
use serde_json::{Value, json};

use super::case::Case;
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
        Format::Table => Ok(table(&cases)),
        Format::Json => json(&cases),
        Format::Markdown => Ok(markdown(&cases, &suite.exemptions)),
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
    let cases = cases
        .iter()
        .map(|(name, case)| json!({"case": name, "title": case.title, "covers": case.covers}));
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

/// Splits a name into the interface and a part of it.
fn parts(name: &str) -> (&str, &str) {
    name.split_once('.').unwrap_or((name, ""))
}
