//! No files name each other in a circle.

use crate::arrows::Arrows;

/// Folders of the library in which a file still has what those below it use, and uses
/// them. Each goes from the list when its code has moved; no other folder comes on it.
const LIBRARY: [&str; 5] = [
    "sandbox::bubblewrap",
    "sandbox::cgroup",
    "sandbox::direct",
    "sandbox::git",
    "sandbox::script",
];

/// Those of the command line.
const COMMAND_LINE: [&str; 8] = [
    "cases::report",
    "commands::explain",
    "conformance::case",
    "conformance::serve",
    "conformance::trial",
    "system_limit",
    "toolchain::bindings",
    "world",
];

#[test]
fn no_files_of_the_library_name_each_other() {
    has_none(&Arrows::of("host/src"), &LIBRARY);
}

#[test]
fn no_files_of_the_command_line_name_each_other() {
    has_none(&Arrows::of("host/cli/src"), &COMMAND_LINE);
}

/// Fails where files name each other, except where the face of a listed folder is one
/// of them: circles of the files below it alone are found there, too.
fn has_none(arrows: &Arrows, known: &[&str]) {
    let mut found = arrows.circles();
    found.retain(|circle| {
        let of_folder = |folder: &&str| {
            let within = |file: &&str| file.strip_prefix(*folder).is_some_and(is_rest);
            circle.contains(folder) && circle.iter().all(within)
        };
        !known.iter().any(of_folder)
    });
    assert!(found.is_empty(), "files that name each other: {found:#?}");
}

fn is_rest(of_path: &str) -> bool {
    of_path.is_empty() || of_path.starts_with("::")
}
