//! Compares any component's world with the contract: interface by interface, with the WIT
//! of both where they differ. Nothing is compiled or run, and a process of its own
//! (`reader`) does the reading.

mod contract;
mod kind;
#[cfg(test)]
mod linked;
mod reader;
mod text;

use boll_host::{Import, Surface};
use serde::{Deserialize, Serialize};
use similar::{ChangeTag, TextDiff};
use wit_component::DecodedWasm;
use wit_parser::{InterfaceId, Resolve, WorldId, WorldItem};

use boll_host::engine::ScanError;
use boll_host::sandbox::WorkerError;
use contract::Contract;
use kind::ComponentKind;
pub(crate) use reader::{fit, outline, work};
use text::{Part, interface_text};

use crate::wasm::Kind;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorldError {
    /// The bytes are not a component.
    #[error("not a component{}", if *module { ": this is a core module" } else { "" })]
    NotAComponent {
        /// Whether they are a core module.
        module: bool,
    },
    /// A component that cannot be read.
    #[error("the component cannot be read: {0}")]
    Unreadable(String),
    /// The reader of WIT assumes what nothing guarantees, for example that the name of an
    /// interface belongs to an instance.
    #[error(
        "the component cannot be read: WIT cannot describe one of its imports or exports, such as a \
         function that has the name of an interface"
    )]
    Indescribable,
    /// It exceeds a limit on components.
    #[error("the component cannot be read")]
    Scan(#[source] ScanError),
    /// The process that reads it failed or died.
    #[error("the component cannot be read")]
    Reader(#[source] WorkerError),
    /// The same, in the words of that process's error.
    #[error("{0}")]
    Refused(String),
    /// The bytes are WIT in binary form, which has no code.
    #[error(
        "it is a WIT package in binary form, and has no code to run: for a capsule with its \
         interfaces, `boll bindings` takes the package as WIT text"
    )]
    WitPackage,
    /// The contract that the program carries cannot be read.
    #[error("the contract that this program carries cannot be read: {0}")]
    Contract(String),
    /// An interface cannot be written as WIT.
    #[error("its interface `{interface}` cannot be written as WIT: {reason}")]
    Text {
        /// The interface.
        interface: String,
        /// The printer's error.
        reason: String,
    },
}

/// A component's imports and exports. Reading them may take any amount of memory, time
/// and stack: only the process of `reader` may do it, and tests.
struct World {
    resolve: Resolve,
    world: WorldId,
    /// How many components it is composed of.
    composed: usize,
}

/// How a world fits the contract.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fit {
    /// What the component is made to be.
    pub(crate) kind: ComponentKind,
    /// How many components it is composed of; 0 for one that is not composed.
    pub(crate) composed: usize,
    /// Whether a host of the contract can run it.
    pub(crate) conforms: bool,
    pub(crate) imports: Vec<Item>,
    pub(crate) exports: Vec<Item>,
    /// The problem with the world as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<String>,
}

/// One import or export.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) comparison: Comparison,
}

/// How an import or an export compares with the contract.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub(crate) enum Comparison {
    /// It is as in the contract.
    Conforms,
    /// It is not part of the contract, and hosts need not provide it.
    Unknown {
        /// The reason, with the contract's nearest equivalent if there is one.
        reason: String,
    },
    /// It has another form in the contract.
    Differs {
        /// Both texts, line by line.
        lines: Vec<Line>,
    },
    /// An export of the component's own, which hosts do not call.
    Own,
}

/// A line of the two texts next to each other.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// The contract's line; `None` if it has none.
    pub(crate) contract: Option<String>,
    /// The component's line.
    pub(crate) component: Option<String>,
}

impl World {
    /// Reads it from the component's bytes.
    fn of(component: &[u8]) -> Result<Self, WorldError> {
        recognise(component)?;
        let decoded = wit_component::decode(component)
            .map_err(|error| WorldError::Unreadable(format!("{error:#}")))?;
        match decoded {
            DecodedWasm::Component(resolve, world) => Ok(Self {
                resolve,
                world,
                composed: kind::composed(component),
            }),
            DecodedWasm::WitPackage(..) => Err(WorldError::WitPackage),
        }
    }

    /// Returns the names of its imports.
    fn imports(&self) -> Vec<String> {
        let keys = self.resolve.worlds[self.world].imports.keys();
        keys.map(|key| self.resolve.name_world_key(key)).collect()
    }

    /// Returns the names of its exports.
    fn exports(&self) -> Vec<String> {
        let keys = self.resolve.worlds[self.world].exports.keys();
        keys.map(|key| self.resolve.name_world_key(key)).collect()
    }

