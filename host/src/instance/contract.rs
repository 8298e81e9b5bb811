//! What a component imports and exports, held against the contract.

use std::collections::BTreeSet;

use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use super::version::{Fit, fit};
use crate::capsule::Manifest;
use crate::interfaces::{import_names, wasi_refusal};

/// The exports that are ways into a capsule: it has one of them or both.
pub(super) const HANDLER: &str = "boll:hook/handler@0.2.0";
pub(super) const RUN: &str = "boll:lifecycle/run@0.2.0";

/// The exports that it may have besides.
pub(super) const INSTALL: &str = "boll:lifecycle/install@0.2.0";
pub(super) const UPGRADE: &str = "boll:lifecycle/upgrade@0.2.0";

/// The version of the contract that this host implements.
const VERSION: &str = "0.2.0";

/// The way into a command.
const WASI_COMMAND: &str = "wasi:cli/run@";

/// What requests are sent through. A manifest that asks for no host has no use for it.
const WASI_HTTP_CLIENT: &str = "wasi:http/outgoing-handler@";

/// An export that no host of this contract calls.
const WASI_HTTP_SERVER: &str = "wasi:http/incoming-handler@";

/// Returns the names of the interfaces of the contract that this host implements, such as
/// `boll:log/log@0.2.0`: those that capsules import, and those that it calls where a
/// capsule exports them.
pub fn contract_interfaces() -> impl Iterator<Item = &'static str> {
    let imports = import_names().filter(|name| name.starts_with("boll:"));
    imports.chain([HANDLER, RUN, INSTALL, UPGRADE])
}

/// One interface that a component imports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// Its name, for example `boll:process/process@0.2.0`.
    pub interface: String,
    /// The functions that the component uses of it.
    pub functions: Vec<String>,
}

/// The outside of a component.
#[derive(Debug, Clone)]
pub struct Surface {
    /// What it imports, sorted.
    pub imports: Vec<Import>,
    /// The names of what it exports.
    pub exports: BTreeSet<String>,
}

/// Why a component does not fit this host.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContractError {
    /// It imports what the host does not have.
    #[error("it imports what this host does not have: {}", .0.join("; "))]
    Imports(Vec<String>),
    /// It exports neither a handler nor a run loop.
    #[error("it exports neither `{HANDLER}` nor `{RUN}`, so there is no way into it")]
    NoWayIn,
    /// It is a command, which this host does not run.
    #[error(
        "it exports `{0}`, so it is a command and no capsule; a capsule exports `{HANDLER}` or `{RUN}`"
    )]
    Command(String),
    /// It exports another version of an interface that the host calls.
    #[error("it exports `{0}`; {other}", other = other_version(.0))]
    Version(String),
    /// It exports a server, which this host does not offer.
    #[error("it exports `{0}`: this host lets nothing into a capsule but calls and hooks")]
    Server(String),
    /// It imports what is there only for capsules that ask for hosts.
    #[error(
        "it imports `{0}`, which is linked only where the manifest asks for a host: add a \
         `[[network]]` with the `host` and the `port` that it connects to"
    )]
    NotAskedFor(String),
    /// It imports an interface of the embedder's that its manifest does not ask for.
    #[error(
        "it imports `{0}`, which its manifest does not ask for: add an `[[interface]]` with \
         `name = \"{name}\"`",
        name = without_version(.0)
    )]
    InterfaceNotAskedFor(String),
    /// An import or export has another type than the contract says.
    #[error("it does not fit the contract")]
    Mismatch(#[source] wasmtime::Error),
}

impl Surface {
    pub(crate) fn of(component: &Component) -> Self {
        let engine = component.engine();
        let ty = component.component_type();
        let mut imports: Vec<Import> = ty
            .imports(engine)
            .map(|(name, item)| Import {
                interface: name.to_owned(),
                functions: match item.ty {
                    ComponentItem::ComponentInstance(instance) => instance
                        .exports(engine)
                        .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
                        .map(|(name, _)| name.to_owned())
                        .collect(),
                    _ => Vec::new(),
                },
            })
            .collect();
        imports.sort();
        Self {
            imports,
            exports: ty
                .exports(engine)
                .map(|(name, _)| name.to_owned())
                .collect(),
        }
    }

