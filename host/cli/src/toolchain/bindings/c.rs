//! Bindings in C: a header, a source, and an object file with the world's types.

use wit_bindgen_c::Opts;
use wit_parser::{Resolve, WorldId, WorldItem, WorldKey};

use super::File;

pub(super) fn generate(resolve: &mut Resolve, world: WorldId) -> Result<Vec<File>, String> {
    let mut files = Default::default();
    Opts::default()
        .build()
        .generate(resolve, world, &mut files)
        .map_err(|error| format!("{error:#}"))?;
    let imports = imports(resolve, world);
    let file = |(name, content): (&str, &[u8])| {
        let mut content = content.to_vec();
        if name.ends_with(".h") {
            content.extend_from_slice(imports.as_bytes());
        }
        (name.into(), content)
    };
    Ok(files.iter().map(file).collect())
}

/// Returns a macro for each interface that the world imports, such as `BOLL_HAS_LOG_LOG`: code for
/// any world can ask for them, as for nothing else that the header has.
fn imports(resolve: &Resolve, world: WorldId) -> String {
    let mut text = "\n// The interfaces that this world imports.\n".to_owned();
    for (key, item) in &resolve.worlds[world].imports {
        let (WorldKey::Interface(id), WorldItem::Interface { .. }) = (key, item) else {
            continue;
        };
        let interface = &resolve.interfaces[*id];
        let package = interface.package.map(|id| &resolve.packages[id].name);
        if let (Some(package), Some(name)) = (package, &interface.name) {
            let names = [&*package.namespace, "has", &*package.name, &**name];
            let name = names.join("_").to_uppercase().replace('-', "_");
            text += &format!("#ifndef {name}\n#define {name} 1\n#endif\n");
        }
    }
    text
}
