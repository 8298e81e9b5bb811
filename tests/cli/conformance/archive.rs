//! The suite as one archive: the same bytes each time, verified when it is used.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::{conformance, ended};
use crate::support::environment::TestEnvironment;

/// Names and what is in the files.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// Two cases of the suite in an archive in this environment.
pub(super) fn packed(environment: &TestEnvironment, name: &str) -> String {
    let file = environment.current().join(name);
    let file = file.to_str().expect("UTF-8");
    let two = ["--only", "config-all", "--only", "config-get"];
    let run = conformance(&[&two[..], &["--pack", file]].concat()).ends(0);
    assert_eq!(run.stdout.trim_end(), file);
    file.to_owned()
}

/// An archive's files.
pub(super) fn files(archive: &str) -> Files {
    let file = File::open(archive).expect("an archive");
    let mut archive = tar::Archive::new(GzDecoder::new(file));
    let entries = archive.entries().expect("entries");
    entries
        .map(|entry| {
            let mut entry = entry.expect("an entry");
            let name = entry.path().expect("a path").display().to_string();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("read");
            (name, bytes)
        })
        .collect()
}

/// Writes an archive anew.
pub(super) fn write(archive: &Path, files: &[(String, Vec<u8>)]) {
    let file = File::create(archive).expect("a file");
    let mut builder = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // What names a file outside cannot be set as a path.
        let field = &mut header.as_old_mut().name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        builder.append(&header, bytes.as_slice()).expect("written");
    }
    let compressed = builder.into_inner().expect("written");
    compressed.finish().expect("written");
}

#[test]
fn an_archive_runs_without_a_checkout_and_is_the_same_each_time() {
    let environment = TestEnvironment::new();
    let (one, other) = (
        packed(&environment, "one.tar.gz"),
        packed(&environment, "other.tar.gz"),
    );
    assert_eq!(
        fs::read(&one).expect("read"),
        fs::read(&other).expect("read")
    );
    let names: Vec<String> = files(&one).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[0], "index.json");
    assert!(
        names.contains(&"cases/config-get/guest.wasm".to_owned()),
        "{names:?}"
    );
    let run = environment.boll(&["conformance", "--suite", &one, "--output", "json"]);
    let results = run.ends(0).json();
    assert_eq!(ended(&results, "passed"), ["config-all", "config-get"]);
}

#[test]
fn an_archive_that_was_changed_is_not_used() {
    let environment = TestEnvironment::new();
    let archive = packed(&environment, "suite.tar.gz");
    let whole = files(&archive);
    let changed = |what: &dyn Fn(&mut Files), says: &str| {
        let mut files = whole.clone();
        what(&mut files);
        write(Path::new(&archive), &files);
        let run = environment.boll(&["conformance", "--suite", &archive]);
        run.fails(2).says(&["suite.tar.gz", says]);
    };
    let component = whole
        .iter()
        .position(|(name, _)| name.ends_with("config-get/guest.wasm"));
    let component = component.expect("a component");
    changed(
        &|files| files[component].1[1000] ^= 1,
        "is not what the index says",
    );
    changed(&|files| drop(files.remove(component)), "is missing");
    changed(&|files| files.push(files[component].clone()), "there twice");
    changed(
        &|files| files.push(("cases/more".to_owned(), Vec::new())),
        "not in the index",
    );
    changed(
        &|files| files.push(("../outside".to_owned(), Vec::new())),
        "no file within",
    );
    changed(
        &|files| files.push(("/tmp/outside".to_owned(), Vec::new())),
        "no file within",
    );
    changed(
        &|files| drop(files.remove(0)),
        "does not begin with index.json",
    );
    changed(&|files| files.clear(), "it is empty");
    let other = |text: &str| {
        text.replace("\"protocol\": 1", "\"protocol\": 7")
            .into_bytes()
    };
    changed(
        &|files| files[0].1 = other(&String::from_utf8_lossy(&files[0].1)),
        "for version 7 of the protocol",
    );
    fs::write(&archive, "no archive").expect("written");
    let run = environment.boll(&["conformance", "--suite", &archive]);
    run.fails(2).says(&["no archive of a suite"]);
}
