//! Building runs what a folder brings: only where its user said so.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use crate::support::environment::{Run, TestEnvironment};
use crate::support::without::Need;

/// A capsule whose Makefile leaves a mark, in a folder of its own.
pub(crate) struct Stranger {
    pub(crate) env: TestEnvironment,
}

const MAKEFILE: &str = "dist/capsule.wasm: component\n\tmkdir -p dist\n\techo ran >>../ran\n\
                        \tcp component $@\n";

impl Stranger {
    pub(crate) fn new() -> Self {
        let env = TestEnvironment::new();
        env.write(
            "other/Capsule.toml",
            "[capsule]\nid = \"other\"\nversion = \"1.0.0\"\n[[action]]\nname = \"echo\"\n\
             default = true\n[[process]]\nprogram = \"true\"\n",
        );
        env.write("other/Makefile", MAKEFILE);
        env.write("other/component", crate::support::guests::guests_bytes());
        env.write(
            "other/cases/x.toml",
            "[[case]]\nname = \"x\"\naction = \"echo\"\n",
        );
        Self { env }
    }

    pub(crate) fn ran(&self) -> usize {
        let text = fs::read_to_string(self.env.current().join("ran")).unwrap_or_default();
        text.lines().count()
    }

    pub(crate) fn component(&self) -> PathBuf {
        self.env.current().join("other/dist/capsule.wasm")
    }
}

#[test]
fn looking_at_a_capsule_waits_for_no_file() {
    let stranger = Stranger::new();
    let env = &stranger.env;
    for name in [
        "Cargo.toml",
        "package.json",
        "pyproject.toml",
        "go.mod",
        "tsconfig.json",
    ] {
        let path = env.current().join("other").join(name);
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).expect("a pipe");
        env.boll(&["check", "other"]).ends(2);
        env.boll(&["inspect", "other"]).fails(2);
        env.boll(&["explain", "other", "process", "true"]).ends(3);
        std::fs::remove_file(path).expect("removed");
    }
}

#[test]
fn looking_at_a_capsule_builds_nothing() {
    let stranger = Stranger::new();
    let env = &stranger.env;
    let check = env
        .boll(&["check", "other"])
        .ends(2)
        .says(&["is not built", "--build"]);
    assert!(check.stdout.contains("process:true"), "{check:#?}");
    env.boll(&["check", "other", "--world"])
        .fails(2)
        .says(&["is not built"]);
    env.boll(&["inspect", "other"])
        .fails(2)
        .says(&["is not built"]);
    let explained = env.boll(&["explain", "other", "process", "true"]).ends(3);
    assert!(explained.stdout.contains("denied: true"), "{explained:#?}");
    assert_eq!(stranger.ran(), 0);

    env.boll(&["build", "other"]).ends(0);
    assert_eq!(stranger.ran(), 1);
    assert_eq!(env.boll(&["check", "other"]).ends(0).stderr, "");
    env.write_newer("other/component2", "", &stranger.component());
    let check = env.boll(&["check", "other", "--output", "json"]).ends(0);
    assert_eq!(check.json()["component_state"], "stale");
    check.says(&["is older than its sources"]);
    env.boll(&["inspect", "other"])
        .ends(0)
        .says(&["is older than its sources"]);
    assert_eq!(stranger.ran(), 1);
}

#[test]
fn looking_builds_where_it_is_said() {
    for args in [
        &["check", "other", "--build"][..],
        &["inspect", "other", "--build"],
        &[
            "explain",
            "other",
            "--build",
            "--allow",
            "process:true",
            "process",
            "true",
        ],
        &["check", "other", "--world", "--build"],
    ] {
        let stranger = Stranger::new();
        stranger.env.boll(args).ends(0);
        assert_eq!(stranger.ran(), 1, "{args:?}");
    }
}

