//! Folders from a shell: asked for, granted, refused.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::support::environment::TestEnvironment;

const ASKS: &str = "
[[files]]
path = \"/data\"
access = \"read-write\"

[[files]]
path = \"/workspace/in\"
";

/// A folder of the host with a file, outside of the workspace.
fn data(env: &TestEnvironment) -> PathBuf {
    let data = env.current().with_file_name("data");
    fs::create_dir(&data).expect("a folder");
    fs::write(data.join("file"), "as it was").expect("written");
    env.write("in/given", "given");
    data
}

#[test]
fn a_run_without_the_grants_says_which_are_missing() {
    let env = TestEnvironment::new();
    let data = data(&env);
    let guests = env.guests(ASKS);
    let steps =
        json!([{"read": "/data/file"}, {"write": "/data/file"}, {"read": "/workspace/in/given"}]);
    let run = ["run", &*guests, "files", "--payload", &steps.to_string()];
    env.boll(&run).fails(3).says(&[
        "guests needs permissions that have not been granted: \"files-write:/data\", \"files:/workspace/in\"",
        "--allow files-write:/data --allow files:/workspace/in",
        "add that to the grant: \"files-write:/data /srv/data\"",
        "allow = [\"files-write:/data\", \"files:/workspace/in\"]",
    ]);
    assert_eq!(
        fs::read_to_string(data.join("file")).expect("it is there"),
        "as it was"
    );
    env.grant(&format!(
        "[capsule.guests]\ndigest = \"any\"\n\
         allow = [\"files-write:/data {}\", \"files:/workspace/in\"]\n",
        data.display()
    ));
    let results = env.boll(&run).ends(0).json();
    assert_eq!(
        results,
        json!([{"ok": "as it was"}, {"ok": null}, {"ok": "given"}])
    );
    let text = fs::read_to_string(data.join("file")).expect("it is there");
    assert_eq!(text, "written by the capsule");
}

#[test]
fn the_check_lists_folders() {
    let env = TestEnvironment::new();
    let data = data(&env);
    let guests = env.guests(ASKS);
    let grant = format!("files:/data {}", data.display());
    let text = env
        .boll(&["check", &guests, "--allow", &grant])
        .ends(0)
        .stdout;
    let missing = format!(
        "is not granted\n  files-write:/data {}\n  files:/workspace/in\n",
        data.display()
    );
    for told in [
        "asks for\n  files-write:/data  /data (reads and writes all files below /data)\n  \
         files:/workspace/in  /workspace/in (reads all files below /workspace/in)\n",
        "is granted\n  files:/data  /data\n",
        // With the place that was granted for reading.
        &missing,
    ] {
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn a_folder_that_shows_too_much_is_refused() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[files]]\npath = \"/data\"\n");
    let config = env.operator();
    let config = config.parent().expect("a folder");
    fs::create_dir_all(config).expect("a folder");
    env.grant("");
    for (place, complaint) in [
        ("/etc".to_owned(), "no capsule's business"),
        ("/proc/1".to_owned(), "sockets of services"),
        (config.display().to_string(), "the operator's file"),
        ("/no/such/folder".to_owned(), "No such file"),
    ] {
        let grant = format!("files:/data {place}");
        for command in [&["run", &*guests, "nothing"][..], &["check", &guests]] {
            let args = [command, &["--allow", &grant]].concat();
            env.boll(&args).fails(2).says(&[complaint, &grant]);
        }
    }
}

#[test]
fn a_workspace_with_the_operators_file_is_no_folder() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[files]]\npath = \"/workspace\"\n");
    let args = ["run", &*guests, "nothing", "--allow", "files:/workspace"];
    env.boll(&args).ends(0);
    let file = env.write("policy.toml", "");
    let file = file.to_str().expect("UTF-8");
    env.boll(&[&args[..], &["--policy", file]].concat())
        .fails(2)
        .says(&["it holds the operator's file"]);
}

#[test]
fn a_fifo_gives_an_error_and_the_program_ends() {
    let env = TestEnvironment::new();
    let data = data(&env);
    let fifo = data.join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::from_bits_truncate(0o666)).expect("a FIFO");
    let guests = env.guests("[[files]]\npath = \"/data\"\naccess = \"read-write\"\n");
    let steps = json!([{"read": "/data/fifo"}, {"write": "/data/fifo"}, {"read": "/data/file"}]);
    let grant = format!("files-write:/data {}", data.display());
    let run = [
        "run",
        &*guests,
        "files",
        "--payload",
        &steps.to_string(),
        "--allow",
        &grant,
    ];
    let results = env.boll(&run).ends(0).json();
    let refused = json!({"err": "PermissionDenied"});
    assert_eq!(results, json!([refused, refused, {"ok": "as it was"}]));
}

#[test]
fn what_guests_may_take_is_the_operators() {
    let env = TestEnvironment::new();
    let data = data(&env);
    let guests = env.guests("[[files]]\npath = \"/data\"\n");
    let steps = json!([{"keep": ["/data/file", 5000]}]).to_string();
    let grant = format!("files:/data {}", data.display());
    let run = [
        "run",
        &*guests,
        "files",
        "--payload",
        &*steps,
        "--allow",
        &*grant,
    ];
    for (text, kept) in [("", 256), ("[guest]\ndescriptors = 7\n", 7)] {
        env.grant(text);
        let results = env.boll(&run).ends(0).json();
        assert_eq!(results, json!([{"ok": [kept, "OutOfMemory"]}]));
    }
    env.grant("[guest]\nresources = 20\n");
    env.boll(&run)
        .fails(5)
        .says(&["limit of 20 streams, fields and other resources"]);
    env.grant("[guest]\nresources = 0\n");
    env.boll(&run).fails(2).says(&["resources"]);
}
