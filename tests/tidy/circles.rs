//! No files name each other in a circle, but for the circles that are listed.

use crate::arrows::Arrows;

/// The circles of the library that are left. The lists may only become shorter.
const OF_THE_LIBRARY: [&[&str]; 6] = [
    &[
        "process::child",
        "process::children",
        "process::stdin",
        "process::supervisor",
    ],
    &["sandbox::cgroup::hierarchy", "sandbox::cgroup::place"],
    &[
        "sandbox::construct",
        "sandbox::direct",
        "sandbox::home",
        "sandbox::launcher",
        "sandbox::mapping",
        "sandbox::probe",
        "sandbox::standby",
    ],
    &["sandbox::git", "sandbox::plan", "sandbox::settings"],
    &[
        "sandbox::git::absent",
        "sandbox::git::appeared",
        "sandbox::git::survey",
    ],
    &["sandbox::seccomp::arguments", "sandbox::seccomp::layout"],
];

#[test]
fn no_files_of_the_library_name_each_other_but_the_known_ones() {
    has_only(&Arrows::of("host/src"), &OF_THE_LIBRARY);
}

#[test]
fn no_files_of_the_command_line_name_each_other() {
    has_only(&Arrows::of("host/cli/src"), &[]);
}

/// Fails where there is a circle that is not part of a known one, and where a known one
/// is gone.
fn has_only(arrows: &Arrows, known: &[&[&str]]) {
    let found = arrows.circles();
    let is_in = |circle: &Vec<&str>, known: &[&str]| circle.iter().all(|one| known.contains(one));
    let mut new = found.clone();
    new.retain(|circle| !known.iter().any(|known| is_in(circle, known)));
    assert!(new.is_empty(), "files that name each other: {new:#?}");
    let mut gone = known.to_vec();
    gone.retain(|known| !found.iter().any(|circle| is_in(circle, known)));
    assert!(gone.is_empty(), "take them out of the list: {gone:#?}");
}
