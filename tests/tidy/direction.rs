//! Which module may know which: the direction of dependencies, and the places
//! where something is done in one module only.

use crate::sources::{Source, sources};

/// What the code of a module of the library may name of it, besides itself.
const MAY_NAME: [(&str, &[&str]); 23] = [
    ("sandbox", &["cause", "plain", "policy", "workspace"]),
    ("policy", &["plain"]),
    (
        "process",
        &[
            "blocking", "call", "capsule", "cause", "lines", "locked", "pace", "policy", "sandbox",
        ],
    ),
    (
        "services",
        &[
            "blocking", "call", "capsule", "cause", "locked", "plain", "policy",
        ],
    ),
    ("call", &["capsule"]),
    ("capsule", &["document", "locked", "policy", "workspace"]),
    ("host", &["blocking", "capsule", "process", "services"]),
    (
        "interfaces",
        &[
            "bindings", "call", "capsule", "cause", "host", "locked", "policy", "process",
            "sandbox", "services",
        ],
    ),
    (
        "instance",
        &[
            "bindings",
            "call",
            "capsule",
            "cause",
            "interfaces",
            "lines",
            "locked",
            "pace",
            "policy",
            "services",
        ],
    ),
    (
        "dispatch",
        &[
            "call",
            "capsule",
            "cause",
            "host",
            "instance",
            "interfaces",
            "locked",
            "policy",
            "services",
        ],
    ),
    (
        "runtime",
        &[
            "call",
            "capsule",
            "cause",
            "dispatch",
            "engine",
            "host",
            "instance",
            "interfaces",
            "locked",
            "policy",
            "process",
            "sandbox",
            "services",
            "workspace",
        ],
    ),
    ("engine", &["capsule", "hard_links", "sandbox"]),
    ("bindings", &["process"]),
    ("document", &["plain"]),
    ("hard_links", &["policy"]),
    ("blocking", &[]),
    ("cause", &[]),
    ("digest", &[]),
    ("lines", &[]),
    ("locked", &[]),
    ("pace", &["locked"]),
    ("plain", &[]),
    ("workspace", &[]),
];

/// The files whose path starts with `module`, a folder or a file of the library.
fn module(name: &str) -> Vec<Source> {
    let mut sources = sources(&format!("host/src/{name}"));
    sources.retain(|source| !source.is_tests());
    assert!(!sources.is_empty(), "no module {name}");
    sources
}

/// The whole library.
fn library() -> Vec<Source> {
    module("")
}

/// The paths below `crate::` in a line, from its modules on.
fn named(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|one: char| !(one.is_ascii_alphanumeric() || one == '_' || one == ':'));
        &rest[..end.unwrap_or(rest.len())]
    })
}

fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[test]
fn dependencies_point_one_way() {
    let mut wrong = Vec::new();
    for (name, allowed) in MAY_NAME {
        for source in module(name) {
            for line in source.code() {
                for path in named(line) {
                    // A type of the crate's root, or a macro's own path.
                    let in_module = path.starts_with(|one: char| one.is_ascii_lowercase());
                    let fits = is_within(path, name)
                        || allowed.iter().any(|module| is_within(path, module));
                    if in_module && !fits {
                        wrong.push(format!("{}: crate::{path}", source.path));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "against the direction: {wrong:#?}");
}

/// What the modules of the command line that judge whom to believe may name of it.
const OF_THE_PROGRAM: [(&str, &[&str]); 9] = [
    ("foreign", &[]),
    ("way", &[]),
    ("home", &["failure", "users", "way"]),
    ("mend", &["home", "without"]),
    ("users", &["foreign"]),
    ("kept", &["users", "way"]),
    (
        "trust",
        &[
            "around", "failure", "foreign", "home", "kept", "mend", "question", "users", "way",
            "without",
        ],
    ),
    (
        "project",
        &["failure", "foreign", "home", "report", "toolchain", "trust"],
    ),
    (
        "protected",
        &[
            "around", "failure", "foreign", "home", "project", "trust", "users", "way",
        ],
    ),
];

#[test]
fn nothing_that_judges_whom_to_believe_knows_who_asks() {
    let mut wrong = Vec::new();
    for (name, allowed) in OF_THE_PROGRAM {
        let files = [".rs", "/"].map(|end| format!("host/cli/src/{name}{end}"));
        let all = sources("host/cli/src/");
        let of_module = |source: &&Source| files.iter().any(|file| source.path.starts_with(file));
        for source in all.iter().filter(of_module) {
            for line in source.code() {
                let names = named(line).filter(|path| {
                    let all = allowed.iter().chain([&name]);
                    !all.clone().any(|module| is_within(path, module))
                });
                wrong.extend(names.map(|path| format!("{}: crate::{path}", source.path)));
            }
        }
    }
    assert!(wrong.is_empty(), "against the direction: {wrong:#?}");
}

#[test]
fn every_module_of_the_library_has_a_direction() {
    let mut modules: Vec<String> = library().iter().map(top).collect();
    modules.retain(|module| module != "lib");
    let mut named: Vec<&str> = MAY_NAME.iter().map(|(name, _)| *name).collect();
    named.sort_unstable();
    modules.sort_unstable();
    modules.dedup();
    assert_eq!(modules, named);
}

/// The module of the library's root that a file belongs to.
fn top(source: &Source) -> String {
    let inside = source.path.trim_start_matches("host/src/");
    let end = inside.find(['/', '.']).unwrap_or(inside.len());
    inside[..end].to_owned()
}

#[test]
fn nothing_may_be_named_that_nobody_names() {
    let mut unused = Vec::new();
    for (name, allowed) in MAY_NAME {
        let sources = module(name);
        let mut unnamed = allowed.to_vec();
        for line in sources.iter().flat_map(Source::code) {
            unnamed.retain(|module| !named(line).any(|path| is_within(path, module)));
        }
        unused.extend(unnamed.into_iter().map(|module| (name, module)));
    }
    assert!(unused.is_empty(), "no code needs these: {unused:?}");
}

#[test]
fn uses_of_the_crate_are_written_out() {
    // What the other tests read is `crate::module`.
    let found: Vec<String> = library()
        .iter()
        .flat_map(|source| source.mentions(&["crate::{", "crate::*"]))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_the_entry_knows_the_runtime() {
    let found: Vec<String> = library()
        .iter()
        .filter(|source| !source.path.starts_with("host/src/runtime"))
        .flat_map(|source| source.mentions(&["crate::runtime"]))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn pure_modules_stay_pure() {
    let words = [
        "wasmtime::",
        "wasmtime_wasi",
        "tokio",
        "std::fs",
        "std::process",
        "std::net",
        "std::env",
        "std::io",
        "std::thread",
        "rustix",
        " nix::",
    ];
    let pure = [
        "policy/",
        "capsule/id.rs",
        "capsule/manifest.rs",
        "capsule/manifest/",
        "capsule/config_key.rs",
        "capsule/config_value.rs",
        "document.rs",
        "document/",
        "process/ring.rs",
        "services/config.rs",
        "sandbox/git/arrange.rs",
        "sandbox/git/command",
        "sandbox/git/config.rs",
        "sandbox/git/index.rs",
        "sandbox/git/named.rs",
        "sandbox/git/names.rs",
        "sandbox/git/options",
        "sandbox/git/pieces.rs",
        "sandbox/git/remotes.rs",
        "sandbox/git/shapes.rs",
        "sandbox/git/shell.rs",
        "sandbox/git/substitution.rs",
        "sandbox/git/variables.rs",
        "sandbox/bubblewrap/plan.rs",
        "sandbox/direct/rules.rs",
        "sandbox/ruleset.rs",
        "sandbox/system.rs",
    ];
    let found: Vec<String> = pure
        .iter()
        .flat_map(|name| module(name))
        .flat_map(|source| source.mentions(&words))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn generated_types_stay_at_the_edge() {
    let bindgen: Vec<String> = library()
        .into_iter()
        .filter(|source| !source.mentions(&["bindgen!"]).is_empty())
        .map(|source| source.path)
        .collect();
    assert_eq!(bindgen, ["host/src/bindings.rs"]);
    let edge = [
        "host/src/interfaces/",
        "host/src/instance/",
        "host/src/runtime",
    ];
    let found: Vec<String> = library()
        .iter()
        .filter(|source| !edge.iter().any(|start| source.path.starts_with(start)))
        .flat_map(|source| source.mentions(&["crate::bindings", "super::bindings"]))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn processes_start_in_the_sandbox_only() {
    let words = [
        "posix_spawn",
        " Command::new",
        "(Command::new",
        "std::process",
        "tokio::process",
        "fork(",
        "execv",
    ];
    let found: Vec<String> = library()
        .iter()
        .filter(|source| !source.path.starts_with("host/src/sandbox/"))
        .flat_map(|source| source.mentions(&words))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_policy_makes_an_authorized_command() {
    let found: Vec<String> = library()
        .iter()
        .filter(|source| !source.path.starts_with("host/src/policy/"))
        .flat_map(|source| source.mentions(&["AuthorizedCommand::new", "AuthorizedCommand {"]))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_the_error_map_makes_failures_of_errors() {
    let mut sources = sources("host/cli/src/");
    sources.retain(|source| source.path != "host/cli/src/error_map.rs");
    let found: Vec<String> = sources
        .iter()
        .flat_map(|source| source.mentions(&["> for Failure"]))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}
