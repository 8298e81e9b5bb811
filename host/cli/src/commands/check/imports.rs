//! What `boll check` says of the imports of a component.

use boll_host::Surface;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Import {
    pub(super) interface: String,
    pub(super) functions: Vec<String>,
}

pub(super) fn imports(surface: &Surface) -> Vec<Import> {
    surface
        .imports
        .iter()
        .map(|import| Import {
            interface: import.interface.clone(),
            functions: import.functions.clone(),
        })
        .collect()
}