#[test]
fn a_folder_is_built_when_its_user_said_so_once() {
    let stranger = Stranger::new();
    let env = &stranger.env;
    let run = ["run", "other", "--allow", "process:true", "--payload", "x"];
    for args in [
        &run[..],
        &["test", "other"],
        &["dev", "other", "--allow", "process:true"],
    ] {
        env.boll(args)
            .fails(3)
            .says(&["was not built here before", "boll build", "--build"]);
    }
    let up = ["up", "other", "--allow", "other=process:true"];
    env.boll(&up).fails(3).says(&["was not built here before"]);
    assert_eq!(stranger.ran(), 0);
    env.boll(&[&run[..], &["--build"]].concat()).ends(0);
    assert_eq!(stranger.ran(), 1);
    // From now on it is trusted, and built again without a word.
    fs::remove_file(stranger.component()).expect("removed");
    env.boll(&run).ends(0);
    assert_eq!(stranger.ran(), 2);
    // Another manifest is another capsule.
    let manifest = env.current().join("other/Capsule.toml");
    let text = fs::read_to_string(&manifest).expect("it");
    fs::write(&manifest, text.replace("1.0.0", "2.0.0")).expect("written");
    fs::remove_file(stranger.component()).expect("removed");
    env.boll(&run).fails(3);
    assert_eq!(stranger.ran(), 2);
    env.boll(&["build", "other"]).ends(0);
    env.boll(&run).ends(0);
    env.boll(&["test", "other"]).ends(0);
}

#[test]
fn grants_are_judged_before_anything_is_built() {
    let stranger = Stranger::new();
    let env = &stranger.env;
    env.boll(&["run", "other", "--build"])
        .fails(3)
        .says(&["needs permissions that have not been granted: \"process:true\""]);
    env.boll(&[
        "run",
        "other",
        "--build",
        "--allow",
        "process:true",
        "--workspace",
        "/",
    ])
    .fails(2)
    .says(&["the whole machine"]);
    assert_eq!(stranger.ran(), 0);
}

#[test]
fn a_build_cannot_change_what_was_consented_to() {
    let stranger = Stranger::new();
    let env = &stranger.env;
    let more = "[[process]]\\nprogram = \\\"sh\\\"\\n";
    let makefile = format!("{MAKEFILE}\tprintf \"{more}\" >>Capsule.toml\n");
    env.write("other/Makefile", makefile);
    env.boll(&["run", "other", "--build", "--allow", "process:true"])
        .fails(2)
        .says(&["was changed while its capsule was built"]);
    let manifest = fs::read_to_string(env.current().join("other/Capsule.toml")).expect("it");
    assert!(manifest.contains("\"sh\""), "the recipe ran: {manifest}");
}

#[test]
fn consent_that_has_another_name_is_asked_for_again() {
    let env = TestEnvironment::new();
    let text = "[capsule]\nid = \"other\"\nversion = \"1.0.0\"\n\
                [[action]]\nname = \"echo\"\ndefault = true\n";
    env.write("other/Capsule.toml", text);
    env.write("other/Makefile", "all:\n\tfalse\n");
    env.boll(&["build", "other"]).fails(2);
    env.boll(&["run", "other"]).fails(2).says(&["make"]);
    let home = env.current().with_file_name("home");
    let records = fs::read_dir(home.join(".local/state/boll/built")).expect("records");
    for record in records {
        let record = record.expect("a record").path();
        fs::hard_link(&record, env.current().join("name")).expect("a link");
    }
    env.boll(&["run", "other"])
        .fails(3)
        .says(&["was not built here before"]);
    fs::remove_file(env.current().join("name")).expect("removed");
    env.boll(&["run", "other"]).fails(2).says(&["make"]);
}

