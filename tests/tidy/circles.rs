//! No files name each other in a circle.

use crate::arrows::Arrows;

/// Folders of the library in which a file still has what those below it use, and uses
/// them. Each goes from the list when its code has moved; no other folder comes on it.
const LIBRARY: [&str; 6] = [
    "sandbox::bubblewrap",
    "sandbox::cgroup",
    "sandbox::direct",
    "sandbox::git",
    "sandbox::git::survey",
    "sandbox::script",
];

/// Those of the command line.
const COMMAND_LINE: [&str; 9] = [
    "cases::report",
    "commands::explain",
    "conformance::case",
    "conformance::mutants",
    "conformance::serve",
    "system_limit",
    "toolchain::bindings",
    "toolchain::python",
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

/// Fails where files name each other, except where the face of a listed folder is one of
/// them and the rest lies below it; and where a listed folder has no such circle any more.
fn has_none(arrows: &Arrows, known: &[&str]) {
    let mut arrows = arrows.clone();
    for folder in known {
        let is_below = |file: &&str| file.strip_prefix(folder).is_some_and(is_rest);
        let circles = arrows.circles();
        let own = circles.iter().find(|circle| circle.contains(folder));
        let own = own.unwrap_or_else(|| panic!("{folder} is listed, and has no circle"));
        assert!(
            own.iter().all(is_below),
            "files that name each other: {own:#?}"
        );
        arrows = arrows.without(folder);
    }
    let found = arrows.circles();
    assert!(found.is_empty(), "files that name each other: {found:#?}");
}

fn is_rest(of_path: &str) -> bool {
    of_path.is_empty() || of_path.starts_with("::")
}