    /// Returns its whole WIT.
    fn text(&self) -> Result<String, WorldError> {
        text::world_text(&self.resolve, self.world)
    }

    /// Compares it with the contract.
    fn fit(&self) -> Result<Fit, WorldError> {
        let contract = Contract::embedded()?;
        let world = &self.resolve.worlds[self.world];
        let name = |key| self.resolve.name_world_key(key);
        let mut imports = Vec::new();
        for (key, item) in &world.imports {
            let comparison = self.import(&name(key), item, &contract)?;
            imports.extend(comparison.map(|comparison| Item {
                name: name(key),
                comparison,
            }));
        }
        let mut exports = Vec::new();
        for (key, item) in &world.exports {
            let comparison = self.export(&name(key), item, &contract)?;
            exports.push(Item {
                name: name(key),
                comparison,
            });
        }
        let fits = |item: &Item| matches!(item.comparison, Comparison::Conforms | Comparison::Own);
        let items_fit = imports.iter().chain(&exports).all(fits);
        // Only all exports together show whether there is a way in.
        let surface = Surface {
            imports: Vec::new(),
            exports: exports.iter().map(|item| item.name.clone()).collect(),
        };
        let problem = surface.check().err().map(|error| error.to_string());
        Ok(Fit {
            kind: ComponentKind::of(&self.imports(), &self.exports()),
            composed: self.composed,
            conforms: items_fit && problem.is_none(),
            imports,
            exports,
            problem,
        })
    }

    /// Returns `None` for a type, which says nothing apart from the functions that use
    /// it.
    fn import(
        &self,
        name: &str,
        item: &WorldItem,
        contract: &Contract,
    ) -> Result<Option<Comparison>, WorldError> {
        let id = match item {
            WorldItem::Interface { id, .. } => *id,
            WorldItem::Function(_) => {
                return Ok(Some(Comparison::Unknown {
                    reason: "the contract has only interfaces, no functions outside of them".into(),
                }));
            }
            WorldItem::Type { .. } => return Ok(None),
        };
        if let Some(known) = contract.interface(name) {
            return self
                .compare(name, id, known, Part::Used, contract)
                .map(Some);
        }
        let import = Import {
            interface: name.to_owned(),
            functions: Vec::new(),
        };
        if let Some(reason) = import.refusal() {
            return Ok(Some(Comparison::Unknown { reason }));
        }
        match contract.wasi(name) {
            Some(known) => self
                .compare(name, id, known, Part::Used, contract)
                .map(Some),
            None => Ok(Some(Comparison::Conforms)),
        }
    }

    fn export(
        &self,
        name: &str,
        item: &WorldItem,
        contract: &Contract,
    ) -> Result<Comparison, WorldError> {
        match (item, contract.interface(name)) {
            (WorldItem::Interface { id, .. }, Some(known)) => {
                self.compare(name, *id, known, Part::Whole, contract)
            }
            _ => Ok(Comparison::Own),
        }
    }

    fn compare(
        &self,
        name: &str,
        own: InterfaceId,
        known: InterfaceId,
        part: Part,
        contract: &Contract,
    ) -> Result<Comparison, WorldError> {
        let own = &(&self.resolve, own);
        let found = interface_text(name, own, own, Part::Whole)?;
        let wanted = interface_text(name, &(contract.resolve(), known), own, part)?;
        if wanted == found {
            return Ok(Comparison::Conforms);
        }
        Ok(Comparison::Differs {
            lines: beside(&wanted, &found),
        })
    }
}

fn recognise(component: &[u8]) -> Result<(), WorldError> {
    match Kind::of(component) {
        Kind::Component => Ok(()),
        kind => Err(WorldError::NotAComponent {
            module: kind == Kind::Module,
        }),
    }
}

