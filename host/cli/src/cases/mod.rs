//! What the cases of a capsule (`boll test`) and those of the conformance suite
//! have in common: folders, patterns for what is expected, log lines as JSON, and the report.

pub(crate) mod line;
pub(crate) mod pattern;
pub(crate) mod report;
pub(crate) mod scratch;
