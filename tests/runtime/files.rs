//! Folders that are asked for and granted, and all others.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use boll_host::policy::GrantSet;
use boll_host::{InvokeError, LoadCause};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bench::{Bench, Setup, grants};

const READ: &str = "[[files]]\npath = \"/data\"";
const WRITE: &str = "[[files]]\npath = \"/data\"\naccess = \"read-write\"";

/// A folder with a file in it, beside one that nothing is granted of.
struct Place {
    _root: TempDir,
    data: PathBuf,
    secret: PathBuf,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().canonicalize().expect("a path");
        let data = path.join("data");
        fs::create_dir_all(data.join("below")).expect("folders");
        fs::write(data.join("file"), "as it was").expect("written");
        fs::write(data.join("below/file"), "below").expect("written");
        fs::write(path.join("secret"), "hunter2").expect("written");
        Self {
            _root: root,
            data,
            secret: path.join("secret"),
        }
    }

    fn grant(&self, kind: &str) -> String {
        format!("{kind}:/data {}", self.data.display())
    }
}

fn setup(manifest: &str) -> Setup {
    Bench::setup().without_sandbox().manifest(manifest)
}

async fn files(bench: &Bench, steps: Value) -> Value {
    bench.json("files", &steps.to_string()).await
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("it is there")
}

/// What a folder holds, by names and contents.
fn snapshot(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(snapshot(&path));
        } else {
            all.push((path.clone(), text(&path)));
        }
    }
    all.sort();
    all
}

#[tokio::test]
async fn a_folder_is_there_only_where_it_is_asked_for_and_granted() {
    let place = Place::new();
    let read = json!([{"read": "/data/file"}, {"list": "/data"}]);
    let nothing = json!([{"err": "NotFound"}, {"err": "NotFound"}]);
    let host = json!([{"read": place.data.join("file")}]);

    let bench = setup(READ).grant(&place.grant("files")).start().await;
    let found = files(&bench, read.clone()).await;
    assert_eq!(
        found,
        json!([{"ok": "as it was"}, {"ok": ["below", "file"]}])
    );
    assert_eq!(files(&bench, host).await, json!([{"err": "NotFound"}]));
    assert_eq!(
        bench.json("held", "").await,
        json!([{"name": "files:/data", "scope": "/data"}])
    );

    let asked = setup(READ).start().await;
    assert_eq!(files(&asked, read.clone()).await, nothing);
    let told = asked.logged().await;
    let fields = told.iter().flat_map(|line| &line.fields);
    let missing: Vec<_> = fields.filter(|(name, _)| name == "missing").collect();
    assert_eq!(missing.len(), 1, "{told:?}");
    assert!(format!("{missing:?}").contains("files:/data"), "{told:?}");

    let granted = setup("").grant(&place.grant("files-write")).start().await;
    assert_eq!(files(&granted, read).await, nothing);
}

#[tokio::test]
async fn a_folder_for_reading_stays_as_it_is() {
    let place = Place::new();
    let before = snapshot(&place.data);
    let steps = json!([
        {"write": "/data/file"},
        {"write": "/data/new"},
        {"truncate": "/data/file"},
        {"remove": "/data/file"},
        {"make-folder": "/data/folder"},
        {"rename": ["/data/file", "/data/other"]},
        {"link": ["/data/file", "/data/other"]},
        {"symlink": ["file", "/data/other"]},
    ]);
    // Asked for as a whole and granted in part, and the other way round.
    for (manifest, kind) in [(READ, "files"), (READ, "files-write"), (WRITE, "files")] {
        let bench = setup(manifest).grant(&place.grant(kind)).start().await;
        let results = files(&bench, steps.clone()).await;
        for result in results.as_array().expect("a list") {
            assert!(result["err"].is_string(), "{results}");
        }
        assert_eq!(snapshot(&place.data), before);
        let read = files(&bench, json!([{"read": "/data/file"}])).await;
        assert_eq!(read, json!([{"ok": "as it was"}]));
    }
    let bench = setup(WRITE)
        .grant(&place.grant("files-write"))
        .start()
        .await;
    let results = files(
        &bench,
        json!([{"write": "/data/new"}, {"rename": ["/data/new", "/data/below/new"]}]),
    )
    .await;
    assert_eq!(results, json!([{"ok": null}, {"ok": null}]));
    assert_eq!(
        text(&place.data.join("below/new")),
        "written by the capsule"
    );
    let held = bench.json("held", "").await;
    assert_eq!(held[0]["name"], "files-write:/data");
}

#[tokio::test]
async fn links_lead_nowhere_outside_of_a_folder() {
    let place = Place::new();
    symlink(&place.secret, place.data.join("absolute")).expect("a link");
    symlink("../secret", place.data.join("relative")).expect("a link");
    symlink("..", place.data.join("up")).expect("a link");
    symlink("file", place.data.join("inside")).expect("a link");
    let bench = setup(WRITE)
        .grant(&place.grant("files-write"))
        .start()
        .await;
    let steps = json!([
        {"read": "/data/absolute"},
        {"read": "/data/relative"},
        {"read": "/data/up/secret"},
        {"read": "/data/../secret"},
        {"list": "/data/up"},
        {"write": "/data/relative"},
        {"write": "/data/up/new"},
        {"link": ["/data/up/secret", "/data/taken"]},
        {"rename": ["/data/file", "/data/up/moved"]},
    ]);
    let results = files(&bench, steps).await;
    for result in results.as_array().expect("a list") {
        assert!(result["err"].is_string(), "{results}");
    }
    assert_eq!(text(&place.secret), "hunter2");
    let root = place.secret.parent().expect("a folder");
    assert_eq!(fs::read_dir(root).expect("a folder").count(), 2);
    let inside = files(&bench, json!([{"read": "/data/inside"}])).await;
    assert_eq!(inside, json!([{"ok": "as it was"}]));
}