    /// The interface that it sends requests through, if it does.
    pub(super) fn sends(&self) -> Option<&str> {
        let mut names = self.imports.iter().map(|import| import.interface.as_str());
        names.find(|name| name.starts_with(WASI_HTTP_CLIENT))
    }

    /// Returns the name by which the component exports an interface that the host calls.
    pub(super) fn export(&self, called: &str) -> Option<&str> {
        let mut names = self.exports.iter().map(String::as_str);
        names.find(|name| fit(called, name) == Fit::Served)
    }

    /// Returns whether a host without interfaces of the embedder's has what the component
    /// imports, and calls what it exports.
    /// The types are judged when it is linked.
    ///
    /// # Errors
    ///
    /// Every import that is missing, or else the first export that does not fit.
    pub fn check(&self) -> Result<(), ContractError> {
        self.check_with(&[])
    }

    /// The same for a host that has these interfaces besides.
    pub(super) fn check_with(&self, own: &[&str]) -> Result<(), ContractError> {
        let imports = self.imports.iter();
        let refusals = imports.filter_map(|import| refusal(&import.interface, own));
        let refusals: Vec<String> = refusals.collect();
        if !refusals.is_empty() {
            return Err(ContractError::Imports(refusals));
        }
        if let Some(export) = self.exports.iter().find(|name| is_other_version(name)) {
            return Err(ContractError::Version(export.clone()));
        }
        if let Some(export) = self.exports.iter().find(|name| is_server(name)) {
            return Err(ContractError::Server(export.clone()));
        }
        if self.export(HANDLER).is_none() && self.export(RUN).is_none() {
            let command = self
                .exports
                .iter()
                .find(|name| name.starts_with(WASI_COMMAND));
            return Err(command
                .cloned()
                .map_or(ContractError::NoWayIn, ContractError::Command));
        }
        Ok(())
    }
}

impl Import {
    /// Why a host of this contract, without interfaces of the embedder's, does not have it, by its name; `None` when it has.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        refusal(&self.interface, &[])
    }
}

