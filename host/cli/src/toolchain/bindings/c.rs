//! Bindings in C: a header, a source, and an object file with the world's types.

use wit_bindgen_c::Opts;
use wit_parser::{Resolve, WorldId};

use super::File;

pub(super) fn generate(resolve: &mut Resolve, world: WorldId) -> Result<Vec<File>, String> {
    let mut files = Default::default();
    Opts::default()
        .build()
        .generate(resolve, world, &mut files)
        .map_err(|error| format!("{error:#}"))?;
    let file = |(name, content): (&str, &[u8])| (name.into(), content.to_vec());
    Ok(files.iter().map(file).collect())
}
