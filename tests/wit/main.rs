//! The WIT packages are valid, documented, and keep their promises.

mod conformance;
mod sentences;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use wit_parser::{
    Docs, Function, Handle, Interface, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("wit")
}

fn resolve() -> Resolve {
    let mut resolve = Resolve::default();
    resolve.push_dir(folder()).expect("the packages are valid");
    resolve
}

/// The interfaces of this project's packages, by `package/interface`.
fn interfaces(resolve: &Resolve) -> Vec<(String, &Interface)> {
    resolve
        .interfaces
        .iter()
        .filter_map(|(id, interface)| {
            let package = &resolve.packages[interface.package?];
            (package.name.namespace == "boll").then(|| {
                let name = resolve.id_of(id).expect("a named interface");
                (name, interface)
            })
        })
        .collect()
}

#[test]
fn the_packages_are_the_ones_of_the_contract() {
    let resolve = resolve();
    let packages: BTreeSet<String> = resolve
        .packages
        .iter()
        .map(|(_, package)| package.name.to_string())
        .filter(|name| name.starts_with("boll:"))
        .collect();
    let expected = [
        "capability",
        "capsule",
        "config",
        "hook",
        "lifecycle",
        "log",
        "process",
    ];
    assert_eq!(
        packages.into_iter().collect::<Vec<_>>(),
        expected.map(|name| format!("boll:{name}@0.2.0"))
    );
}

#[test]
fn each_package_has_a_folder_of_its_own_name() {
    for entry in std::fs::read_dir(folder().join("deps")).expect("the folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_dir(&path)
            .expect("a folder")
            .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text"))
            .collect::<String>();
        let package = name.strip_prefix("wasi-").map_or_else(
            || format!("package boll:{name}@"),
            |name| format!("package wasi:{name}@"),
        );
        assert!(text.contains(&package), "{}", path.display());
    }
}

#[test]
fn every_item_is_documented() {
    let resolve = resolve();
    let mut missing = Vec::new();
    let mut check = |name: String, docs: &Docs| {
        if docs
            .contents
            .as_deref()
            .is_none_or(|text| text.trim().is_empty())
        {
            missing.push(name);
        }
    };
    for (name, interface) in interfaces(&resolve) {
        check(name.clone(), &interface.docs);
        for (function, item) in &interface.functions {
            check(format!("{name} {function}"), &item.docs);
        }
        for (ty, id) in &interface.types {
            let def = &resolve.types[*id];
            let imported = matches!(def.kind, TypeDefKind::Type(Type::Id(_)));
            if !imported {
                check(format!("{name} {ty}"), &def.docs);
            }
        }
    }
    for (_, world) in &resolve.worlds {
        let ours = world
            .package
            .is_some_and(|id| resolve.packages[id].name.namespace == "boll");
        if ours {
            check(world.name.clone(), &world.docs);
        }
    }
    assert!(missing.is_empty(), "without docs: {missing:#?}");
}

#[test]
fn every_error_is_a_variant_with_documented_cases() {
    let resolve = resolve();
    let mut errors = 0;
    for (name, interface) in interfaces(&resolve) {
        let Some(id) = interface.types.get("error") else {
            continue;
        };
        let TypeDefKind::Variant(variant) = &resolve.types[*id].kind else {
            // A name for another interface's error.
            assert!(
                matches!(resolve.types[*id].kind, TypeDefKind::Type(_)),
                "{name}: error is no variant"
            );
            continue;
        };
        errors += 1;
        for case in &variant.cases {
            assert!(
                case.docs.contents.is_some(),
                "{name}: the case {} says nothing",
                case.name
            );
            assert_ne!(case.name, "other", "{name}: a catch-all says nothing");
        }
    }
    assert!(errors >= 5, "only {errors} interfaces have an error type");
}

