//! What an answer on a terminal is kept as, in the operator's file.

use std::fs;

use crate::example;
use crate::support::environment::TestEnvironment;
use crate::support::eventually;
use crate::support::guests::guests_bytes;
use crate::support::repository::Repository;
use crate::terminal::{DOWN, Terminal, asked};

#[test]
fn always_keeps_the_link_to_the_operators_file_and_its_line_ends() {
    let env = TestEnvironment::new();
    let before = "# mine\r\n[capsule.other]\r\ndigest = \"any\"\r\n";
    let real = env.write("dotfiles/boll.toml", before);
    fs::create_dir_all(env.operator().parent().expect("a folder")).expect("a folder");
    std::os::unix::fs::symlink(&real, env.operator()).expect("a link");
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    let args = ["run", &*guests, "nothing", "--workspace", "guests"];
    let (code, screen) = asked(&env, &args, 2);
    assert_eq!(code, Some(0), "{screen}");
    assert!(env.operator().is_symlink());
    let text = fs::read_to_string(&real).expect("it");
    assert!(text.starts_with(before), "{text:?}");
    assert!(text.contains("[capsule.guests]\r\n"), "{text:?}");
    assert!(!text.replace("\r\n", "").contains('\n'), "{text:?}");
}

#[test]
fn always_where_the_file_cannot_be_written_holds_for_this_run_and_shows_the_lines() {
    let env = TestEnvironment::new();
    env.grant("# mine\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o444);
    fs::set_permissions(env.operator(), mode).expect("chmod");
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    let args = ["run", &*guests, "nothing", "--workspace", "guests"];
    let (code, screen) = asked(&env, &args, 2);
    assert_eq!(code, Some(0), "{screen}");
    for told in [
        "it is read-only (mode 0444): the answer holds for this run only",
        "to make it writable: chmod u+rw ",
        "[capsule.guests]\r\ndigest = \"blake3:",
        "allow = [\"process:true\"]",
    ] {
        assert!(screen.contains(told), "{told}: {screen}");
    }
    let text = fs::read_to_string(env.operator()).expect("it");
    assert_eq!(text, "# mine\n");
    env.boll(&args).fails(3);
}

#[test]
fn always_for_two_capsules_keeps_both() {
    let env = TestEnvironment::new();
    let asks = "[[process]]\nprogram = \"true\"\n";
    let guests = env.guests(asks);
    let other = env.capsule("other", &guests_bytes(), asks);
    let args = ["run", &*guests, "nothing", "--with", &other];
    let keys = format!("{DOWN}{DOWN}\r");
    let mut terminal = Terminal::start(&env, &args);
    terminal.answer("always, for this build of it", keys.as_bytes());
    terminal.answer("other 1.0.0", b"");
    let last = |screen: &str| {
        let asked = screen.rfind("other 1.0.0");
        screen.rfind("always, for this build of it") > asked
    };
    eventually("the second question", || last(&terminal.screen()));
    terminal.answer("", keys.as_bytes());
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    let written = fs::read_to_string(env.operator()).expect("the operator's file");
    for entry in ["[capsule.guests]\n", "[capsule.other]\n"] {
        assert_eq!(written.matches(entry).count(), 1, "{written}");
    }
    env.boll(&args).ends(0);
}

#[test]
fn always_is_written_down_for_this_component() {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    let rust = example("rust");
    let (code, screen) = asked(&env, &["run", &rust], 2);
    assert_eq!(code, Some(0), "{screen}");
    let check = env.boll(&["check", &rust, "--output", "json"]).ends(0);
    let digest = check.json()["digest"]
        .as_str()
        .expect("a digest")
        .to_owned();
    let written = fs::read_to_string(env.operator()).expect("the operator's file");
    assert_eq!(
        written,
        format!(
            "[capsule.git-report]\ndigest = \"{digest}\"\n\
             allow = [\"process:git log **\"]\n"
        )
    );
    let run = env.boll(&["run", &rust]).ends(0);
    assert_eq!(run.json(), repository.expected_report(1000));
}

#[test]
fn always_keeps_what_the_file_says_of_others_and_drops_grants_to_another_component() {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    let rust = example("rust");
    let zeros = "0".repeat(64);
    env.grant(&format!(
        "# mine\n[capsule.other]\ndigest = \"any\" # really\nallow = [\"process:ls\"]\n\n\
         [capsule.git-report]\ndigest = \"blake3:{zeros}\"\nallow = [\"process:git push\"]\n"
    ));
    let (code, screen) = asked(&env, &["run", &rust], 2);
    assert_eq!(code, Some(0), "{screen}");
    let written = fs::read_to_string(env.operator()).expect("the operator's file");
    assert!(
        written.starts_with(
            "# mine\n[capsule.other]\ndigest = \"any\" # really\nallow = [\"process:ls\"]\n"
        ),
        "{written}"
    );
    assert!(
        !written.contains("push") && !written.contains(&zeros),
        "{written}"
    );
    env.boll(&["run", &rust]).ends(0);
}

#[test]
fn always_gives_no_secret_to_another_component() {
    let env = TestEnvironment::new();
    let asks = "[[process]]\nprogram = \"true\"\n\
                [config.token]\ntype = \"string\"\nsecret = true\n";
    let guests = env.guests(asks);
    let args = ["run", &*guests, "nothing", "--workspace", "guests"];
    let zeros = "0".repeat(64);
    let secret = env.operator().with_file_name("token");
    for (name, table) in [
        ("secret-files", "token = \"token\""),
        ("config", "token = \"hunter2\""),
        ("fixed", "token = \"hunter2\""),
    ] {
        let before = format!(
            "[capsule.guests]\ndigest = \"blake3:{zeros}\"\nallow = [\"process:false\"]\n\
             [capsule.guests.{name}]\n{table}\n"
        );
        env.grant(&before);
        fs::write(&secret, "hunter2\n").expect("written");
        for file in [&secret, &env.operator()] {
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs::set_permissions(file, private).expect("chmod");
        }
        let mut terminal = Terminal::start(&env, &args);
        terminal.answer("always, for this build of it", b"a");
        let (_, screen) = terminal.end();
        for told in [
            "secrets for another component: `token`",
            "the answer holds for this run only",
            "this also gives it what the entry keeps for another component: `token`",
        ] {
            assert!(screen.contains(told), "{told}: {screen}");
        }
        let written = fs::read_to_string(env.operator()).expect("the operator's file");
        assert_eq!(written, before);
        // And it is asked about again.
        env.boll(&args)
            .fails(3)
            .says(&["but for another component"]);
    }
}

#[test]
fn always_says_where_it_is_for_every_build() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    let args = ["run", &*guests, "nothing", "--workspace", "guests"];
    env.grant("[capsule.guests]\ndigest = \"any\"\n");
    let mut terminal = Terminal::start(&env, &args);
    terminal.answer("always, for every build of it, as its entry says", b"a");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.contains("for this build of it"), "{screen}");
    let written = fs::read_to_string(env.operator()).expect("the operator's file");
    assert!(written.contains("digest = \"any\"\n"), "{written}");
}

