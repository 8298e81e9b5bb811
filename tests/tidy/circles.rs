//! No files name each other in a circle, but for the circles that are listed.

use crate::arrows::Arrows;

/// The circles of the library that are left. The lists may only become shorter.
const OF_THE_LIBRARY: [&[&str]; 1] = [&[
    "sandbox::construct",
    "sandbox::direct",
    "sandbox::home",
    "sandbox::launcher",
    "sandbox::mapping",
    "sandbox::probe",
    "sandbox::standby",
]];

#[test]
fn no_files_of_the_library_name_each_other_but_the_known_ones() {
    has_only(&Arrows::of("host/src"), &OF_THE_LIBRARY);
}

#[test]
fn no_files_of_the_command_line_name_each_other() {
    has_only(&Arrows::of("host/cli/src"), &[]);
}

/// Fails where there is another circle than the known ones, and where one of these is
/// smaller or gone.
fn has_only(arrows: &Arrows, known: &[&[&str]]) {
    let mut found = arrows.circles();
    found.iter_mut().for_each(|circle| circle.sort_unstable());
    found.sort_unstable();
    assert_eq!(found, known, "found, and known");
}