#[test]
fn consent_is_for_the_very_folder_as_long_as_it_is_there() {
    let stranger = Stranger::new();
    let env = &stranger.env;
    env.write("work/kept", "");
    let (tool, aside) = (env.current().join("work/tool"), env.current().join("aside"));
    fs::rename(env.current().join("other"), &tool).expect("moved");
    env.boll(&["build", "work/tool"]).ends(0);
    let guests = env.guests("[[process]]\nprogram = \"true\"\nworkspace = \"read-write\"\n");
    let allow = ["--allow", "process:true", "--allow", "workspace:write"];
    let write = ["run", &guests, "nothing", "--workspace", "work"];
    let writing = || env.boll(&[&write[..], &allow].concat());
    let run = [
        "run",
        "work/tool",
        "--allow",
        "process:true",
        "--payload",
        "x",
    ];
    writing().fails(2).says(&["which Boll builds"]);
    // It is not there: nothing that is made in its place is built.
    fs::rename(&tool, &aside).expect("moved");
    writing().ends(0);
    // It is the same again.
    fs::rename(&aside, &tool).expect("moved");
    writing().fails(2).says(&["which Boll builds"]);
    fs::remove_file(tool.join("dist/capsule.wasm")).expect("removed");
    env.boll(&run).ends(0);
    // One with the same files, and on many file systems with the same number.
    for _ in 0..20 {
        let copied = env.command("cp").arg("-r").arg(&tool).arg(&aside).status();
        assert!(copied.expect("cp").success());
        fs::remove_dir_all(&tool).expect("removed");
        fs::create_dir(&tool).expect("a folder");
        for entry in fs::read_dir(&aside).expect("it").flatten() {
            fs::rename(entry.path(), tool.join(entry.file_name())).expect("moved");
        }
        fs::remove_dir_all(&aside).expect("removed");
        let ran = stranger.ran();
        let _ = fs::remove_file(tool.join("dist/capsule.wasm"));
        env.boll(&run).fails(3).says(&["was not built here before"]);
        assert_eq!(stranger.ran(), ran);
    }
}

/// Something that opens a folder to others, and what closes it again.
struct Opening<'a> {
    what: &'a str,
    open: &'a dyn Fn(&Path),
    close: &'a dyn Fn(&Path),
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
}

/// Neither root nor whoever runs the tests.
const OTHER: Option<u32> = Some(54_321);

