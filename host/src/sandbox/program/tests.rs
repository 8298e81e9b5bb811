use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use rustix::fs::{Mode, OFlags};

use super::*;

/// A workspace with a tool, and a view that shows two directories beside it: one
/// of the system's, and one that a process may be able to change.
struct Bench {
    root: tempfile::TempDir,
    view: View,
}

fn bench() -> Bench {
    bench_with_workspace("workspace")
}

/// With the workspace in another place.
fn bench_with_workspace(place: &str) -> Bench {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().canonicalize().unwrap();
    let directories = ["system", "further", place].map(|name| path.join(name));
    for directory in &directories {
        fs::create_dir(directory).unwrap();
        executable(&directory.join("tool"));
    }
    let [system, further, workspace] = directories;
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let workspace = rustix::fs::open(workspace, flags, Mode::empty()).unwrap();
    let (system, further) = (vec![system], vec![further]);
    Bench {
        root,
        view: View::new(system, further, workspace, "/workspace".into()).unwrap(),
    }
}

fn executable(path: &Path) {
    fs::write(path, "").unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// How a program is executed, in a word.
fn execution(program: &ResolvedProgram) -> &'static str {
    match program.execution {
        Execution::Named => "named",
        Execution::Real => "real",
        Execution::Judged(_) => "judged",
    }
}

impl Bench {
    /// A path beside the sandbox's own.
    fn at(&self, path: &str) -> PathBuf {
        self.root.path().canonicalize().unwrap().join(path)
    }

    fn link(&self, name: &str, target: &Path) -> String {
        symlink(target, self.at("workspace").join(name)).unwrap();
        format!("/workspace/{name}")
    }

    fn real(&self, name: &str) -> Result<PathBuf, ProgramError> {
        self.view.resolve(name).map(|program| program.real)
    }
}

#[test]
fn a_link_is_judged_by_what_it_leads_to() {
    let bench = bench();
    let tool = bench.at("system/tool");
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
        assert!(is_not_shown(&bench.real(name)), "{name}");
    }
}

fn is_not_shown<T>(found: &Result<T, ProgramError>) -> bool {
    matches!(found, Err(ProgramError::NotShown { .. }))
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
    let other = bench.at("system-other");
    executable(&other);
    assert!(is_not_shown(&bench.real(other.to_str().unwrap())));
}

#[test]
fn bare_names_are_looked_up_in_the_path_only() {
    let bench = bench();
    for name in ["tool", "", "..", "a/b"] {
        assert_eq!(bench.real(name), Err(ProgramError::NotFound(name.into())));
    }
}

#[test]
fn what_no_process_can_change_is_executed_by_its_name() {
    let bench = bench();
    let system = bench.at("system");
    symlink("tool", system.join("link")).unwrap();
    for name in ["tool", "link"] {
        let name = system.join(name).display().to_string();
        let program = bench.view.resolve(&name).unwrap();
        assert_eq!(execution(&program), "named", "{name}");
    }
}

#[test]
fn what_a_link_of_the_workspace_leads_to_is_executed_by_its_real_path() {
    let bench = bench();
    let tool = bench.at("system/tool");
    let link = bench.link("tool2", &tool);
    let twice = bench.link("twice", Path::new("tool2"));
    for name in [link, twice] {
        let program = bench.view.resolve(&name).unwrap();
        assert_eq!((execution(&program), &program.real), ("real", &tool));
    }
}

#[test]
fn what_a_process_may_be_able_to_replace_is_executed_as_it_was_judged() {
    let bench = bench();
    let inside = PathBuf::from("/workspace/tool");
    let link = bench.link("link", &inside);
    for name in [
        "/workspace/tool",
        &link,
        &bench.at("further/tool").display().to_string(),
    ] {
        let program = bench.view.resolve(name).unwrap();
        let Execution::Judged(file) = &program.execution else {
            panic!("{name}: {program:?}")
        };
        let on_host = match program.real.strip_prefix("/workspace") {
            Ok(below) => bench.at("workspace").join(below),
            Err(_) => program.real.clone(),
        };
        let (judged, there) = (
            rustix::fs::fstat(file).unwrap(),
            rustix::fs::stat(&on_host).unwrap(),
        );
        assert_eq!((judged.st_dev, judged.st_ino), (there.st_dev, there.st_ino));
    }
}

#[test]
fn a_workspace_in_a_directory_of_the_systems_is_seen_there_too() {
    let bench = bench_with_workspace("system/local");
    let name = bench.at("system/local/tool").display().to_string();
    let program = bench.view.resolve(&name).unwrap();
    assert_eq!(execution(&program), "judged");
    let beside = bench.at("system/tool").display().to_string();
    let program = bench.view.resolve(&beside).unwrap();
    assert_eq!(execution(&program), "named");
}

