//! Results as one JSON object.

use serde_json::{Value, json};

use super::{Mark, count};
use crate::conformance::expectations::Expected;
use crate::conformance::runner::{Results, Verdict};
use crate::failure::{Code, Done, Failure};

pub(super) fn written(results: &Results) -> Done<String> {
    let cases = results.cases.iter().map(|case| {
        let (result, message) = match &case.verdict {
            Verdict::Passed => ("passed", None),
            Verdict::Failed(text) => ("failed", Some(text)),
            Verdict::Unsupported(text) => ("unsupported", Some(text)),
        };
        let known = case.expectation.as_ref().map(|known| {
            let expect = match known.expect {
                Expected::Fails => "fails",
                Expected::Unsupported => "unsupported",
            };
            json!({"expect": expect, "reason": known.reason})
        });
        json!({
            "case": case.name,
            "title": case.title,
            "result": result,
            "message": message,
            "known": known,
            "as-expected": case.is_expected(),
            "seconds": case.time.as_secs_f64(),
        })
    });
    let value = json!({
        "host": results.host,
        "cases": cases.collect::<Vec<Value>>(),
        "passed": count(results, Mark::Passed),
        "failed": count(results, Mark::Failed),
        "known": count(results, Mark::Known),
        "unexpected": count(results, Mark::Unexpected),
        "unsupported": count(results, Mark::Unsupported),
    });
    serde_json::to_string_pretty(&value)
        .map_err(|error| Failure::new(Code::Host, format!("cannot write JSON: {error}")))
}
