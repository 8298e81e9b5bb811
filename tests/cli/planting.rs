//! What a process could plant for Boll itself: nothing that is built, read or
//! believed is written.

use std::fs;

use serde_json::json;

use crate::support::environment::{Run, TestEnvironment};
use crate::support::guests::guests_bytes;

const WRITES: &str = "[[process]]\nprogram = \"sh\"\nworkspace = \"read-write\"\n";
const PLANT: &str = "for file in build.rs Makefile Capsule.toml cases/x.toml; do \
                     echo planted > $file; echo planted > guests/$file; done; true";

fn run(env: &TestEnvironment, capsule: &str, more: &[&str]) -> Run {
    let payload = json!({"program": "sh", "args": ["-c", PLANT]}).to_string();
    let args = [
        "run",
        capsule,
        "run",
        "--payload",
        &payload,
        "--allow",
        "process:sh",
    ];
    env.boll(&[&args[..], &["--allow", "workspace:write"], more].concat())
}

#[test]
fn a_workspace_with_the_capsule_in_it_is_not_written() {
    let env = TestEnvironment::new();
    let capsule = env.guests(WRITES);
    let folder = env.current().join(&capsule);
    fs::create_dir(folder.join("src")).expect("a folder");
    let manifest = fs::read_to_string(folder.join("Capsule.toml")).expect("it");
    for workspace in [".", "guests", "guests/src", "guests/../guests"] {
        let run = run(&env, &capsule, &["--workspace", workspace]).fails(2);
        run.says(&["cannot be written", "which Boll builds, reads or executes"]);
    }
    assert_eq!(
        fs::read_to_string(folder.join("Capsule.toml")).expect("it"),
        manifest
    );
    assert!(!folder.join("build.rs").exists() && !env.current().join("build.rs").exists());
    // Elsewhere it is, and reading is as ever.
    env.write("work/file", "");
    run(&env, &capsule, &["--workspace", "work"]).ends(0);
    let text = fs::read_to_string(env.current().join("work/build.rs")).expect("it");
    assert_eq!(text, "planted\n");
    let reads = env.guests("[[process]]\nprogram = \"sh\"\n");
    let args = [
        "run",
        &*reads,
        "run",
        "--payload",
        r#"{"program": "sh", "args": ["-c", "true"]}"#,
    ];
    env.boll(&[&args[..], &["--allow", "process:sh"]].concat())
        .ends(0);
}

#[test]
fn nor_is_one_with_a_capsule_beside_it_or_what_it_links_to() {
    let env = TestEnvironment::new();
    let capsule = env.guests(WRITES);
    let other = env.capsule("beside/other", &guests_bytes(), "");
    let manifest = env.current().join("beside/other/Capsule.toml");
    let text = fs::read_to_string(&manifest).expect("it");
    fs::write(&manifest, text.replace("beside/other", "other")).expect("written");
    run(&env, &capsule, &["--with", &other, "--workspace", "beside"])
        .fails(2)
        .says(&["beside/other"]);
    env.write("sdk/lib.rs", "");
    std::os::unix::fs::symlink("../sdk", env.current().join("guests/sdk")).expect("a link");
    run(&env, &capsule, &["--workspace", "sdk"]).fails(2);
    fs::remove_file(env.current().join("guests/sdk")).expect("removed");
    env.write(
        "guests/Cargo.toml",
        "[dependencies]\nsdk = { path = \"../sdk\" }\n",
    );
    run(&env, &capsule, &["--workspace", "sdk"]).fails(2);
}

#[test]
fn nor_is_a_granted_folder() {
    let env = TestEnvironment::new();
    let capsule = env.guests("[[files]]\npath = \"/data\"\naccess = \"read-write\"\n");
    let folder = env.current().join(&capsule);
    for place in [&folder, env.current()] {
        let grant = format!("files-write:/data {}", place.display());
        env.boll(&["run", &capsule, "nothing", "--allow", &grant])
            .fails(2)
            .says(&["which Boll builds, reads or executes"]);
    }
    let capsule = env.guests("[[files]]\npath = \"/workspace\"\naccess = \"read-write\"\n");
    env.boll(&[
        "run",
        &capsule,
        "nothing",
        "--allow",
        "files-write:/workspace",
    ])
    .fails(2);
}

