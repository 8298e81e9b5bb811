//! `[[files]]`: the folders that a capsule asks for.

use std::collections::BTreeSet;

use toml::Spanned;

use crate::document::{Document, DocumentError};
use crate::policy::FilesRequest;

/// Returns the requests with their lines. Each folder may be listed once.
pub(super) fn check(
    document: &Document<'_>,
    raw: Vec<Spanned<FilesRequest>>,
) -> Result<Vec<FilesRequest>, DocumentError> {
    let mut paths = BTreeSet::new();
    for request in &raw {
        let path = &request.get_ref().path;
        if !paths.insert(path) {
            return Err(document.error(
                Some(request.span()),
                format!("the folder `{path}` is listed twice"),
            ));
        }
    }
    let with_line = |request: Spanned<FilesRequest>| FilesRequest {
        line: Some(document.line(request.span().start)),
        ..request.into_inner()
    };
    Ok(raw.into_iter().map(with_line).collect())
}
