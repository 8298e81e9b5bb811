//! What a component is, by what it imports and exports, and what to do with one that is no
//! capsule.

use serde::{Deserialize, Serialize};
use wasmparser::{Encoding, Parser, Payload};

/// What a component is made to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ComponentKind {
    /// It answers calls or has a run loop.
    Capsule,
    /// A program with a `main`, of WASI 0.2.
    Command,
    /// It answers HTTP requests, by WASI 0.2.
    HttpServer,
    /// It is built for WASI 0.3.
    Wasi03,
    /// It has only exports of its own.
    Library,
}

impl ComponentKind {
    /// Returns what a component with these imports and exports is.
    pub(super) fn of(imports: &[String], exports: &[String]) -> Self {
        let exports_any = |start: &str| exports.iter().any(|name| name.starts_with(start));
        let is_newer = |name: &String| name.starts_with("wasi:") && name.contains("@0.3.");
        if imports.iter().chain(exports).any(is_newer) {
            Self::Wasi03
        } else if exports_any("boll:hook/handler@") || exports_any("boll:lifecycle/run@") {
            Self::Capsule
        } else if exports_any("wasi:http/incoming-handler@") {
            Self::HttpServer
        } else if exports_any("wasi:cli/run@") {
            Self::Command
        } else {
            Self::Library
        }
    }

    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Capsule => "a capsule",
            Self::Command => "a command of WASI 0.2",
            Self::HttpServer => "an HTTP server of WASI 0.2",
            Self::Wasi03 => "a component of WASI 0.3",
            Self::Library => "a library: it exports neither what Boll calls nor a main function",
        }
    }

    /// Returns what its author can do to get a capsule; `None` for one.
    pub(crate) fn next_step(self) -> Option<&'static str> {
        match self {
            Self::Capsule => None,
            Self::Command => Some(
                "a capsule is called by actions: move what `main` does into an action of a new capsule, \
                 which `boll new NAME --lang LANG` writes",
            ),
            Self::HttpServer => Some(
                "Boll lets no requests into a capsule: answer an action or a hook in place of \
                 requests (docs/capsules.md), or run it with a server for WASI HTTP",
            ),
            Self::Wasi03 => Some(
                "build it for WASI 0.2: for Rust, the target wasm32-wasip2 without async exports; for \
                 Python and JavaScript, a world of the contract (`boll new`)",
            ),
            Self::Library => Some(
                "compose it with a component that exports `boll:hook/handler` (`wac plug`), or export that \
                 from its own world",
            ),
        }
    }
}

/// Returns how many components with code of their own are composed in this one: 0 for one
/// that a toolchain has made as it is.
pub(super) fn composed(component: &[u8]) -> usize {
    // Whether each open component has code of its own.
    let mut open: Vec<bool> = Vec::new();
    let mut parts = 0;
    for payload in Parser::new(0).parse_all(component).map_while(Result::ok) {
        match payload {
            Payload::Version { encoding, .. } => {
                if encoding == Encoding::Module
                    && let Some(has_code) = open.last_mut()
                {
                    *has_code = true;
                }
                open.push(false);
            }
            Payload::End(_) => {
                let has_code = open.pop().unwrap_or_default();
                parts += usize::from(has_code && !open.is_empty());
            }
            _ => {}
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_with_code_are_counted() {
        for (text, expected) in [
            ("(component)", 0),
            ("(component (core module))", 0),
            // As toolchains wrap what they export.
            ("(component (core module) (component))", 0),
            (
                "(component (component (core module)) (component (core module)))",
                2,
            ),
            ("(component (component (component (core module))))", 1),
        ] {
            let bytes = wat::parse_str(text).unwrap();
            assert_eq!(composed(&bytes), expected, "{text}");
        }
    }

    #[test]
    fn a_component_is_named_for_what_it_is() {
        let kind = |imports: &[&str], exports: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
            ComponentKind::of(&owned(imports), &owned(exports))
        };
        for (imports, exports, expected) in [
            (
                &[][..],
                &["boll:hook/handler@0.2.0"][..],
                ComponentKind::Capsule,
            ),
            (
                &[],
                &["boll:lifecycle/run@0.2.0", "wasi:cli/run@0.2.3"],
                ComponentKind::Capsule,
            ),
            (
                &["wasi:cli/exit@0.2.0"],
                &["wasi:cli/run@0.2.3"],
                ComponentKind::Command,
            ),
            (
                &[],
                &["wasi:http/incoming-handler@0.2.0"],
                ComponentKind::HttpServer,
            ),
            (
                &["wasi:cli/stdout@0.3.0"],
                &["boll:hook/handler@0.2.0"],
                ComponentKind::Wasi03,
            ),
            (
                &[],
                &["wasi:http/handler@0.3.0-rc-2026-01-06"],
                ComponentKind::Wasi03,
            ),
            (
                &[],
                &["acme:text/split@1.0.0", "go"],
                ComponentKind::Library,
            ),
            (&[], &[], ComponentKind::Library),
        ] {
            assert_eq!(kind(imports, exports), expected, "{exports:?}");
        }
    }
}
