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