/// Whether a manifest asks for a host, where requests are sent through an interface.
pub(super) fn check_asked(sends: Option<&str>, manifest: &Manifest) -> Result<(), ContractError> {
    match sends {
        Some(interface) if manifest.requests.network.is_empty() => {
            Err(ContractError::NotAskedFor(interface.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Whether an export is one that the host calls, in a version that it does not
/// know: calling none of it would be silent.
fn is_other_version(export: &str) -> bool {
    let called = [HANDLER, RUN, INSTALL, UPGRADE];
    let fits = called.map(|called| fit(called, export));
    fits.contains(&Fit::Later) || fits.contains(&Fit::Incompatible)
}

/// What a host says about an interface of the contract in a version that it does not serve.
fn other_version(interface: &str) -> String {
    let is_later = |known: &str| fit(known, interface) == Fit::Later;
    if contract_interfaces().any(is_later) {
        return format!(
            "this host has version {VERSION} of it, and serves capsules of this and earlier \
             versions of 0.2: update the host, or build the capsule with the contract of this one"
        );
    }
    format!("the host knows version {VERSION} of it")
}

fn without_version(interface: &str) -> &str {
    interface.split('@').next().unwrap_or(interface)
}

fn is_server(export: &str) -> bool {
    export.starts_with(WASI_HTTP_SERVER)
}

/// Why an import is refused by a host with these interfaces of the embedder's; `None` when
/// the host has it.
fn refusal(interface: &str, own: &[&str]) -> Option<String> {
    match own.iter().find(|known| fit(known, interface) != Fit::Other) {
        Some(known) if fit(known, interface) == Fit::Served => return None,
        Some(known) => return Some(format!("`{interface}`; the host has `{known}`")),
        None => {}
    }
    if import_names().any(|known| fit(known, interface) == Fit::Served) {
        return None;
    }
    let name = without_version(interface);
    let is_known = import_names().any(|known| without_version(known) == name);
    if interface.starts_with("wasi:config/") {
        let known = import_names().filter(|known| known.starts_with("wasi:config/"));
        let known: Vec<&str> = known.collect();
        let known = known.join(", ");
        return Some(format!(
            "`{interface}`; of wasi:config the host has {known}"
        ));
    }
    match interface.starts_with("wasi:") {
        true if is_known => Some(format!(
            "`{interface}`; the host knows version 0.1.0-draft of it, and the one without a version"
        )),
        true => wasi_refusal(interface),
        false if is_known => Some(format!("`{interface}`; {}", other_version(interface))),
        false => Some(format!(
            "`{interface}`, which is neither part of the contract nor an interface of this host's own"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_import_says_which_kind_it_is() {
        for (interface, expected) in [
            ("boll:log/log@0.2.0", None),
            ("wasi:cli/environment@0.2.6", None),
            ("wasi:http/types@0.2.13", None),
            (
                "wasi:cli/environment@0.3.0",
                Some("which is WASI 0.3; this host has WASI 0.2"),
            ),
            (
                "wasi:cli/environment@0.2.0-rc-2023-11-10",
                Some("the host has version 0.2.12"),
            ),
            (
                "wasi:cli/environment@1.0.0",
                Some("the host has version 0.2.12"),
            ),
            ("wasi:cli/environment", Some("the host has version 0.2.12")),
            (
                "wasi:keyvalue/store@0.2.0-draft",
                Some("not among the interfaces of WASI"),
            ),
            (
                "wasi:cli/nonsense@0.2.0",
                Some("not among the interfaces of WASI"),
            ),
            ("wasi:logging/logging", None),
            ("wasi:logging/logging@0.1.0-draft", None),
            (
                "wasi:logging/logging@0.1.0",
                Some("the host knows version 0.1.0-draft of it, and the one"),
            ),
            ("boll:log/log@0.3.0", Some("the host knows version 0.2.0")),
            (
                "boll:log/log@0.2.1",
                Some("this host has version 0.2.0 of it, and serves"),
            ),
            (
                "wasi:cli/stdout@0.3.0",
                Some("which is WASI 0.3; this host has WASI 0.2"),
            ),
            ("boll:hook/hook@0.2.0", None),
            ("wasi:config/store@0.2.0-draft", None),
            ("wasi:config/store@0.2.0-draft-2024-09-27", None),
            ("wasi:config/store@0.2.0-rc.1", None),
            (
                "wasi:config/store@0.2.0-rc.2",
                Some("of wasi:config the host has wasi:config/store@0.2.0-rc.1, "),
            ),
            (
                "wasi:config/runtime@0.2.0-draft",
                Some("of wasi:config the host has"),
            ),
            (
                "acme:blob/store@1.0.0",
                Some("neither part of the contract"),
            ),
            ("acme:own/store@1.1.0", None),
            (
                "acme:own/store@1.3.0",
                Some("the host has `acme:own/store@1.2.0`"),
            ),
            (
                "acme:own/store@2.0.0",
                Some("the host has `acme:own/store@1.2.0`"),
            ),
        ] {
            match (refusal(interface, &["acme:own/store@1.2.0"]), expected) {
                (None, None) => {}
                (Some(text), Some(expected)) => assert!(text.contains(expected), "{text}"),
                other => panic!("{interface}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_export_that_is_not_called_is_refused() {
        let check = |more: &str| {
            let exports = [HANDLER, more].map(str::to_owned);
            let surface = Surface {
                imports: Vec::new(),
                exports: exports.into(),
            };
            surface.check().map_err(|error| error.to_string())
        };
        assert_eq!(check("acme:own/thing@1.0.0"), Ok(()));
        for export in [
            "wasi:http/incoming-handler@0.2.12",
            "boll:lifecycle/run@0.3.0",
        ] {
            let error = check(export).expect_err(export);
            assert!(error.contains(export), "{error}");
        }
    }
}