/// A refusal for want of a capability looks the same in every interface.
#[test]
fn what_is_denied_is_one_record_everywhere() {
    let resolve = resolve();
    let denied: Vec<(String, TypeId)> = interfaces(&resolve)
        .into_iter()
        .filter_map(|(name, interface)| {
            let TypeDefKind::Variant(error) = &resolve.types[*interface.types.get("error")?].kind
            else {
                return None;
            };
            let case = error.cases.iter().find(|case| case.name == "denied")?;
            let Some(Type::Id(mut id)) = case.ty else {
                panic!("{name}: a denial without a record")
            };
            while let TypeDefKind::Type(Type::Id(used)) = resolve.types[id].kind {
                id = used;
            }
            Some((name, id))
        })
        .collect();
    assert_eq!(denied.len(), 2, "{denied:?}");
    for (name, id) in denied {
        let TypeOwner::Interface(owner) = resolve.types[id].owner else {
            panic!("{name}: a type of no interface")
        };
        assert_eq!(
            resolve.id_of(owner).as_deref(),
            Some("boll:capability/denial@0.2.0"),
            "{name}"
        );
    }
}

/// Some guest languages cannot build a world in which an interface of ours
/// mentions a resource of `wasi:io`.
#[test]
fn only_the_streams_interface_uses_wasi_io() {
    let resolve = resolve();
    for (name, interface) in interfaces(&resolve) {
        let uses_io = interface
            .functions
            .values()
            .any(|function| mentions_io(&resolve, function));
        assert_eq!(uses_io, name.starts_with("boll:process/streams"), "{name}");
    }
}

#[test]
fn the_worlds_gather_what_they_say() {
    let resolve = resolve();
    let names = |world: &str, exports: bool| -> BTreeSet<String> {
        let (_, world) = resolve
            .worlds
            .iter()
            .filter(|(_, candidate)| {
                let package = candidate.package.map(|id| &resolve.packages[id].name);
                package.is_some_and(|name| name.namespace == "boll")
            })
            .find(|(_, candidate)| candidate.name == world)
            .expect("the world");
        let items = if exports {
            &world.exports
        } else {
            &world.imports
        };
        items
            .values()
            .filter_map(|item| match item {
                WorldItem::Interface { id, .. } => resolve.id_of(*id),
                _ => None,
            })
            .filter(|name| name.starts_with("boll:"))
            .map(|name| name.trim_end_matches("@0.2.0").to_owned())
            .collect()
    };
    let all = names("imports", false);
    for interface in [
        "boll:capability/capability",
        "boll:config/config",
        "boll:hook/hook",
        "boll:lifecycle/lifecycle",
        "boll:log/log",
        "boll:process/children",
        "boll:process/process",
    ] {
        assert!(all.contains(interface), "{interface}");
    }
    assert!(!all.contains("boll:process/streams"));
    assert!(names("capsule", false).is_superset(&all));
    assert!(names("capsule", true).contains("boll:hook/handler"));
    assert!(names("capsule-streams", false).contains("boll:process/streams"));
    assert!(names("service", true).contains("boll:lifecycle/run"));
    assert!(names("installs", true).contains("boll:lifecycle/install"));
    assert!(names("upgrades", true).contains("boll:lifecycle/upgrade"));
}

fn mentions_io(resolve: &Resolve, function: &Function) -> bool {
    let parameters = function.params.iter().map(|param| param.ty);
    let mut seen = BTreeSet::new();
    parameters
        .chain(function.result)
        .any(|ty| reaches_io(resolve, ty, &mut seen))
}

fn reaches_io(resolve: &Resolve, ty: Type, seen: &mut BTreeSet<TypeId>) -> bool {
    let Type::Id(id) = ty else { return false };
    if !seen.insert(id) {
        return false;
    }
    let def = &resolve.types[id];
    if let TypeOwner::Interface(owner) = def.owner
        && resolve
            .id_of(owner)
            .is_some_and(|name| name.starts_with("wasi:io/"))
    {
        return true;
    }
    let mut reaches = |ty: Type| reaches_io(resolve, ty, seen);
    match &def.kind {
        TypeDefKind::Type(ty) | TypeDefKind::Option(ty) | TypeDefKind::List(ty) => reaches(*ty),
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => reaches(Type::Id(*id)),
        TypeDefKind::Result(result) => {
            result.ok.is_some_and(&mut reaches) || result.err.is_some_and(&mut reaches)
        }
        TypeDefKind::Record(record) => record.fields.iter().any(|field| reaches(field.ty)),
        TypeDefKind::Tuple(tuple) => tuple.types.iter().any(|ty| reaches(*ty)),
        TypeDefKind::Variant(variant) => variant
            .cases
            .iter()
            .any(|case| case.ty.is_some_and(&mut reaches)),
        _ => false,
    }
}
