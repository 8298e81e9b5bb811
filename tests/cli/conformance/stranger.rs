//! A suite that lies in a folder or an archive of somebody else: nothing of it is built
//! without consent, and an archive takes neither memory nor folders without end.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{chown, symlink};
use std::path::Path;

use boll_host::Digest;
use flate2::Compression;
use flate2::write::GzEncoder;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use super::archive::{Files, packed, write};
use crate::support::environment::{BOLL, Piped, Run, TestEnvironment};
use crate::support::eventually;
use crate::support::without::Need;

/// A suite to be built, whose build script leaves a file.
fn source(env: &TestEnvironment) -> String {
    let made = env.current().join("made");
    let script = format!("fn main() {{ std::fs::write({made:?}, \"\").unwrap() }}");
    env.write("suite/build.rs", script);
    env.write(
        "suite/Cargo.toml",
        "[package]\nname = \"suite\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[workspace]\n",
    );
    env.write("suite/examples/one.rs", "fn main() {}\n");
    env.write("suite/src/lib.rs", "");
    fs::create_dir_all(env.current().join("suite/cases")).expect("a folder");
    env.current().join("suite").display().to_string()
}

#[test]
fn a_suites_folder_is_built_only_with_consent() {
    let env = TestEnvironment::new();
    let suite = source(&env);
    let made = env.current().join("made");
    let inside = env.current().join("suite/cases");
    let asked: [&[&str]; 3] = [
        &["--suite", &suite],
        &["--suite", "suite"],
        &["--suite", &suite, "--pack", "suite.tar.gz"],
    ];
    for more in asked {
        let run = env.boll(&[&["conformance"], more].concat());
        run.fails(3)
            .says(&["runs its own build scripts", "--build"]);
        assert!(!made.exists());
    }
    symlink(&suite, env.current().join("link")).expect("a link");
    env.boll(&["conformance", "--suite", "link"]).fails(3);
    let within = TestEnvironment::new().at(&inside);
    within.boll(&["conformance", "--suite", ".."]).fails(3);
    assert!(!made.exists() && !env.current().join("suite.tar.gz").exists());
    // To look at it builds nothing: it lacks a file.
    env.boll(&["conformance", "--suite", &suite, "--list"])
        .fails(2);
    assert!(!made.exists());
    let run = env.boll(&["conformance", "--suite", &suite, "--build"]);
    run.fails(2).says(&["exemptions.toml"]);
    assert!(made.exists(), "its user said so");
    // And once is enough, until it says something else.
    env.boll(&["conformance", "--suite", &suite]).fails(2);
    env.write("suite/Cargo.toml", "[package]\nname = \"other\"\n");
    env.boll(&["conformance", "--suite", &suite]).fails(3);
}

#[test]
fn another_users_suite_is_not_built_without_a_word() {
    let root = nix::unistd::geteuid().is_root();
    if !Need::Root.is_met((!root).then_some("only root gives folders away")) {
        return;
    }
    let env = TestEnvironment::new();
    let suite = source(&env);
    env.boll(&["conformance", "--suite", &suite, "--build"])
        .fails(2);
    let made = env.current().join("made");
    fs::remove_file(&made).expect("it was built");
    fs::remove_dir_all(env.current().join("suite/target")).expect("it was built");
    chown(&suite, Some(54_321), None).expect("chown");
    for more in [&[][..], &["--pack", "suite.tar.gz"]] {
        let run = env.boll(&[&["conformance", "--suite", &suite], more].concat());
        run.fails(3).says(&["another user"]);
        assert!(!made.exists());
    }
}

/// An index of files in an archive.
fn index<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> (String, Vec<u8>) {
    let digests: std::collections::BTreeMap<_, _> = files
        .into_iter()
        .map(|(name, content)| (name, Digest::of(content).to_string()))
        .collect();
    let index = json!({"protocol": 1, "version": "0.2.0", "files": digests});
    ("index.json".to_owned(), index.to_string().into_bytes())
}

