//! The test that the WIT that this program carries is what a host links.

use boll_host::capsule::Manifest;
use boll_host::{Runtime, WASI_VERSION};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::AbiVariant;
use wit_parser::{Function, Resolve, TypeDefKind, TypeId, WorldId, WorldItem};

use super::contract::parse;

/// A capsule that imports all of WASI 0.2 that there is.
const WORLD: &str = "
    package test:all;

    world all {
        include boll:capsule/capsule-streams@0.2.0;
        include wasi:cli/imports@X.Y.Z;
        import wasi:http/types@X.Y.Z;
        import wasi:http/outgoing-handler@X.Y.Z;
    }";

const MANIFEST: &str = "
    [capsule]
    id = 'all'
    version = '0.1.0'
    component = 'all.wasm'

    [[network]]
    host = 'localhost'
    port = 80
";

#[tokio::test]
async fn the_wit_of_this_program_is_what_a_host_links() {
    let mut resolve = parse().expect("the contract");
    let text = WORLD.replace("X.Y.Z", WASI_VERSION);
    let package = resolve.push_str("all.wit", &text).expect("a world");
    let world = resolve.select_world(&[package], Some("all"));
    let world = world.expect("the world");
    let mut module = wat::parse_str(module(&resolve, world)).expect("a module");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("its types");
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|encoder| encoder.encode())
        .expect("a component");
    let manifest = Manifest::parse("Capsule.toml", MANIFEST).expect("a manifest");
    let runtime = Runtime::builder().build().expect("a runtime");
    let (imported, unfit) = runtime
        .check(component, &manifest)
        .await
        .expect("a component");
    let wasi = imported.imports.iter();
    let wasi = wasi.filter(|import| import.interface.starts_with("wasi:"));
    assert_eq!(wasi.count(), 29, "{:?}", imported.imports);
    assert!(unfit.is_none(), "it fits: {unfit:?}");
}

/// A core module that imports every function of a world, and answers none of its exports.
fn module(resolve: &Resolve, world: WorldId) -> String {
    let world = &resolve.worlds[world];
    let mut text = String::from("(module\n");
    for (key, item) in &world.imports {
        let WorldItem::Interface { id, .. } = item else {
            continue;
        };
        let name = resolve.name_world_key(key);
        for function in resolve.interfaces[*id].functions.values() {
            let signature = signature(resolve, AbiVariant::GuestImport, function);
            text += &format!(
                "(import \"{name}\" \"{}\" (func{signature}))\n",
                function.name
            );
        }
        for (resource, _) in resources(resolve, &resolve.interfaces[*id].types) {
            text +=
                &format!("(import \"{name}\" \"[resource-drop]{resource}\" (func (param i32)))\n");
        }
    }
    for (key, item) in &world.exports {
        let WorldItem::Interface { id, .. } = item else {
            continue;
        };
        let name = resolve.name_world_key(key);
        for function in resolve.interfaces[*id].functions.values() {
            let signature = signature(resolve, AbiVariant::GuestExport, function);
            let name = format!("{name}#{}", function.name);
            text += &format!("(func (export \"{name}\"){signature} unreachable)\n");
        }
    }
    text += "(memory (export \"memory\") 1)\n";
    text += "(func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) unreachable))";
    text
}

fn resources<'a>(
    resolve: &'a Resolve,
    types: impl IntoIterator<Item = (&'a String, &'a TypeId)>,
) -> impl Iterator<Item = (&'a String, &'a TypeId)> {
    types
        .into_iter()
        .filter(|(_, id)| matches!(resolve.types[**id].kind, TypeDefKind::Resource))
}

fn signature(resolve: &Resolve, variant: AbiVariant, function: &Function) -> String {
    let signature = resolve.wasm_signature(variant, function);
    let list = |types: &[wit_parser::abi::WasmType]| {
        let names = types.iter().map(|ty| match ty {
            wit_parser::abi::WasmType::I64 | wit_parser::abi::WasmType::PointerOrI64 => " i64",
            wit_parser::abi::WasmType::F32 => " f32",
            wit_parser::abi::WasmType::F64 => " f64",
            _ => " i32",
        });
        names.collect::<String>()
    };
    let params = list(&signature.params);
    let results = list(&signature.results);
    let part = |name: &str, types: &str| match types {
        "" => String::new(),
        types => format!(" ({name}{types})"),
    };
    part("param", &params) + &part("result", &results)
}
