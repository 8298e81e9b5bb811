//! Bindings in Go: a module named `bindings`, and the world's types for the component.
//!
//! Generated code needs a few packages at run time, which would be fetched from elsewhere. The module
//! carries its own, so that a project builds without a network.

use std::path::Path;

use wit_bindgen_go::{Format, Opts};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

use super::File;
use crate::wasm;

/// The world's types: a core module of nothing else, which is added to the one that Go makes.
pub(in crate::toolchain) const COMPONENT_TYPE: &str = "component_type.wasm";

/// The module's name.
const MODULE: &str = "bindings";

/// Where the generator has the packages for the run time.
const FOREIGN: &str = "\"go.bytecodealliance.org/pkg/wit/";

/// The module's own files: its name, and those packages in its folder `wit`.
const OWN: [(&str, &str); 5] = [
    ("go.mod", include_str!("go/go.mod")),
    ("wit/runtime/runtime.go", include_str!("go/runtime.go")),
    (
        "wit/runtime/clock_wasm.go",
        include_str!("go/clock_wasm.go"),
    ),
    (
        "wit/runtime/clock_elsewhere.go",
        include_str!("go/clock_elsewhere.go"),
    ),
    ("wit/types/types.go", include_str!("go/types.go")),
];

/// `exports` is the module with a package for each interface that the world exports.
pub(super) fn generate(
    resolve: &mut Resolve,
    world: WorldId,
    exports: &str,
) -> Result<Vec<File>, String> {
    let described = |error| format!("{error:#}");
    let mut component_type = wasm::MODULE.to_vec();
    embed_component_metadata(&mut component_type, resolve, world, StringEncoding::UTF8)
        .map_err(described)?;

    let mut files = Default::default();
    let options = Opts {
        // The formatter would be started for each file, whether it is there or not.
        format: Format::False,
        pkg_name: Some(MODULE.to_owned()),
        export_pkg_name: Some(exports.to_owned()),
        ..Opts::default()
    };
    options
        .build()
        .generate(resolve, world, &mut files)
        .map_err(described)?;

    let mut all: Vec<File> = vec![(COMPONENT_TYPE.into(), component_type)];
    all.extend(OWN.map(|(name, text)| (name.into(), text.into())));
    for (name, content) in files.iter() {
        let text = adapted(&String::from_utf8_lossy(content));
        if [
            "wit/async",
            "witTypes.StreamReader",
            "witTypes.FutureReader",
        ]
        .iter()
        .any(|unknown| text.contains(unknown))
        {
            return Err("it uses asynchronous functions, futures or streams".to_owned());
        }
        let (text, imports) = without_imports(&text);
        if let Some(imports) = imports {
            all.extend(imports.files(Path::new(name)));
        }
        all.push((name.into(), text.into_bytes()));
    }
    Ok(all)
}

/// What a package imports of the host: functions without a body, which only a compiler for WebAssembly takes.
struct Imports {
    package: String,
    /// The directive that names the import, and the function's signature.
    functions: Vec<(String, String)>,
}

/// What begins a directive that names an import.
const IMPORT: &str = "//go:wasmimport ";

/// Takes the imports out of a generated file.
fn without_imports(text: &str) -> (String, Option<Imports>) {
    let mut rest = String::new();
    let mut functions = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with(IMPORT) {
            let signature = lines.next().unwrap_or_default().trim_end();
            functions.push((line.to_owned(), signature.to_owned()));
        } else {
            rest += line;
            rest.push('\n');
        }
    }
    let package = text.lines().find_map(|line| line.strip_prefix("package "));
    let imports = package
        .filter(|_| !functions.is_empty())
        .map(|package| Imports {
            package: package.trim().to_owned(),
            functions,
        });
    (rest, imports)
}

impl Imports {
    /// Returns two files beside the generated one: the imports, and for every other machine functions that panic. So
    /// Go's own tools, editors and tests of what calls no host take the package as any other.
    fn files(&self, generated: &Path) -> [File; 2] {
        let package = &self.package;
        let mut imports = format!("package {package}\n");
        let mut elsewhere = format!("//go:build !wasm\n\npackage {package}\n");
        for (directive, signature) in &self.functions {
            imports += &format!("\n{directive}\n{signature}\n");
            let named = directive.trim_start_matches(IMPORT);
            elsewhere += &format!(
                "\n{signature} {{\n\tpanic(\"only a host of capsules has {named}\")\n}}\n"
            );
        }
        let beside = |end: &str| {
            let stem = generated.file_stem().unwrap_or_default().to_string_lossy();
            generated.with_file_name(format!("{stem}_{end}.go"))
        };
        [
            (beside("wasm"), imports.into_bytes()),
            (beside("elsewhere"), elsewhere.into_bytes()),
        ]
    }
}

/// Has what was generated use the module's own packages.
fn adapted(text: &str) -> String {
    // The generator takes it that the host can be called while it waits for memory, and that what it was given may pile
    // up until the next call of an export.
    let mut text = text
        .replace("defer pinner.Unpin()", "defer witRuntime.Import(pinner)()")
        .replace("witRuntime.Unpin()", "defer witRuntime.Export()()");
    let import = format!("witRuntime {FOREIGN}runtime\"\n");
    if text.contains("witRuntime.") && !text.contains(&import) {
        text = text.replacen("import (\n", &format!("import (\n{import}"), 1);
    }
    text.replace(FOREIGN, &format!("\"{MODULE}/wit/"))
}
