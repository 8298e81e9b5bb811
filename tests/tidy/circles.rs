//! No files name each other in a circle, but for the circles that are listed.

use crate::arrows::Arrows;

/// The circles of the library that are left. A list may only become shorter.
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

/// Those of the command line.
const OF_THE_COMMAND_LINE: [&[&str]; 1] =
    [&["toolchain::debian_sysroot", "toolchain::sysroot_layout"]];

#[test]
fn no_files_of_the_library_name_each_other_but_the_known_ones() {
    assert_eq!(Arrows::of("host/src").circles(), OF_THE_LIBRARY);
}

#[test]
fn no_files_of_the_command_line_name_each_other() {
    assert_eq!(Arrows::of("host/cli/src").circles(), OF_THE_COMMAND_LINE);
}
