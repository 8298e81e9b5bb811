//! Several projects that are built here: each is searched as if there were no other. And
//! large ones are searched in full.

use std::fmt::Write as _;

use super::*;

fn taken(root: &Path, projects: &[&str]) -> Vec<PathBuf> {
    let folders: Vec<PathBuf> = projects.iter().map(|name| root.join(name)).collect();
    taken_by(&folders, &[], None, LIMITS).into_iter().collect()
}

#[test]
fn what_one_project_has_walked_is_looked_through_for_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    plant(
        &root,
        &[
            (
                "a/Cargo.toml",
                "[dependencies]\nlib = { path = \"../lib\" }",
            ),
            (
                "b/Cargo.toml",
                "[dependencies]\nlib = { path = \"../lib\" }",
            ),
            ("b/Makefile", "all:\n\t$(X)/gen"),
            // Nothing marks it as a script.
            ("lib/gen", ". ROOT/ws/env"),
        ],
    );
    assert!(!refused(&taken(&root, &["a"]), &root.join("ws")));
    for projects in [&["b"][..], &["a", "b"], &["b", "a"]] {
        let places = taken(&root, projects);
        assert!(
            refused(&places, &root.join("ws")),
            "{projects:?}: {places:?}"
        );
        assert!(!refused(&places, &root.join("beside")), "{projects:?}");
    }
}

#[test]
fn a_file_is_followed_from_each_folder_that_it_runs_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    let mut makefile = "all:\n".to_owned();
    for number in 0..40 {
        fs::create_dir_all(root.join(format!("capsule/d{number}"))).expect("folders");
        // Writing to a String cannot fail.
        let _ = writeln!(makefile, "\tcd d{number} && ../tools/gen");
    }
    makefile += "\tcd z/deep/er && ../../../tools/gen\n";
    fs::create_dir_all(root.join("capsule/z/deep/er")).expect("folders");
    plant(&root, &[("capsule/tools/gen", ". ../../../../ws/env")]);
    fs::write(root.join("capsule/Makefile"), makefile).expect("written");
    let places = taken(&root, &["capsule"]);
    assert!(refused(&places, &root.join("ws")), "{places:?}");
}

#[test]
fn a_script_of_very_many_words_is_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    plant(
        &root,
        &[
            // From its own folder, that is in the project.
            ("capsule/sub/x/tool", ". ../../ws/env"),
            ("capsule/more.py", "x = 'ROOT/ws/tool'"),
        ],
    );
    let mut many = String::new();
    for number in 0..30_000 {
        let _ = write!(many, " w{number}");
    }
    let places = taken(&root, &["capsule"]);
    assert!(!refused(&places, &root.join("ws")), "{places:?}");
    // In a call, and as a module.
    let makefile = format!("all:\n\ttrue{many}\n\tcd sub && x/tool\n");
    let script = format!("import more\nx = \"\"\"{many}\"\"\"\n");
    for (name, text) in [("Makefile", makefile), ("setup.py", script)] {
        let path = root.join("capsule").join(name);
        fs::write(&path, text).expect("written");
        let places = taken(&root, &["capsule"]);
        assert!(refused(&places, &root.join("ws")), "{name}: {places:?}");
        fs::remove_file(path).expect("removed");
    }
}