#[test]
fn letters_answer_and_the_question_tells_what_is_granted_and_why_it_asks_again() {
    let env = TestEnvironment::new();
    let more = "[[process]]\nprogram = \"true\"\n[[process]]\nprogram = \"false\"\n";
    let guests = env.guests(more);
    let args = [
        "run",
        &*guests,
        "nothing",
        "--workspace",
        "guests",
        "--allow",
        "process:true",
    ];
    for (key, code) in [(b"n", 3), (b"o", 0), (b"a", 0)] {
        let mut terminal = Terminal::start(&env, &args);
        terminal.answer("always, for this build of it", key);
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{screen}");
        for told in [
            "asked because its manifest asks for more than is granted",
            "  granted  process:true",
            "  missing  process:false",
        ] {
            assert!(screen.contains(told), "{told}: {screen}");
        }
        assert_eq!(env.operator().exists(), key == b"a");
    }
    // Another build of it.
    let zeros = "0".repeat(64);
    env.grant(&format!(
        "[capsule.guests]\ndigest = \"blake3:{zeros}\"\nallow = [\"process:false\"]\n"
    ));
    let mut terminal = Terminal::start(&env, &args);
    terminal.answer("always, for this build of it", b"n");
    let (_, screen) = terminal.end();
    let told = "asked again, because it was built anew: ";
    assert!(screen.contains(told), "{screen}");
}

#[test]
fn an_answer_for_a_folder_holds_in_that_folder_only() {
    let env = TestEnvironment::new();
    env.write("one/x", "");
    env.write("two/x", "");
    std::os::unix::fs::symlink("two", env.current().join("link")).expect("a link");
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    let args = |workspace| ["run", "guests", "nothing", "--workspace", workspace];
    let (code, screen) = asked(&env, &args("one"), 3);
    assert_eq!(code, Some(0), "{screen}");
    let one = env.current().join("one");
    let told = format!("\"this folder\" is {}", one.display());
    assert!(screen.contains(&told), "{screen}");
    let written = fs::read_to_string(env.operator()).expect("the operator's file");
    let list = format!("\"{}\" = [\"process:true\"]\n", one.display());
    assert!(written.ends_with(&list), "{written}");
    env.boll(&args("one")).ends(0);
    for workspace in ["two", "link", "guests", "one/../two"] {
        env.boll(&args(workspace)).fails(3);
    }
    for (workspace, allowed) in [("one", true), ("two", false)] {
        let line = [
            "explain",
            &guests,
            "--workspace",
            workspace,
            "process",
            "true",
        ];
        let explained = env.boll(&line).stdout;
        assert_eq!(explained.starts_with("allowed"), allowed, "{explained}");
    }
    let list = env.boll(&["grants", "list"]).ends(0);
    let only = format!(", only in {})", one.display());
    assert!(list.stdout.contains(&only), "{}", list.stdout);
    // Another build of it has none of them.
    let digest = written
        .lines()
        .find(|line| line.starts_with("digest"))
        .expect("a digest");
    let zeros = format!("digest = \"blake3:{}\"", "0".repeat(64));
    env.grant(&written.replace(digest, &zeros));
    env.boll(&args("one"))
        .fails(3)
        .says(&["but for another component"]);
    env.grant(&written.replace(&one.display().to_string(), "one"));
    env.boll(&args("one"))
        .fails(2)
        .says(&["`one` is not an absolute path"]);
}
