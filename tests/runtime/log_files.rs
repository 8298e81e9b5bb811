//! The log in files, written by real capsules and processes.

use std::fs;
use std::path::{Path, PathBuf};

use boll_host::CallOptions;
use boll_host::services::log::{FileSettings, FileSink};
use serde_json::Value;

use crate::bench::{Bench, sh, until};

fn sink(path: &Path) -> FileSink {
    let sink = FileSink::open(path, FileSettings::default()).expect("the folder");
    sink.admitting(|principal| principal == "ann")
}

fn on_behalf_of(principal: &str) -> CallOptions {
    CallOptions {
        principal: Some(principal.into()),
        call_id: Some(format!("call-of-{principal}").into()),
        time: None,
    }
}

/// The lines of every file in a folder.
fn lines(folder: PathBuf) -> Vec<Value> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("text");
        lines.extend(
            text.lines()
                .map(|line| serde_json::from_str(line).expect("JSON")),
        );
    }
    lines
}

#[tokio::test]
async fn what_capsules_and_their_processes_say_reaches_files_with_its_source() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("logs");
    let setup = Bench::setup().program("sh").files(sink(&path));
    let bench = setup.start().await;
    let mut command = sh("echo of a child; printf 'its\\r\\033[2Jerror\\n' >&2");
    command["stdout"] = "log".into();
    command["stderr"] = "log".into();
    command["label"] = "speaker".into();
    for (action, payload) in [
        ("log-lines", String::new()),
        ("stdout", String::new()),
        ("run", command.to_string()),
    ] {
        let answer = bench.call(action, &payload, on_behalf_of("ann")).await;
        answer.expect("an answer");
    }
    bench.runtime.shut_down().await;

    let lines = lines(path.join("principals/ann/guests"));
    for line in &lines {
        let attribution = ["capsule", "principal", "call"].map(|key| &line[key]);
        assert_eq!(attribution, ["guests", "ann", "call-of-ann"], "{line}");
    }
    let find = |message: &str| {
        let found = lines.iter().find(|line| line["message"] == message);
        found.unwrap_or_else(|| panic!("no `{message}` in {lines:#?}"))
    };
    assert_eq!(find("a line with fields")["source"], "capsule");
    assert_eq!(find("one line on stdout")["source"], "stdout");
    assert_eq!(find("one line on stderr")["source"], "stderr");
    let child = find("of a child");
    assert_eq!(
        (&child["source"], &child["child"]),
        (&"stdout".into(), &"speaker".into())
    );
    assert!(child["child_id"].is_string(), "{child}");
    assert_eq!(find("its\r\u{1b}[2Jerror")["source"], "stderr");
    // Every line is there, once.
    assert_eq!(lines.len(), bench.log.lines().len());
}

#[tokio::test]
async fn a_principal_that_is_not_admitted_has_its_lines_in_the_shared_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("logs");
    let bench = Bench::setup()
        .without_sandbox()
        .files(sink(&path))
        .start()
        .await;
    for principal in ["mallory", "../../mallory"] {
        let answer = bench.call("log-lines", "", on_behalf_of(principal)).await;
        answer.expect("an answer");
    }
    bench.plainly("log-lines", "").await.expect("an answer");
    bench.runtime.shut_down().await;
    let shared = lines(path.join("unadmitted"));
    assert_eq!(shared.len(), 10);
    assert_eq!(shared[0]["principal"], "mallory");
    assert_eq!(shared[9]["principal"], "../../mallory");
    assert_eq!(lines(path.join("no-principal/guests")).len(), 5);
    assert!(!path.join("principals").exists());
}

#[tokio::test]
async fn trouble_with_files_stops_no_call_and_is_told_when_it_is_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("logs");
    let bench = Bench::setup()
        .without_sandbox()
        .files(sink(&path))
        .start()
        .await;
    // A file where the folder was.
    fs::remove_dir_all(&path).expect("removed");
    fs::write(&path, "in the way").expect("written");
    for _ in 0..3 {
        bench
            .call("log-lines", "", on_behalf_of("ann"))
            .await
            .expect("an answer");
    }
    until("the lines reach the sink", || bench.log.lines().len() == 15).await;
    fs::remove_file(&path).expect("removed");
    // Nothing more is logged: the sink finds out by itself.
    let anns = path.join("principals/ann/guests");
    until("the loss is told", || anns.is_dir()).await;
    bench
        .call("log-lines", "", on_behalf_of("ann"))
        .await
        .expect("an answer");
    bench.runtime.shut_down().await;
    let lines = lines(anns);
    let note = lines
        .iter()
        .find(|line| line["source"] == "host")
        .expect("a note");
    let lost = note["fields"]["lost"].as_u64().expect("a count");
    let written = lines
        .iter()
        .filter(|line| line["source"] == "capsule")
        .count() as u64;
    assert_eq!(written + lost, 20, "{lines:#?}");
    assert!(lost > 0);
}