#[tokio::test]
async fn a_capsule_makes_no_link_that_leads_out_of_its_folder() {
    let place = Place::new();
    fs::create_dir_all(place.data.join("deep/er")).expect("folders");
    symlink(".", place.data.join("deep/here")).expect("a link");
    let bench = setup(WRITE)
        .grant(&place.grant("files-write"))
        .start()
        .await;
    let secret = place.secret.to_str().expect("a path");
    for target in [
        "..",
        "../secret",
        "../data/file",
        "./../secret",
        "deep/../../secret",
        "deep/here/../../../secret",
        "deep/..",
        secret,
        "//etc/passwd",
    ] {
        let steps = json!([
            {"symlink": [target, "/data/made"]},
            // From there it would lead nowhere else, until it is moved.
            {"symlink": [target, "/data/deep/er/made"]},
        ]);
        let results = files(&bench, steps).await;
        let refused = json!([{"err": "PermissionDenied"}, {"err": "PermissionDenied"}]);
        assert_eq!(results, refused, "{target}");
        for name in ["made", "deep/er/made"] {
            let made = place.data.join(name).symlink_metadata();
            assert!(made.is_err(), "{target}: {name}");
        }
    }
    let steps = json!([
        {"symlink": ["deep/er", "/data/made"]},
        {"symlink": ["./..file", "/data/dots"]},
        {"rename": ["/data/made", "/data/deep/made"]},
        {"write": "/data/deep/er/new"},
        {"symlink": ["er/new", "/data/deep/new"]},
        {"read": "/data/deep/new"},
    ]);
    let results = files(&bench, steps).await;
    for result in results.as_array().expect("a list") {
        assert!(result["err"].is_null(), "{results}");
    }
    assert_eq!(text(&place.data.join("deep/new")), "written by the capsule");
    assert_eq!(
        fs::read_link(place.data.join("dots")).expect("a link"),
        Path::new("./..file")
    );
}

#[tokio::test]
async fn a_revoked_folder_is_gone_at_the_next_call() {
    let place = Place::new();
    let read = json!([{"read": "/data/file"}]);
    let bench = setup(READ).grant(&place.grant("files")).start().await;
    assert_eq!(files(&bench, read.clone()).await[0]["ok"], "as it was");
    assert!(bench.runtime.set_grants(&bench.id, &GrantSet::default()));
    assert_eq!(files(&bench, read.clone()).await[0]["err"], "NotFound");
    assert_eq!(bench.json("held", "").await, json!([]));
    let again = grants(&[place.grant("files")]);
    assert!(bench.runtime.set_grants(&bench.id, &again));
    assert_eq!(files(&bench, read.clone()).await[0]["ok"], "as it was");
    // Granted while it is loaded, what is not there fails the call.
    let missing = grants(&["files:/data /no/such/folder"]);
    assert!(bench.runtime.set_grants(&bench.id, &missing));
    let outcome = bench.plainly("files", &read.to_string()).await;
    let error = outcome.expect_err("there is no such folder");
    assert!(
        matches!(
            error,
            boll_host::CallError::Invoke {
                error: InvokeError::Folder(_),
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_given_keeps_the_capsule_out() {
    let place = Place::new();
    let bench = Bench::plain().await;
    fs::create_dir(place.data.join(".git")).expect("a folder");
    let link = place.data.with_file_name("link");
    symlink("data", &link).expect("a link");
    for (manifest, grant) in [
        (READ, "files:/data /no/such/folder".to_owned()),
        (READ, format!("files:/data {}", link.display())),
        (WRITE, place.grant("files-write")),
    ] {
        let setup = setup(manifest).grant(&grant);
        let error = bench.also(&setup, "other").await.expect_err("refused");
        let LoadCause::Folder(cause) = error.cause else {
            panic!("{error:?}");
        };
        assert_eq!(cause.path.as_str(), "/data");
    }
    let setup = setup(READ).grant(&place.grant("files"));
    bench
        .also(&setup, "other")
        .await
        .expect("for reading it is fine");
}

#[tokio::test]
async fn the_workspace_is_a_folder_too() {
    let setup = setup("[[files]]\npath = \"/workspace/out\"\naccess = \"read-write\"")
        .manifest("[[files]]\npath = \"/in\"");
    let bench = setup.start().await;
    fs::create_dir(bench.workspace().join("out")).expect("a folder");
    fs::create_dir(bench.workspace().join("in")).expect("a folder");
    bench.write("in/given", "given");
    let steps = json!([{"write": "/workspace/out/new"}, {"read": "/in/given"}]);
    let nothing = json!([{"err": "NotFound"}, {"err": "NotFound"}]);
    assert_eq!(files(&bench, steps.clone()).await, nothing);
    let both = grants(&["files-write:/workspace/out", "files:/in /workspace/in"]);
    assert!(bench.runtime.set_grants(&bench.id, &both));
    let results = files(&bench, steps).await;
    assert_eq!(results, json!([{"ok": null}, {"ok": "given"}]));
    let new = bench.workspace().join("out/new");
    assert_eq!(text(&new), "written by the capsule");
}