#[test]
fn consent_holds_only_while_nobody_else_may_change_the_folder() {
    let stranger = Stranger::new();
    let env = &stranger.env;
    env.write("parent/kept", "");
    env.write("elsewhere/x.mk", "");
    env.write("other/src/x", "");
    let current = env.current();
    fs::rename(current.join("other"), current.join("parent/other")).expect("moved");
    let own = nix::unistd::geteuid().as_raw();
    let (gives, takes) = (
        |path: PathBuf| chown(path, OTHER, OTHER).expect("chown"),
        |path: PathBuf| chown(path, Some(own), Some(own)).expect("chown"),
    );
    let anybodys = |path: PathBuf, name: &str| {
        fs::remove_file(path.join("mk")).unwrap_or_default();
        symlink(current.join(name), path.join("mk")).expect("a link");
    };
    let unlinked = |at: &Path| fs::remove_file(at.join("parent/other/mk")).expect("removed");
    let for_all = [
        Opening {
            what: "the folder",
            open: &|at| mode(&at.join("parent/other"), 0o777),
            close: &|at| mode(&at.join("parent/other"), 0o755),
        },
        Opening {
            what: "a sticky folder",
            open: &|at| mode(&at.join("parent/other"), 0o1777),
            close: &|at| mode(&at.join("parent/other"), 0o755),
        },
        Opening {
            what: "the folder above",
            open: &|at| mode(&at.join("parent"), 0o777),
            close: &|at| mode(&at.join("parent"), 0o755),
        },
        Opening {
            what: "a folder below",
            open: &|at| mode(&at.join("parent/other/src"), 0o777),
            close: &|at| mode(&at.join("parent/other/src"), 0o755),
        },
        Opening {
            what: "a file",
            open: &|at| mode(&at.join("parent/other/Makefile"), 0o666),
            close: &|at| mode(&at.join("parent/other/Makefile"), 0o644),
        },
        Opening {
            what: "a link to what all may write",
            open: &|at| {
                mode(&at.join("elsewhere/x.mk"), 0o666);
                anybodys(at.join("parent/other"), "elsewhere/x.mk");
            },
            close: &unlinked,
        },
        Opening {
            what: "a link to what all may make",
            open: &|at| {
                mode(&at.join("elsewhere"), 0o777);
                anybodys(at.join("parent/other"), "elsewhere/none.mk");
            },
            close: &unlinked,
        },
    ];
    let of_root = [
        Opening {
            what: "the folder above is another's",
            open: &|at| gives(at.join("parent")),
            close: &|at| takes(at.join("parent")),
        },
        Opening {
            what: "what cargo reads above is another's",
            open: &|at| {
                mode(&at.join("parent"), 0o1777);
                fs::create_dir(at.join("parent/.cargo")).expect("a folder");
                gives(at.join("parent/.cargo"));
            },
            close: &|at| {
                fs::remove_dir(at.join("parent/.cargo")).expect("removed");
                mode(&at.join("parent"), 0o755);
            },
        },
        Opening {
            what: "a file that tools read above is another's",
            open: &|at| {
                mode(&at.join("parent"), 0o1777);
                fs::write(at.join("parent/rust-toolchain.toml"), "").expect("written");
                gives(at.join("parent/rust-toolchain.toml"));
            },
            close: &|at| {
                fs::remove_file(at.join("parent/rust-toolchain.toml")).expect("removed");
                mode(&at.join("parent"), 0o755);
            },
        },
        Opening {
            what: "a folder below is another's",
            open: &|at| gives(at.join("parent/other/src")),
            close: &|at| takes(at.join("parent/other/src")),
        },
        Opening {
            what: "a file is another's",
            open: &|at| gives(at.join("parent/other/src/x")),
            close: &|at| takes(at.join("parent/other/src/x")),
        },
        Opening {
            what: "a group writes",
            open: &|at| {
                chown(at.join("parent/other"), None, OTHER).expect("chown");
                mode(&at.join("parent/other"), 0o2775);
            },
            close: &|at| {
                takes(at.join("parent/other"));
                mode(&at.join("parent/other"), 0o755);
            },
        },
    ];
    let root = own == 0;
    let root = Need::Root.is_met((!root).then_some("only root gives files away"));
    let openings = for_all.iter().chain(of_root.iter().filter(|_| root));

    let folder = "parent/other";
    env.boll(&["build", folder]).ends(0);
    let built = current.join("parent/other/dist/capsule.wasm");
    let run = ["run", folder, "--allow", "process:true", "--payload", "x"];
    for Opening { what, open, close } in openings {
        let ran = stranger_ran(current);
        open(current);
        fs::remove_file(&built).expect("removed");
        for args in [&run[..], &["test", folder]] {
            let refused = env.boll(args).fails(3);
            refused.says(&["by other users", "boll build"]);
        }
        assert_eq!(stranger_ran(current), ran, "{what}");
        close(current);
        env.boll(&run).ends(0);
        assert_eq!(stranger_ran(current), ran + 1, "{what}, closed");
    }
}

fn stranger_ran(current: &Path) -> usize {
    let text = fs::read_to_string(current.join("parent/ran")).unwrap_or_default();
    text.lines().count()
}

#[test]
fn where_consent_cannot_be_kept_the_flag_is_named_first() {
    let stranger = Stranger::new();
    let env = &stranger.env;
    let run = |args: &[&str]| {
        let mut boll = env.boll_command(args);
        let output = boll.env("HOME", "/proc/nowhere").output();
        Run::of(output.expect("boll starts"))
    };
    let asked = ["run", "other", "--allow", "process:true", "--payload", "x"];
    let refused = run(&asked).fails(3);
    let first = refused.stderr.split("help: ").nth(1).expect("a hint");
    assert!(
        first.starts_with("to build it this once: add --build"),
        "{refused:?}"
    );
    assert!(!refused.stderr.contains("from then on"), "{refused:?}");
    assert_eq!(stranger.ran(), 0);
    run(&[&asked[..], &["--build"]].concat()).ends(0);
    assert_eq!(stranger.ran(), 1);
}
