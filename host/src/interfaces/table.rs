//! The table of the interfaces that capsules import: each one's name, and how it is
//! linked. What components are held against is read from it too.

use wasmtime::component::Linker;

use super::context::{HasCall, HasView};
use super::{Views, wasi_config};
use crate::bindings::{boll, wasi};

/// Links one interface under its name.
type Link<T> = fn(&mut Linker<T>, &Views<T>, &str) -> wasmtime::Result<()>;

struct Row<T: 'static> {
    /// As components name it, with its version if it has one.
    name: &'static str,
    link: Link<T>,
}

/// Rows of generated modules: a name, the module, what implements it, and where a store
/// has that.
macro_rules! generated {
    ($($name:literal: $($module:ident)::+ by $has:ty, $view:ident;)+) => {
        [$(Row {
            name: $name,
            link: |linker, views, _| {
                $($module)::+::add_to_linker::<_, $has>(linker, views.$view)
            },
        }),+]
    };
}

/// Those of the contract, and those of wasi that are no part of wasmtime's own.
fn rows<T: Send + 'static>() -> impl Iterator<Item = Row<T>> {
    let generated = generated! {
        "boll:capability/capability@0.2.0": boll::capability::capability by HasCall, call;
        "boll:capability/denial@0.2.0": boll::capability::denial by HasCall, call;
        "boll:config/config@0.2.0": boll::config::config by HasCall, call;
        "boll:hook/hook@0.2.0": boll::hook::hook by HasCall, call;
        "boll:hook/types@0.2.0": boll::hook::types by HasCall, call;
        "boll:lifecycle/lifecycle@0.2.0": boll::lifecycle::lifecycle by HasCall, call;
        "boll:log/log@0.2.0": boll::log::log by HasCall, call;
        "boll:process/children@0.2.0": boll::process::children by HasView, view;
        "boll:process/process@0.2.0": boll::process::process by HasCall, call;
        "boll:process/streams@0.2.0": boll::process::streams by HasView, view;
        "wasi:logging/logging": wasi::logging::logging by HasCall, call;
        "wasi:logging/logging@0.1.0-draft": wasi::logging0_1_0_draft::logging by HasCall, call;
    };
    let config = wasi_config::NAMES.map(|name| Row {
        name,
        link: |linker, views, name| wasi_config::add_to_linker(linker, views.call, name),
    });
    generated.into_iter().chain(config)
}

/// Links all of them.
pub(super) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    views: &Views<T>,
) -> wasmtime::Result<()> {
    rows().try_for_each(|row| (row.link)(linker, views, row.name))
}

/// The names of all of them.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    rows::<()>().map(|row| row.name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use wit_parser::{Resolve, WorldItem};

    use super::names;

    #[test]
    fn the_table_has_every_import_of_the_contract() {
        let mut resolve = Resolve::default();
        let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/wit");
        let (package, _) = resolve.push_dir(wit).expect("the contract");
        let world = resolve.select_world(&[package], Some("capsule-streams"));
        let world = &resolve.worlds[world.expect("the widest world")];
        let imports = world.imports.values().filter_map(|item| match item {
            WorldItem::Interface { id, .. } => resolve.id_of(*id),
            _ => None,
        });
        let ours = |name: &String| name.starts_with("boll:");
        let contract: BTreeSet<String> = imports.filter(ours).collect();
        let table: BTreeSet<String> = names().map(str::to_owned).filter(ours).collect();
        assert_eq!(table, contract);
    }
}
