//! Building again: after an interruption, and where the tools are gone.

use std::fs;

use crate::building::Stranger;
use crate::support::environment::TestEnvironment;
use crate::terminal::Terminal;

#[test]
fn what_an_interrupted_build_left_is_built_again() {
    let stranger = Stranger::new();
    let env = &stranger.env;
    env.boll(&["build", "other"]).ends(0);
    assert_eq!(stranger.ran(), 1);
    // As `kill -9` leaves it while the tool writes: half a component, newer than its sources.
    let mark = stranger.component().with_extension("building");
    fs::write(&mark, "").expect("written");
    fs::write(stranger.component(), b"\0asm\x0d\0\x01\0half").expect("written");
    let args = ["run", "other", "--allow", "process:true", "--payload", "x"];
    let run = env.boll(&args).ends(0);
    assert_eq!((run.stdout.as_str(), stranger.ran()), ("x", 2));
    assert!(!mark.exists());
    env.boll(&args).ends(0);
    assert_eq!(stranger.ran(), 2);
}

#[test]
fn what_is_built_and_unchanged_runs_without_the_tools_of_its_language() {
    let rust = crate::example("rust");
    let repository = crate::support::repository::Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    let tools = tempfile::tempdir().expect("a folder");
    for name in ["git", "bwrap"] {
        let found = env
            .command("sh")
            .args(["-c", &format!("command -v {name}")])
            .output();
        let found = String::from_utf8(found.expect("sh").stdout).expect("UTF-8");
        std::os::unix::fs::symlink(found.trim(), tools.path().join(name)).expect("a link");
    }
    let args = ["run", &*rust, "--allow", crate::GIT_LOG];
    let run = env.boll_on(tools.path(), &args).ends(0);
    assert_eq!(run.json(), repository.expected_report(1000));
    // A capsule with a Makefile, which is changed then.
    let stranger = Stranger::new();
    let env = &stranger.env;
    let args = [
        "run",
        "other",
        "--build",
        "--allow",
        "process:true",
        "--payload",
        "x",
    ];
    env.boll(&args).ends(0);
    env.boll_on(tools.path(), &args).ends(0).says(&[
        "the tool that builds",
        "is missing",
        "no source in the folder is newer",
    ]);
    let component = stranger.component();
    env.write_newer("other/src/changed", "", &component);
    env.boll_on(tools.path(), &args).fails(4).says(&["make"]);
}

#[test]
fn errors_of_a_tool_reach_a_terminal_with_their_colours_and_nothing_else_that_it_obeys() {
    let stranger = Stranger::new();
    let env = &stranger.env;
    env.write(
        "other/Makefile",
        "dist/capsule.wasm:\n\t@printf '\\033[1;31merror[E1]\\033[0m: no \\033]0;title\\007\\033[2J\\n' >&2\n\t@exit 1\n",
    );
    let terminal = Terminal::start(env, &["build", "other"]);
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(2), "{screen:?}");
    let shown = "\u{1b}[1;31merror[E1]\u{1b}[0m: no \\u{1b}]0;title\\u{7}\\u{1b}[2J";
    assert!(screen.contains(shown), "{screen:?}");
    assert!(screen.contains("`make` failed"), "{screen:?}");
    // Elsewhere, and where nobody wants colours, there are none.
    let run = env.boll(&["build", "other"]).fails(2);
    assert!(run.stderr.contains("error[E1]: no "), "{run:#?}");
    assert!(!run.stderr.contains('\u{1b}'), "{run:#?}");
}
