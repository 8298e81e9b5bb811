//! What git obeys in a folder that a capsule may write.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bench::Bench;

const WRITE: &str = "[[files]]\npath = \"/data\"\naccess = \"read-write\"";
const REFUSED: &str = "PermissionDenied";

/// A folder to be written, and all that lies in it.
struct Place {
    _root: TempDir,
    data: PathBuf,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let data = root.path().canonicalize().expect("a path").join("data");
        fs::create_dir(&data).expect("a folder");
        Self { _root: root, data }
    }

    /// Repositories as git makes them.
    fn repository(&self, args: &[&str]) {
        let made = Command::new("git")
            .args(["init", "--quiet"])
            .args(args)
            .current_dir(&self.data)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .status();
        assert!(made.expect("git").success());
    }

    async fn bench(&self) -> Bench {
        let grant = format!("files-write:/data {}", self.data.display());
        let setup = Bench::setup().without_sandbox().manifest(WRITE);
        setup.grant(&grant).start().await
    }

    /// All paths below the folder, with the sizes of files.
    fn all(&self) -> Vec<(PathBuf, u64)> {
        fn add(folder: &Path, all: &mut Vec<(PathBuf, u64)>) {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let about = path.symlink_metadata().expect("it is there");
                if about.is_dir() {
                    add(&path, all);
                }
                all.push((path, if about.is_file() { about.len() } else { 0 }));
            }
        }
        let mut all = Vec::new();
        add(&self.data, &mut all);
        all.sort();
        all
    }
}

async fn files(bench: &Bench, steps: &Value) -> Vec<Value> {
    let results = bench.json("files", &steps.to_string()).await;
    serde_json::from_value(results).expect("a list")
}

/// Every step is refused, and nothing is changed.
async fn all_refused(place: &Place, bench: &Bench, steps: Value) {
    let before = place.all();
    let results = files(bench, &steps).await;
    for (step, result) in steps.as_array().expect("steps").iter().zip(&results) {
        assert_eq!(result["err"], REFUSED, "{step}: {result}");
    }
    assert_eq!(place.all(), before);
}

#[tokio::test]
async fn nothing_is_named_so_that_git_obeys_it() {
    let place = Place::new();
    fs::create_dir_all(place.data.join("below/deep")).expect("folders");
    fs::create_dir(place.data.join("planted")).expect("a folder");
    fs::write(place.data.join("file"), "text").expect("written");
    let bench = place.bench().await;
    let names = [
        ".git",
        ".GIT",
        ".giT",
        ".git.",
        ".git ",
        "git~1",
        "GIT~1",
        ".g\u{200c}it",
        ".git::$DATA",
    ];
    for name in names {
        for folder in ["/data", "/data/below/deep", "/data/below/../below/./deep/"] {
            let path = format!("{folder}/{name}");
            let steps = json!([
                {"write": path},
                {"make-folder": path},
                {"rename": ["/data/planted", path]},
                {"rename": ["/data/file", path]},
                {"link": ["/data/file", path]},
                {"symlink": ["planted", path]},
                {"make-folder": format!("{path}/")},
            ]);
            all_refused(&place, &bench, steps).await;
        }
    }
    let fine = json!([
        {"write": "/data/.gitignore"},
        {"make-folder": "/data/.github"},
        {"write": "/data/git"},
        {"rename": ["/data/git", "/data/x.git"]},
    ]);
    for result in files(&bench, &fine).await {
        assert_eq!(result["ok"], Value::Null, "{result}");
        assert!(result["err"].is_null(), "{result}");
    }
}

