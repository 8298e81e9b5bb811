//! `[requires]`: the capsules that a capsule needs.

use std::collections::BTreeMap;

use toml::Spanned;

use crate::capsule::CapsuleId;
use crate::document::{Document, DocumentError};

/// Parses each `ID = "VERSIONS"`, with version requirements in Cargo's syntax.
pub(super) fn check(
    document: &Document<'_>,
    raw: BTreeMap<Spanned<String>, Spanned<String>>,
    own: &CapsuleId,
) -> Result<BTreeMap<CapsuleId, semver::VersionReq>, DocumentError> {
    raw.into_iter()
        .map(|(name, versions)| {
            let at = Some(name.span());
            let id: CapsuleId = name
                .into_inner()
                .parse()
                .map_err(|error| document.error(at.clone(), format!("{error}")))?;
            if id == *own {
                return Err(document.error(at, "a capsule cannot require itself"));
            }
            let at = Some(versions.span());
            let versions = versions.get_ref().parse().map_err(|error| {
                document.error(at, format!("not a version requirement: {error}"))
            })?;
            Ok((id, versions))
        })
        .collect()
}
