//! `boll test` of a folder that somebody else wrote: its cases are given what is in the
//! folder, within limits, and run when the user said so.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use crate::support::environment::{Run, TestEnvironment};

const SECRET: &str = "nobody is to see this";

/// A capsule that asks for everything, and something secret beside it.
fn stranger() -> TestEnvironment {
    let env = TestEnvironment::new();
    env.guests(
        "[[files]]\npath = \"/data\"\n[[process]]\nprogram = \"a-tool\"\n\
         [[publish]]\ntopic = \"news.*\"\n[[action]]\nname = \"echo\"\ndefault = true\n",
    );
    env.write("secret/file", SECRET);
    env
}

fn test(env: &TestEnvironment, case: &str) -> Run {
    let case = format!("[[case]]\nname = \"n\"\n{case}");
    env.write("guests/cases/all.toml", case);
    env.boll(&["test", "guests", "--trust"])
}

#[test]
fn cases_run_when_the_user_of_their_folder_said_so() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = server.local_addr().expect("an address").port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    // It ends with the tests: each connection is counted, and closed at once.
    thread::spawn(move || {
        for _ in server.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    let connected = || count.swap(0, Ordering::SeqCst) > 0;
    let env = TestEnvironment::new();
    env.guests(&format!(
        "[[network]]\nhost = \"127.0.0.1\"\nport = {port}\n[[action]]\nname = \"network\"\n"
    ));
    let steps = json!([{"connect": format!("127.0.0.1:{port}")}]);
    env.write(
        "guests/cases/all.toml",
        format!("[[case]]\nname = \"connects\"\naction = \"network\"\npayload-json = '{steps}'\n"),
    );
    let asked = |env: &TestEnvironment| {
        env.boll(&["test", "guests"]).fails(3).says(&[
            "was not tested here before",
            "do all that its manifest asks for",
            "boll test --trust /",
        ]);
    };
    asked(&env);
    assert!(!connected());
    env.boll(&["test", "guests", "--build"]).ends(0);
    assert!(connected());
    // From now on it is trusted.
    env.boll(&["test", "guests"]).ends(0);
    assert!(connected());
    // Another manifest is another capsule.
    let manifest = env.current().join("guests/Capsule.toml");
    let text = fs::read_to_string(&manifest).expect("it");
    fs::write(&manifest, text.replace("1.0.0", "2.0.0")).expect("written");
    asked(&env);
    assert!(!connected());
    env.boll(&["test", "guests", "--trust"]).ends(0);
    assert!(connected());
}

#[test]
fn no_case_is_given_what_is_not_in_the_folder_of_its_capsule() {
    let env = stranger();
    let at = |name: &str| env.current().join(name);
    fs::create_dir(at("guests/cases")).expect("a folder");
    for (name, to) in [("link", "secret/file"), ("folder", "secret")] {
        symlink(at(to), at("guests/cases").join(name)).expect("a link");
    }
    let absolute = at("secret").display().to_string();
    let refused = |case: &str| {
        let run = test(&env, case).fails(2).says(&[
            "--> guests/cases/all.toml:",
            "is not in the capsule's folder",
            "copy it into the folder",
        ]);
        assert!(!run.stderr.contains(SECRET), "{run:?}");
    };
    for file in [
        "../../secret/file",
        "link",
        "folder/file",
        &format!("{absolute}/file"),
    ] {
        for case in [
            "payload-file = 'FILE'",
            "[[case.process]]\nprogram = 'a-tool'\nstdout-file = 'FILE'",
            "[[case.process]]\nprogram = 'a-tool'\nstderr-file = 'FILE'",
            "[[case.hook]]\ntopic = 'news.x'\npayload-file = 'FILE'",
            "[[case.hook]]\ntopic = 'news.x'\ncontinue-file = 'FILE'",
            "[[case.hook]]\ntopic = 'news.x'\nfinal-file = 'FILE'",
            "[case.expect]\nreply-file = 'FILE'",
            "[case.expect]\nfinal-file = 'FILE'",
        ] {
            refused(&case.replace("FILE", file));
        }
    }
    for folder in ["../../secret", "folder", "../..", "/", &absolute] {
        refused(&format!("workspace = '{folder}'"));
        refused(&format!("files = {{ '/data' = '{folder}' }}"));
    }
    // What is in the folder is given, wherever.
    env.write("guests/more/file", "own");
    let own = "payload-file = '../more/file'\nexpect = { reply = 'own' }\n";
    test(&env, own).ends(0);

    // Nor is a file with cases read elsewhere: what is wrong in it would be shown.
    fs::remove_dir_all(at("guests/cases")).expect("removed");
    fs::create_dir(at("guests/cases")).expect("a folder");
    symlink(at("secret/file"), at("guests/cases/x.toml")).expect("a link");
    let elsewhere = |env: &TestEnvironment| {
        let run = env.boll(&["test", "guests", "--trust"]);
        let run = run.fails(2).says(&["it leads out of the folder"]);
        assert!(!run.stderr.contains(SECRET), "{run:?}");
    };
    elsewhere(&env);
    fs::remove_dir_all(at("guests/cases")).expect("removed");
    symlink(at("secret"), at("guests/cases")).expect("a link");
    elsewhere(&env);
}

#[test]
fn what_may_not_be_shown_is_copied_for_no_case() {
    let env = stranger();
    let home = env.current().join("../home");
    let home = home.canonicalize().expect("a path");
    fs::create_dir(home.join(".ssh")).expect("a folder");
    fs::write(home.join(".ssh/id_key"), SECRET).expect("a file");
    // A capsule in a home has all of it in its folder.
    for name in ["Capsule.toml", "component.wasm"] {
        fs::copy(env.current().join("guests").join(name), home.join(name)).expect("copied");
    }
    let env = env.at(&home);
    for case in [
        "workspace = '../.ssh'",
        "files = { '/data' = '../.ssh' }",
        "workspace = '..'",
        "payload-file = '../.ssh/id_key'",
        "[case.expect]\nreply-file = '../.ssh/id_key'",
    ] {
        env.write(
            "cases/all.toml",
            format!("[[case]]\nname = \"n\"\n{case}\n"),
        );
        let run = env.boll(&["test", "--trust"]);
        let run = run
            .fails(2)
            .says(&["cases/all.toml:", "is not given to a case"]);
        assert!(!run.stderr.contains(SECRET), "{run:?}");
    }
}

#[test]
fn what_cases_name_is_bounded_and_let_go() {
    let env = stranger();
    let sized = |name: &str, size| {
        env.write(name, "");
        let file = fs::File::options()
            .write(true)
            .open(env.current().join(name));
        file.expect("a file").set_len(size).expect("a size");
    };
    sized("guests/large", 40 << 20);
    sized("guests/workspace/huge", 20 << 30);
    sized("guests/payload", 16 << 20);
    let both = "payload-file = '../large'\n[case.expect]\nreply-file = '../large'\n";
    test(&env, both)
        .fails(2)
        .says(&["all.toml:5:", "at most 64 MiB together"]);
    test(&env, "workspace = '../workspace'\n")
        .fails(2)
        .says(&["all.toml:1", "more than 256 MiB"]);

    let cases: String = (0..80)
        .map(|number| format!("[[case]]\nname = \"c{number}\"\npayload-file = \"../payload\"\n"))
        .collect();
    env.write("guests/cases/all.toml", cases);
    // It prints the most memory that the program had, in KiB.
    let measure = "import resource, subprocess, sys\n\
                   subprocess.run(sys.argv[1:], stdout=2)\n\
                   print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n";
    let mut measured = env.command("python3");
    let program = crate::support::environment::BOLL;
    measured.args(["-c", measure, program, "test", "guests", "--trust"]);
    let run = Run::of(measured.output().expect("python3 starts")).ends(0);
    assert!(run.stderr.contains("c79"), "{run:?}");
    let most: u64 = run.stdout.trim().parse().expect("a number");
    assert!(most < 700 << 10, "{most} KiB");
}
