//! What the shell lets the program use (`ulimit`), and where its output goes: too
//! little is an error that says so.

use std::fs::OpenOptions;
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;

use nix::unistd::{Gid, Uid};

use crate::support::components::slow;
use crate::support::environment::{BOLL, Run, TestEnvironment};
use crate::support::without::Need;

/// Runs `boll` under limits of the shell's.
fn limited(env: &TestEnvironment, limits: &str, args: &str) -> Run {
    let mut shell = env.command("bash");
    shell.args(["-c", &format!("{limits}; exec {BOLL} {args}")]);
    Run::of(shell.output().expect("a shell"))
}

/// What everybody does.
fn commands(guests: &str) -> [String; 5] {
    [
        format!("run {guests} echo --payload hi --allow 'process:echo'"),
        format!("check {guests}"),
        format!("test {guests} --trust"),
        format!("inspect {guests}"),
        "--version".to_owned(),
    ]
}

const MANIFEST: &str = "[[action]]\nname = \"echo\"\ndefault = true\n\
                        [[process]]\nprogram = \"echo\"\n";

const CASE: &str = "[[case]]\nname = \"echo\"\naction = \"echo\"\npayload = \"x\"\n\
                    [case.expect]\nreply = \"x\"\n";

#[track_caller]
fn orderly(run: &Run) {
    for crash in [
        "panicked",
        "backtrace",
        "overflowed its stack",
        "allocation of",
    ] {
        assert!(!run.stderr.contains(crash), "{run:#?}");
    }
}

#[test]
fn too_little_room_is_told_with_the_limit_and_how_to_raise_it() {
    let env = TestEnvironment::new();
    let guests = env.guests(MANIFEST);
    env.write("guests/cases/echo.toml", CASE);
    for (limits, option) in [
        ("ulimit -n 10", "-n"),
        ("ulimit -f 0", "-f"),
        ("ulimit -v 200000", "-v"),
        ("ulimit -d 50000", "-d"),
        ("ulimit -s 63", "-s"),
        ("ulimit -s 16", "-s"),
    ] {
        for args in commands(&guests) {
            // A file in the place of the pipe would be limited, too.
            let run = limited(&env, limits, &args);
            orderly(&run);
            if args == "--version" {
                run.ends(0);
            } else {
                let raise = match Uid::effective().is_root() {
                    true => format!("to raise it: ulimit {option} "),
                    false => format!("its hard limit (`ulimit -H {option}`)"),
                };
                run.fails(4).says(&[&format!("`ulimit {option}`"), &raise]);
            }
        }
    }
}

#[test]
fn too_little_processor_time_to_compile_is_told_with_the_limit() {
    let env = TestEnvironment::new();
    let slow = env.capsule("slow", &slow(), "");
    for limits in ["ulimit -t 1", "ulimit -S -t 1"] {
        let limits = format!("export XDG_CACHE_HOME=$PWD/cache; {limits}");
        let run = limited(&env, &limits, &format!("run {slow} echo --payload hi"));
        orderly(&run);
        let raise = match limits.contains("-S") || Uid::effective().is_root() {
            true => "to raise it: ulimit -t ",
            false => "its hard limit (`ulimit -H -t`)",
        };
        run.fails(4).says(&["`ulimit -t` is 1", raise]);
    }
}

#[test]
fn a_small_stack_is_enough() {
    let env = TestEnvironment::new();
    let guests = env.guests(MANIFEST);
    env.write("guests/cases/echo.toml", CASE);
    for limits in [
        "ulimit -s 256",
        "ulimit -s 80",
        "ulimit -s 64",
        "ulimit -l 0 -i 0",
    ] {
        for args in commands(&guests) {
            let run = limited(&env, limits, &args).ends(0);
            orderly(&run);
        }
    }
}

#[test]
fn no_room_for_threads_is_told_to_an_ordinary_user() {
    const STRANGER: u32 = 54_321;
    let root = Uid::effective().is_root();
    if !Need::Root.is_met((!root).then_some("only root may become another user")) {
        return;
    }
    let env = TestEnvironment::new();
    let guests = env.guests(MANIFEST);
    env.write("guests/cases/echo.toml", CASE);
    // A copy, and a home, for a user who may not look into root's.
    let own = tempfile::tempdir().expect("a folder");
    let boll = own.path().join("boll");
    std::fs::copy(BOLL, &boll).expect("copied");
    let shared = own.path().join("guests");
    let source = env.current().join(&guests);
    let copied = env
        .command("cp")
        .arg("-r")
        .arg(source)
        .arg(&shared)
        .status();
    assert!(copied.expect("cp").success());
    let opened = env
        .command("chmod")
        .args(["-R", "a+rwX"])
        .arg(own.path())
        .status();
    assert!(opened.expect("chmod").success());
    for limit in [1, 2, 3, 5, 8] {
        for args in commands("guests") {
            let line = format!("ulimit -u {limit}; exec {} {args}", boll.display());
            let mut shell = env.command("bash");
            shell
                .args(["-c", &line])
                .env("HOME", own.path())
                .env("XDG_CONFIG_HOME", own.path())
                .env("XDG_CACHE_HOME", own.path())
                .current_dir(own.path())
                .uid(Uid::from_raw(STRANGER).as_raw())
                .gid(Gid::from_raw(STRANGER).as_raw());
            let run = Run::of(shell.output().expect("a shell"));
            orderly(&run);
            if args == "--version" {
                run.ends(0);
            } else {
                run.fails(4).says(&[
                    "`ulimit -u`",
                    "its hard limit (`ulimit -H -u`) is too low as well",
                ]);
            }
        }
    }
}

#[test]
fn what_cannot_be_printed_is_told() {
    let env = TestEnvironment::new();
    let guests = env.guests(MANIFEST);
    let run = format!("run {guests} echo --payload hi --allow process:echo");
    for args in [
        "--help",
        "--version",
        "help run",
        "run --help",
        "completions bash",
        "man",
        &format!("check {guests}"),
        &run,
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let full = OpenOptions::new().write(true).open("/dev/full");
        let mut boll = env.boll_command(&args);
        boll.stdout(Stdio::from(full.expect("/dev/full")));
        Run::of(boll.output().expect("boll starts"))
            .ends(4)
            .says(&["cannot write to standard output"]);
        // Whoever reads no further is told nothing.
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut boll = env.boll_command(&args);
        let run = Run::of(boll.stdout(writer).output().expect("boll starts")).ends(141);
        assert_eq!(run.stderr, "", "{args:?}");
    }
}

/// What else runs decides how many threads there are at once.
#[test]
fn the_least_address_space_is_enough_each_time() {
    let env = TestEnvironment::new();
    let guests = env.guests(MANIFEST);
    env.write("guests/cases/echo.toml", CASE);
    for round in 0..8 {
        // In some of them it is compiled.
        let limits = match round % 3 {
            0 => format!("ulimit -v 1048576; export XDG_CACHE_HOME=$PWD/cache{round}"),
            _ => "ulimit -v 1048576".to_owned(),
        };
        for args in commands(&guests) {
            let run = limited(&env, &limits, &args).ends(0);
            orderly(&run);
        }
    }
    limited(&env, "ulimit -v 1048575", &format!("check {guests}"))
        .fails(4)
        .says(&["`ulimit -v`", "1048576 KiB"]);
}
