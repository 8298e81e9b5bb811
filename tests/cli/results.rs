//! Files that the user names for a result: never written through a link, and no pipe and no
//! device is waited for.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::environment::TestEnvironment;

/// Puts what nobody wants to write to at a path, each in its turn.
fn planted(env: &TestEnvironment, at: &Path, mut run: impl FnMut()) {
    let victim = env.write("victim", "kept");
    let pipe = env.current().join("pipe");
    if !pipe.exists() {
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    }
    let none = env.current().join("none");
    for target in [&victim, &none, &pipe, Path::new("/dev/null")] {
        symlink(target, at).expect("a link");
        run();
        assert!(fs::symlink_metadata(at).expect("it").is_symlink());
        fs::remove_file(at).expect("removed");
    }
    nix::unistd::mkfifo(at, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    run();
    fs::remove_file(at).expect("removed");
    assert_eq!(fs::read_to_string(&victim).expect("it"), "kept");
    assert!(!none.exists());
}

#[test]
fn a_report_is_written_to_a_file_only() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let case = "[[case]]\nname = \"echo\"\naction = \"echo\"\npayload = \"x\"\n\
                [case.expect]\nreply = \"x\"\n";
    env.write(&format!("{guests}/cases/one.toml"), case);
    let args = ["test", &guests, "--trust", "--junit", "out.xml"];
    let out = env.current().join("out.xml");
    planted(&env, &out, || {
        drop(env.boll(&args).fails(4).says(&["out.xml"]))
    });
    env.boll(&args).ends(0);
    assert!(fs::read_to_string(&out).expect("it").contains("testsuite"));
}

#[test]
fn manual_pages_are_written_to_files_only() {
    let env = TestEnvironment::new();
    fs::create_dir(env.current().join("pages")).expect("a folder");
    let page = env.current().join("pages/boll-run.1");
    let args = ["man", "--to", "pages"];
    planted(&env, &page, || {
        drop(env.boll(&args).fails(2).says(&["boll-run.1"]))
    });
    let run = env.boll(&args).ends(0);
    assert!(run.stdout.contains("pages/boll-run.1"), "{run:?}");
    assert!(fs::read_to_string(&page).expect("it").contains("boll"));
}

#[test]
fn bindings_are_written_into_no_linked_folder() {
    let env = TestEnvironment::new();
    env.boll(&["new", "--lang", "go", "capsule"]).ends(0);
    let args = [
        "bindings",
        "capsule/wit",
        "--lang",
        "go",
        "--world",
        "capsule",
    ];
    let run = env.boll(&[&args[..], &["--to", "sound"]].concat());
    let written = run.ends(0).stdout;
    let folder = written.lines().find_map(|line| {
        let inside = Path::new(line).strip_prefix("sound").ok()?.parent()?;
        let first = inside.components().next()?;
        Some(first.as_os_str().to_owned())
    });
    let folder = folder.expect("a folder of bindings");
    fs::create_dir(env.current().join("planted")).expect("a folder");
    fs::create_dir(env.current().join("elsewhere")).expect("a folder");
    let link = env.current().join("planted").join(folder);
    symlink(env.current().join("elsewhere"), link).expect("a link");
    env.boll(&[&args[..], &["--to", "planted"]].concat())
        .fails(2)
        .says(&["planted"]);
    let elsewhere = fs::read_dir(env.current().join("elsewhere"));
    assert_eq!(elsewhere.expect("it").count(), 0);
}