#[test]
fn a_way_through_a_file_or_too_deep_leads_nowhere() {
    let bench = bench();
    let deep = "d/".repeat(200);
    fs::create_dir_all(bench.at("workspace").join(&deep)).unwrap();
    executable(&bench.at("workspace").join(&deep).join("tool"));
    let files = || fs::read_dir("/proc/self/fd").unwrap().count();
    let before = files();
    for name in [
        "/workspace/tool/../tool".to_owned(),
        "/workspace/tool/x".to_owned(),
        format!("/workspace/{deep}tool"),
        "/workspace/../../..".to_owned(),
    ] {
        assert!(bench.view.resolve(&name).is_err(), "{name}");
    }
    // Others open files at the same time, but not by the hundred.
    assert!(files() < before + 100);
}

#[test]
fn a_link_to_what_is_not_shown_is_told_with_the_line_that_shows_it() {
    let bench = bench();
    symlink("/opt/tool-1.2/bin/tool", bench.at("system/linked")).unwrap();
    symlink("linked", bench.at("system/second")).unwrap();
    let name = bench.at("system/second").display().to_string();
    let error = bench.real(&name).unwrap_err();
    let expected = ProgramError::NotShown {
        name: name.clone(),
        at: "/opt/tool-1.2/bin/tool".into(),
        show: "/opt/tool-1.2".into(),
    };
    assert_eq!(error, expected);
    let text = error.to_string();
    assert!(text.contains("leads to /opt/tool-1.2/bin/tool"), "{text}");
    assert!(text.ends_with("read-only = [\"/opt/tool-1.2\"]"), "{text}");
}

#[test]
fn nothing_tells_whether_there_is_something_that_is_not_shown() {
    let bench = bench();
    fs::create_dir(bench.at("hidden")).unwrap();
    executable(&bench.at("hidden/there"));
    let told = |name: &str| {
        let path = bench.at("hidden").join(name).display().to_string();
        let direct = bench.real(&path).unwrap_err().to_string();
        let link = bench.link(&format!("link-{name}"), Path::new(&path));
        let linked = bench.real(&link).unwrap_err().to_string();
        [direct, linked].map(|text| text.replace(name, "NAME"))
    };
    assert_eq!(told("there"), told("missing"));
}

#[test]
fn what_is_to_be_shown_is_the_programs_own_and_no_more() {
    for (program, shown) in [
        ("/opt/foo/bin/foo", "/opt/foo"),
        ("/opt/bin/foo", "/opt/bin/foo"),
        ("/opt/foo", "/opt/foo"),
        ("/srv/tools/run", "/srv/tools/run"),
        ("/home/me/.cargo/bin/cargo", "/home/me/.cargo/bin/cargo"),
        ("/home/me/.local/bin/x", "/home/me/.local/bin/x"),
        ("/home/me/bin/x", "/home/me/bin/x"),
        (
            "/home/me/.nvm/versions/node/v22/bin/node",
            "/home/me/.nvm/versions/node/v22",
        ),
        (
            "/root/.pyenv/versions/3.12/bin/python",
            "/root/.pyenv/versions/3.12",
        ),
    ] {
        assert_eq!(to_show(Path::new(program)), Path::new(shown), "{program}");
    }
}

#[test]
fn further_directories_of_the_path_come_first() {
    let bench = bench();
    let first = bench.at("further");
    let view = bench.view.with_path(std::slice::from_ref(&first));
    assert_eq!(view.resolve("tool").unwrap().real, first.join("tool"));
    assert!(view.resolve("sh").is_err(), "this view has no /bin");
}

#[test]
fn what_a_link_names_cannot_pass_for_the_hosts_words() {
    let at = PathBuf::from("/opt/x\"]\nexpose = [\"/root\nwarnings\u{202e}");
    let error = ProgramError::NotShown {
        name: "a\nb".into(),
        show: at.clone(),
        at,
    };
    let text = error.to_string();
    assert!(!text.contains(['\n', '\u{202e}']), "{text}");
    let line = text.rsplit_once("in [sandbox]: ").unwrap().1;
    let table: toml::Table = line.parse().unwrap();
    let shown = table["read-only"].as_array().unwrap();
    assert_eq!(table.len(), 1, "{line}");
    assert_eq!(
        shown[0].as_str(),
        Some("/opt/x\"]\nexpose = [\"/root\nwarnings\u{202e}")
    );
    for error in [
        ProgramError::NotFound("a\nb".into()),
        ProgramError::NotExecutable("a\nb".into()),
    ] {
        assert!(error.to_string().contains("`a\\nb`"), "{error}");
    }
}