/// Files of a capsule that each name a folder `ws` or something in it, in a way that a
/// build follows; the last one is what a process would plant.
const NAMED: [&[(&str, &str)]; 11] = [
    &[
        (
            "guests/Cargo.toml",
            "[dependencies]\na = { path = \"../a\" }\n",
        ),
        (
            "a/Cargo.toml",
            "[patch.crates-io]\nb = { path = \"../ws\" }\n",
        ),
    ],
    &[(
        ".cargo/config.toml",
        "[build]\nrustc-wrapper = \"ws/wrap\"\n",
    )],
    &[("guests/GNUmakefile", "-include ../ws/not/there.mk\n")],
    &[
        ("guests/requirements.txt", "-r ../more.txt\n"),
        ("more.txt", "-e ./ws\n"),
    ],
    &[("go.work", "use ./ws\n")],
    &[("guests/package.json", r#"{"workspaces": ["../ws/*"]}"#)],
    &[
        ("guests/GNUmakefile", "all:\n\tcd scripts && ./gen\n"),
        ("guests/scripts/gen", ". ../../ws/env\n"),
    ],
    &[
        ("guests/GNUmakefile", "all:\n\t$(MAKE) -C sub -f rules\n"),
        ("guests/sub/rules", "include ../../ws/x.inc\n"),
    ],
    &[
        (
            "guests/package.json",
            r#"{"scripts": {"build": "cd sub && perl gen.pl"}}"#,
        ),
        ("guests/sub/gen.pl", "do '../../ws/x.pl';\n"),
    ],
    &[
        ("guests/GNUmakefile", "all:\n\ttask\n"),
        ("guests/Taskfile.yml", "cmds:\n  - ../ws/tool\n"),
    ],
    &[
        ("guests/build.rs", "mod a;\nfn main() {}\n"),
        ("guests/a.rs", "const TOOL: &str = \"../ws/tool\";\n"),
    ],
];

#[test]
fn nor_is_what_a_build_takes_by_way_of_other_files() {
    for files in NAMED {
        let env = TestEnvironment::new();
        let capsule = env.guests(WRITES);
        for (name, text) in files {
            env.write(name, text);
        }
        env.write("ws/sub/file", "");
        env.write("beside/file", "");
        for workspace in ["ws", "ws/sub"] {
            // What is named in it is a file, perhaps.
            let file = files.iter().any(|(_, text)| text.contains("ws/"));
            let whole = workspace == "ws" || !file;
            if whole {
                let run = run(&env, &capsule, &["--workspace", workspace]).fails(2);
                run.says(&["which Boll builds, reads or executes"]);
            }
            assert!(!env.current().join(workspace).join("Makefile").exists());
        }
        run(&env, &capsule, &["--workspace", "beside"]).ends(0);
        assert!(env.current().join("beside/Makefile").exists(), "{files:?}");
    }
}

#[test]
fn nor_is_what_another_folder_takes_that_is_built_here() {
    let env = TestEnvironment::new();
    let capsule = env.guests(WRITES);
    let text = "[capsule]\nid = \"other\"\nversion = \"1.0.0\"\n";
    env.write("other/Capsule.toml", text);
    env.write("other/Makefile", "include ../ws/x.mk\nall:\n\tfalse\n");
    env.write("ws/x.mk", "");
    run(&env, &capsule, &["--workspace", "ws"]).ends(0);
    fs::remove_file(env.current().join("ws/Makefile")).expect("planted");
    // It fails, and is trusted from then on.
    env.boll(&["build", "other"]).fails(2);
    run(&env, &capsule, &["--workspace", "ws"])
        .fails(2)
        .says(&["ws/x.mk"]);
    assert!(!env.current().join("ws/Makefile").exists());
}

/// A shell of the capsule's that may write the workspace `ws`.
fn writing_ws<'a>(capsule: &'a str, payload: &'a str) -> [&'a str; 11] {
    [
        "run",
        capsule,
        "run",
        "--payload",
        payload,
        "--allow",
        "process:sh",
        "--allow",
        "workspace:write",
        "--workspace",
        "ws",
    ]
}

#[test]
fn nor_is_a_folder_on_the_search_path_by_a_relative_name() {
    let env = TestEnvironment::new();
    let capsule = env.guests(WRITES);
    env.write("ws/file", "");
    let payload = json!({"program": "sh", "args": ["-c", PLANT]}).to_string();
    let path = std::env::var("PATH").expect("PATH");
    let args = writing_ws(&capsule, &payload);
    for entry in ["ws", "./ws/", "ws/bin", "ws/../ws"] {
        let run = env.boll_on(format!("{path}:{entry}"), &args).fails(2);
        run.says(&["which Boll builds, reads or executes"]);
    }
    assert!(!env.current().join("ws/Makefile").exists());
    env.boll_on(format!("{path}:other"), &args).ends(0);
    fs::remove_file(env.current().join("ws/Makefile")).expect("planted");
    // An empty entry is the current folder.
    env.boll_on(format!("{path}::/bin"), &args).fails(2);
    assert!(!env.current().join("ws/Makefile").exists());
}

#[test]
fn a_repository_that_a_process_makes_below_is_told_of() {
    let env = TestEnvironment::new();
    let capsule = env.guests(WRITES);
    let run = |script: &str| {
        let payload = json!({"program": "sh", "args": ["-c", script]}).to_string();
        env.boll(&writing_ws(&capsule, &payload)).ends(0)
    };
    env.write("ws/src/file", "");
    env.write("ws/own/.git/HEAD", "ref: refs/heads/main\n");
    for folder in ["objects", "refs"] {
        fs::create_dir(env.current().join("ws/own/.git").join(folder)).expect("a folder");
    }
    let said = "a git repository has appeared";
    let quiet = run("mkdir -p lib/.git; touch src/more");
    assert!(!quiet.stderr.contains(said), "{quiet:#?}");
    let told =
        run("cd src; mkdir -p .git/objects .git/refs; echo 'ref: refs/heads/main' > .git/HEAD");
    assert!(env.current().join("ws/src/.git/HEAD").exists());
    assert_eq!(told.stderr.matches(said).count(), 1, "{told:#?}");
    assert!(told.stderr.contains("\"src\""), "{told:#?}");
    // It is known from then on, and pinned; a bare one is one as well.
    let quiet = run("echo x > src/.git/config");
    assert!(!quiet.stderr.contains(said), "{quiet:#?}");
    assert!(!env.current().join("ws/src/.git/config").exists());
    let told = run("mkdir -p bare/objects bare/refs; echo 'ref: refs/heads/main' > bare/HEAD");
    assert!(told.stderr.contains("\"bare\""), "{told:#?}");
}
