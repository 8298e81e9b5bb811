//! No files name each other in a circle.

use crate::arrows::Arrows;

#[test]
fn no_files_of_the_library_name_each_other() {
    has_none(&Arrows::of("host/src"));
}

#[test]
fn no_files_of_the_command_line_name_each_other() {
    has_none(&Arrows::of("host/cli/src"));
}

fn has_none(arrows: &Arrows) {
    let found = arrows.circles();
    assert!(found.is_empty(), "files that name each other: {found:#?}");
}