#[tokio::test]
async fn a_repository_below_is_read_only_also_through_links() {
    let place = Place::new();
    place.repository(&["below/nested"]);
    place.repository(&["--bare", "bare"]);
    let data = &place.data;
    fs::create_dir(data.join("plain")).expect("a folder");
    fs::write(data.join("plain/file"), "text").expect("written");
    symlink("../below/nested/.git", data.join("plain/link")).expect("a link");
    symlink("../below/nested/.git/config", data.join("plain/config")).expect("a link");
    symlink("../bare", data.join("plain/bare")).expect("a link");
    let bench = place.bench().await;
    for git in ["below/nested/.git", "plain/link", "bare", "plain/bare"] {
        let steps = json!([
            {"write": format!("/data/{git}/config")},
            {"append": format!("/data/{git}/config")},
            {"truncate": format!("/data/{git}/config")},
            {"write": format!("/data/{git}/hooks/post-checkout")},
            {"write": format!("/data/{git}/commondir")},
            {"remove": format!("/data/{git}/HEAD")},
            {"rename": [format!("/data/{git}/HEAD"), "/data/plain/head"]},
            {"rename": ["/data/plain/file", format!("/data/{git}/config")]},
            // A second name would be a way to write it.
            {"link": [format!("/data/{git}/config"), "/data/plain/second"]},
            {"symlink": ["x", format!("/data/{git}/hooks/x")]},
            {"make-folder": format!("/data/{git}/modules")},
            {"remove-folder": format!("/data/{git}/refs/tags")},
        ]);
        all_refused(&place, &bench, steps).await;
    }
    let through = json!([
        {"write": "/data/plain/config"},
        {"append": "/data/plain/config"},
        {"rename": ["/data/below/nested/.git", "/data/plain/moved"]},
        {"write": "/data/below/nested/file"},
    ]);
    all_refused(&place, &bench, through).await;
    let read = json!([
        {"read": "/data/below/nested/.git/HEAD"},
        {"read": "/data/plain/bare/HEAD"},
        {"list": "/data/plain/link/refs"},
        {"write": "/data/plain/file"},
        {"append": "/data/plain/file"},
    ]);
    for result in files(&bench, &read).await {
        assert!(result["err"].is_null(), "{result}");
    }
    assert_eq!(
        fs::read_to_string(data.join("plain/file")).expect("it is there"),
        "written by the capsule, and more"
    );
}

#[tokio::test]
async fn no_repository_without_a_work_tree_is_made() {
    let place = Place::new();
    let bench = place.bench().await;
    let parts = ["HEAD", "objects", "refs"];
    for (number, last) in parts.into_iter().enumerate() {
        let folder = format!("/data/{number}");
        let make = |name: &str| match name {
            "HEAD" => json!({"write": format!("{folder}/HEAD")}),
            name => json!({"make-folder": format!("{folder}/{name}")}),
        };
        let mut steps = vec![
            json!({"make-folder": folder}),
            json!({"write": format!("{folder}/x")}),
        ];
        steps.extend(
            parts
                .iter()
                .filter(|part| **part != last)
                .map(|part| make(part)),
        );
        for result in files(&bench, &steps.into()).await {
            assert!(result["err"].is_null(), "{result}");
        }
        let path = format!("{folder}/{last}");
        let steps = json!([
            make(last),
            {"write": path},
            {"make-folder": path},
            {"symlink": ["x", path]},
            {"link": [format!("{folder}/x"), path]},
            {"rename": [format!("{folder}/x"), path]},
        ]);
        all_refused(&place, &bench, steps).await;
        let taken = Command::new("git")
            .args(["rev-parse", "--git-dir"])
            .current_dir(place.data.join(number.to_string()))
            .env("GIT_CEILING_DIRECTORIES", &place.data)
            .output();
        assert!(!taken.expect("git").status.success());
    }
}

#[tokio::test]
async fn a_repository_that_comes_while_a_capsule_runs_is_seen() {
    let place = Place::new();
    let bench = place.bench().await;
    let steps = json!([{"sleep": 500}, {"write": "/data/file"}]).to_string();
    let call = bench.begin("files", steps, Default::default());
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    place.repository(&["."]);
    let results = crate::bench::reply(call.await.expect("it ends"));
    assert_eq!(results[1]["err"], REFUSED, "{results}");
    assert!(!place.data.join("file").exists());
}
