//! What the cases of a capsule (`boll test`) and those of the conformance suite
//! have in common: patterns for what is expected, log lines as JSON, and the report.

pub(crate) mod line;
pub(crate) mod pattern;
pub(crate) mod report;