/// Returns two texts next to each other.
fn beside(contract: &str, component: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(contract, component);
    let changes = diff.iter_all_changes().map(|change| {
        let text = change.value().trim_end().to_owned();
        match change.tag() {
            ChangeTag::Equal => Line {
                contract: Some(text.clone()),
                component: Some(text),
            },
            ChangeTag::Delete => Line {
                contract: Some(text),
                component: None,
            },
            ChangeTag::Insert => Line {
                contract: None,
                component: Some(text),
            },
        }
    });
    let mut lines: Vec<Line> = Vec::new();
    // Lines that replace others come after all of these: they belong next to them.
    let mut free = 0;
    for line in changes {
        let replaces = line.contract.is_none() && free < lines.len();
        if replaces && let Some(place) = lines.get_mut(free) {
            place.component = line.component;
            free += 1;
            continue;
        }
        let equal = line.contract.is_some() && line.component.is_some();
        lines.push(line);
        if equal || lines.last().is_some_and(|last| last.contract.is_none()) {
            free = lines.len();
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(component: &str) -> Fit {
        let component = wat::parse_str(component).unwrap();
        World::of(&component).unwrap().fit().unwrap()
    }

    #[test]
    fn what_no_version_of_the_contract_has_is_refused() {
        let fit = fit(r#"(component
                (import "boll:log/log@0.3.0" (instance (export "shout" (func))))
                (import "acme:blob/store@1.0.0" (instance (export "get" (func))))
                (import "now" (func (result u64))))"#);
        let reasons: Vec<String> = fit.imports.iter().map(|item| format!("{item:?}")).collect();
        let expected = [
            "the host knows version 0.2.0 of it",
            "neither part of the contract nor an interface of this host",
            "only interfaces, no functions",
        ];
        assert_eq!(reasons.len(), expected.len());
        for (reason, expected) in reasons.iter().zip(expected) {
            assert!(reason.contains(expected), "{reason}");
        }
        assert!(!fit.conforms);
        assert!(fit.problem.unwrap().contains("no way into it"));
    }

    #[test]
    fn what_has_another_form_is_shown_beside_the_contracts() {
        let fit = fit(r#"(component
                (import "boll:log/log@0.2.0" (instance
                    (type $level (enum "debug" "info"))
                    (export "level" (type $l (eq $level)))
                    (export "enabled" (func (param "level" $l) (result bool)))))
                (import "acme:own/thing@1.0.0" (instance $thing
                    (export "run" (func (result (result (error u32)))))))
                (export "boll:lifecycle/run@0.2.0" (instance $thing)))"#);
        assert!(!fit.conforms);
        let Comparison::Differs { lines } = &fit.imports[0].comparison else {
            panic!("{fit:?}")
        };
        let gone = |text: &str| Line {
            contract: Some(text.into()),
            component: None,
        };
        assert!(lines.contains(&gone("  trace,")), "{lines:?}");
        let Comparison::Differs { lines } = &fit.exports[0].comparison else {
            panic!("{fit:?}")
        };
        let other = Line {
            contract: Some("run: func() -> result<_, string>;".into()),
            component: Some("run: func() -> result<_, u32>;".into()),
        };
        assert!(lines.contains(&other), "{lines:?}");
    }

    #[test]
    fn an_export_of_the_contract_has_all_of_its_functions() {
        let fit = fit(r#"(component
                (import "acme:own/thing@1.0.0" (instance $thing (export "go" (func))))
                (export "boll:lifecycle/run@0.2.0" (instance $thing)))"#);
        assert!(matches!(
            fit.exports[0].comparison,
            Comparison::Differs { .. }
        ));
    }

    #[test]
    fn what_wit_cannot_describe_is_an_error_and_no_panic() {
        let told = |question: u8, text: &str| {
            let component = wat::parse_str(text).unwrap();
            // The result does not matter: a panic ends the test.
            work([vec![question], component].concat())
        };
        for text in [
            r#"(component (import "a:b/c@1.0.0" (func)))"#,
            r#"(component (import "a:b/c" (type (sub resource))))"#,
            r#"(component (import "a:b/c" (component)))"#,
            r#"(component (import "x" (component)))"#,
            r#"(component (import "x" (core module)))"#,
            r#"(component (import "url=<https://a.b>" (func)))"#,
            r#"(component (import "unlocked-dep=<a:b>" (func)))"#,
            r#"(component (import "f" (func $f)) (export "a:b/c" (func $f)))"#,
            r#"(component (component $c) (export "a:b/c" (component $c)))"#,
            r#"(component (core module $m) (export "x" (core module $m)))"#,
        ] {
            for question in [1, 2] {
                let _ = told(question, text);
            }
        }
        for question in [1, 2] {
            let error = told(question, r#"(component (import "a:b/c" (func)))"#).unwrap_err();
            assert!(
                error.starts_with("the component cannot be read: "),
                "{error}"
            );
            assert!(error.contains("name of an interface"), "{error}");
        }
    }

    #[test]
    fn what_is_no_component_says_so() {
        for (bytes, expected) in [
            (
                &b"\0asm\x01\0\0\0"[..],
                "not a component: this is a core module",
            ),
            (b"text", "not a component"),
            (b"\0asm\x0d\0\x01\0rubbish", "the component cannot be read"),
        ] {
            let error = World::of(bytes).err().unwrap().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
