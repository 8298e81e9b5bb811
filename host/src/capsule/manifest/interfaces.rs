//! `[[interface]]`: the interfaces of the embedder's own that a capsule asks for.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use crate::document::{Document, DocumentError};
use crate::policy::{InterfaceName, InterfaceRequest};

/// A request as manifests write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInterface {
    name: InterfaceName,
}

/// Returns the requests with their lines.
pub(super) fn check(
    document: &Document<'_>,
    raw: Vec<Spanned<RawInterface>>,
) -> Result<Vec<InterfaceRequest>, DocumentError> {
    let mut seen = BTreeSet::new();
    let requests = raw.into_iter().map(|request| {
        let span = request.span();
        let RawInterface { name } = request.into_inner();
        if !seen.insert(name.clone()) {
            let message = format!("the interface `{name}` is listed twice");
            return Err(document.error(Some(span), message));
        }
        let line = Some(document.line(span.start));
        Ok(InterfaceRequest { name, line })
    });
    requests.collect()
}
