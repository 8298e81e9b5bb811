use std::os::unix::fs::symlink;

use super::*;

/// A workspace with a tool, and a view that shows one directory beside it.
struct Bench {
    root: tempfile::TempDir,
    view: View,
}

fn bench() -> Bench {
    let root = tempfile::tempdir().unwrap();
    let shared = root.path().canonicalize().unwrap().join("shared");
    let workspace = root.path().join("workspace");
    for directory in [&shared, &workspace] {
        fs::create_dir(directory).unwrap();
        executable(&directory.join("tool"));
    }
    Bench {
        root,
        view: View {
            shared: vec![shared],
            workspace_inside: "/workspace".into(),
            workspace,
        },
    }
}

fn executable(path: &Path) {
    fs::write(path, "").unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

impl Bench {
    fn link(&self, name: &str, target: &Path) -> String {
        symlink(target, self.view.workspace.join(name)).unwrap();
        format!("/workspace/{name}")
    }

    fn real(&self, name: &str) -> Result<PathBuf, ProgramError> {
        self.view.resolve(name).map(|program| program.real)
    }
}

#[test]
fn a_link_is_judged_by_what_it_leads_to() {
    let bench = bench();
    let tool = bench.view.shared[0].join("tool");
    let link = bench.link("git", &tool);
    let program = bench.view.resolve(&link).unwrap();
    assert_eq!(program.path, Path::new("/workspace/git"));
    assert_eq!(program.real, tool);
}

#[test]
fn links_are_followed_as_inside_the_sandbox() {
    let bench = bench();
    let tool = PathBuf::from("/workspace/tool");
    let absolute = bench.link("absolute", &tool);
    let relative = bench.link("relative", Path::new("../workspace/./tool"));
    assert_eq!(bench.real(&absolute), Ok(tool.clone()));
    assert_eq!(bench.real(&relative), Ok(tool));
}

#[test]
fn what_the_sandbox_does_not_show_is_not_there() {
    let bench = bench();
    let hidden = bench.root.path().join("hidden");
    executable(&hidden);
    let link = bench.link("link", &hidden);
    let up = bench.link("up", Path::new("../hidden"));
    for name in [hidden.to_str().unwrap(), &link, &up] {
        assert_eq!(bench.real(name), Err(ProgramError::NotFound(name.into())));
    }
}

#[test]
fn links_in_a_circle_are_not_found() {
    let bench = bench();
    let first = bench.link("first", Path::new("second"));
    bench.link("second", Path::new("first"));
    assert_eq!(
        bench.real(&first),
        Err(ProgramError::NotFound(first.clone()))
    );
}

#[test]
fn a_path_that_only_starts_alike_is_not_shown() {
    let bench = bench();
    let other = PathBuf::from(format!("{}-other", bench.view.shared[0].display()));
    executable(&other);
    let name = other.to_str().unwrap();
    assert_eq!(bench.real(name), Err(ProgramError::NotFound(name.into())));
}

#[test]
fn bare_names_are_looked_up_in_the_path_only() {
    let bench = bench();
    for name in ["tool", "", "..", "a/b"] {
        assert_eq!(bench.real(name), Err(ProgramError::NotFound(name.into())));
    }
}
