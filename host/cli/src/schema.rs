//! JSON Schemas of the TOML files that people write for Boll, with which editors
//! complete and check them.
//!
//! The schemas are the one table of keys: the reference pages below `docs/reference`
//! are made from them, and the tests hold them against the parsers in both directions.

#[cfg(test)]
mod tests;

use clap::ValueEnum;

/// The files that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Schema {
    /// Capsule.toml, the manifest of a capsule
    Capsule,
    /// Files of cases, cases/*.toml
    Cases,
    /// boll.toml, the operator's file
    Operator,
}

impl Schema {
    /// The schema, as JSON.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Capsule => include_str!("../schemas/capsule.json"),
            Self::Cases => include_str!("../schemas/cases.json"),
            Self::Operator => include_str!("../schemas/operator.json"),
        }
    }
}
