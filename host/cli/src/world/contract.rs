//! The WIT of what a host links: the contract, and the parts of WASI 0.2 beside it. The
//! program carries both.

use std::collections::HashMap;
use std::path::Path;

use include_dir::{Dir, include_dir};
use semver::Version;
use wit_parser::{InterfaceId, Resolve, UnresolvedPackageGroup};

use super::WorldError;

use boll_host::WASI_VERSION;

static WIT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/wit");
/// The packages of WASI that the contract itself does not need, without their docs.
static WASI: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/wasi");

/// The contract.
pub(super) struct Contract {
    resolve: Resolve,
    interfaces: HashMap<String, InterfaceId>,
}

impl Contract {
    /// Returns the contract of this version.
    pub(super) fn embedded() -> Result<Self, WorldError> {
        let resolve = parse().map_err(WorldError::Contract)?;
        let interfaces = resolve
            .interfaces
            .iter()
            .filter_map(|(id, _)| Some((resolve.id_of(id)?, id)))
            .collect();
        Ok(Self {
            resolve,
            interfaces,
        })
    }

    pub(super) fn resolve(&self) -> &Resolve {
        &self.resolve
    }

    /// Returns an interface of the contract by its name and version.
    pub(super) fn interface(&self, name: &str) -> Option<InterfaceId> {
        let is_ours = name.starts_with("boll:");
        self.interfaces.get(name).copied().filter(|_| is_ours)
    }

    /// Returns an interface of WASI 0.2 by its name, whichever version of 0.2 a component
    /// names.
    pub(super) fn wasi(&self, name: &str) -> Option<InterfaceId> {
        let (name, version) = name.split_once('@')?;
        let version = Version::parse(version).ok()?;
        if (version.major, version.minor) != (0, 2) || !version.pre.is_empty() {
            return None;
        }
        self.interfaces
            .get(&format!("{name}@{WASI_VERSION}"))
            .copied()
    }
}

pub(super) fn parse() -> Result<Resolve, String> {
    let main = WIT.get_file("world.wit").ok_or("there is no world")?;
    let deps = WIT.get_dir("deps").ok_or("there are no packages")?;
    let files = deps.dirs().flat_map(Dir::files).chain(WASI.files());
    let groups = files
        .map(|file| group(file.path(), file.contents_utf8()))
        .collect::<Result<Vec<_>, String>>()?;
    let mut resolve = Resolve::default();
    let main = group(main.path(), main.contents_utf8())?;
    resolve
        .push_groups(main, groups)
        .map_err(|error| error.to_string())?;
    Ok(resolve)
}

fn group(path: &Path, text: Option<&str>) -> Result<UnresolvedPackageGroup, String> {
    let text = text.ok_or("WIT is UTF-8")?;
    UnresolvedPackageGroup::parse(path, text).map_err(|(map, error)| error.render(&map))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_every_interface() {
        let contract = Contract::embedded().unwrap();
        for name in [
            "log/log",
            "hook/handler",
            "process/streams",
            "lifecycle/run",
        ] {
            let name = format!("boll:{name}@0.2.0");
            assert!(contract.interface(&name).is_some(), "{name}");
        }
        assert!(contract.interface("boll:log/log@0.3.0").is_none());
    }
}