#[test]
fn an_archives_records_take_no_memory() {
    let env = TestEnvironment::new();
    let zeros = vec![0; 1 << 20];
    for kind in [b'L', b'K', b'x', b'g'] {
        let archive = env.current().join("suite.tar.gz");
        let file = fs::File::create(&archive).expect("a file");
        let mut to = GzEncoder::new(file, Compression::fast());
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::new(kind));
        header.set_size(800 << 20);
        header.set_path("record").expect("a name");
        header.set_cksum();
        to.write_all(header.as_bytes()).expect("written");
        for _ in 0..800 {
            to.write_all(&zeros).expect("written");
        }
        to.finish().expect("written");
        let limited = format!("ulimit -v 1100000; exec {BOLL} conformance --suite suite.tar.gz");
        let output = env.command("sh").args(["-c", &limited]).output();
        let run = Run::of(output.expect("sh starts"));
        run.fails(2).says(&["no file within the archive"]);
    }
}

#[test]
fn an_archive_makes_no_folders_without_end() {
    let env = TestEnvironment::new();
    let archive = env.current().join("suite.tar.gz");
    let deep = format!("{}x", "a/".repeat(40));
    let files: Files = vec![index([(&*deep, &b""[..])]), (deep.clone(), Vec::new())];
    write(&archive, &files);
    fs::create_dir(env.current().join("tmp")).expect("a folder");
    let output = env
        .boll_command(&["conformance", "--suite", "suite.tar.gz"])
        .env("TMPDIR", env.current().join("tmp"))
        .output();
    Run::of(output.expect("boll starts"))
        .fails(2)
        .says(&["no file within the archive"]);
    assert_eq!(entries(&env.current().join("tmp")), 0);
}

#[test]
fn a_signal_leaves_nothing_of_an_archive() {
    let env = TestEnvironment::new();
    let names: Vec<String> = (0..14).map(|at| format!("cases/{at}/guest.wasm")).collect();
    let zeros = vec![0; 60 << 20];
    let listed = index(names.iter().map(|name| (name.as_str(), zeros.as_slice())));
    let files = names.iter().map(|name| (name.clone(), zeros.clone()));
    let files: Files = [listed].into_iter().chain(files).collect();
    write(&env.current().join("suite.tar.gz"), &files);
    let tmp = env.current().join("tmp");
    fs::create_dir(&tmp).expect("a folder");
    for signal in [
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGQUIT,
    ] {
        let child = env
            .boll_command(&["conformance", "--suite", "suite.tar.gz"])
            .env("TMPDIR", &tmp)
            .piped();
        eventually("it unpacks", || entries(&tmp) > 0);
        let pid = i32::try_from(child.id()).expect("a pid");
        kill(Pid::from_raw(pid), signal).expect("a signal");
        Run::of(child.wait_with_output().expect("boll ends")).fails(130);
        assert_eq!(entries(&tmp), 0);
    }
}

#[test]
fn an_archive_is_written_through_no_link_and_waits_for_no_pipe() {
    let env = TestEnvironment::new();
    let suite = packed(&env, "suite.tar.gz");
    let victim = env.write("victim", "kept");
    symlink("victim", env.current().join("link")).expect("a link");
    let pipe = env.current().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    for to in ["link", "pipe"] {
        let run = env.boll(&["conformance", "--suite", &suite, "--pack", to]);
        run.fails(2).says(&[to]);
    }
    assert_eq!(fs::read_to_string(victim).expect("it"), "kept");
    env.boll(&["conformance", "--suite", &suite, "--pack", "again.tar.gz"])
        .ends(0);
    let read = |name: &str| fs::read(env.current().join(name)).expect("it");
    assert_eq!(read("again.tar.gz"), read("suite.tar.gz"));
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).expect("a folder").count()
}
