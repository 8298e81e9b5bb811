//! A suite that somebody else wrote reaches nothing of whoever runs it but its own
//! folders.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use boll_host::Digest;
use serde_json::{Value, json};

use super::archive::{Files, files, packed, write};
use crate::support::environment::TestEnvironment;

const SECRET: &str = "nobody is to see this";
const CASE: &str = "cases/config-get/case.json";

/// A suite with one case, and something beside it that is none of its business.
struct Suite {
    environment: TestEnvironment,
    files: Files,
    victim: PathBuf,
}

impl Suite {
    fn new() -> Self {
        let environment = TestEnvironment::new();
        let mut files = files(&packed(&environment, "suite.tar.gz"));
        files.retain(|(name, _)| !name.contains("config-all") && name != "index.json");
        let victim = environment.write("victim/file", SECRET);
        fs::set_permissions(&victim, fs::Permissions::from_mode(0o600)).expect("set");
        Self {
            environment,
            files,
            victim,
        }
    }

    fn case(&mut self) -> &mut Vec<u8> {
        let mut files = self.files.iter_mut();
        let (_, case) = files.find(|(name, _)| name == CASE).expect("a case");
        case
    }

    /// The suite with something else in its case.
    fn with(&self, key: &str, value: &Value) -> Self {
        let mut suite = Self {
            environment: TestEnvironment::new(),
            files: self.files.clone(),
            victim: self.victim.clone(),
        };
        let mut case: Value = serde_json::from_slice(suite.case()).expect("JSON");
        case[key] = value.clone();
        *suite.case() = serde_json::to_vec(&case).expect("JSON");
        suite
    }

    /// Its folder.
    fn folder(&self) -> String {
        for (name, bytes) in &self.files {
            self.environment.write(&format!("suite/{name}"), bytes);
        }
        let folder = self.environment.current().join("suite");
        folder.display().to_string()
    }

    /// The same as an archive that is what its index says.
    fn archive(&self) -> String {
        let digests = self.files.iter();
        let digests = digests.map(|(name, bytes)| (name, Digest::of(bytes).to_string()));
        let digests: std::collections::BTreeMap<_, _> = digests.collect();
        let index = json!({"protocol": 1, "version": "0.2.0", "files": digests});
        let index = ("index.json".to_owned(), index.to_string().into_bytes());
        let all: Files = [index].into_iter().chain(self.files.clone()).collect();
        let archive = self.environment.current().join("suite.tar.gz");
        write(&archive, &all);
        archive.display().to_string()
    }

    #[track_caller]
    fn leaves_all_as_it_is(&self) {
        let around = self.victim.parent().expect("a folder");
        assert_eq!(fs::read_dir(around).expect("it").count(), 1);
        assert_eq!(fs::read_to_string(&self.victim).expect("it"), SECRET);
        let data = fs::metadata(&self.victim).expect("it");
        assert_eq!(data.permissions().mode() & 0o777, 0o600);
    }
}

/// A path from a temporary folder to the same file.
fn climbing(path: &Path) -> String {
    format!("../../../../../../../..{}", path.display())
}

#[test]
fn no_case_names_a_file_outside_of_its_folders() {
    let suite = Suite::new();
    let victim = suite.victim.display().to_string();
    let step = json!({"do": "run-case", "name": "values"});
    for path in [victim.clone(), climbing(&suite.victim)] {
        for (key, value, place) in [
            (
                "workspace",
                json!([{"path": path, "text": "x", "mode": "777"}]),
                "workspace[0].path",
            ),
            (
                "workspace",
                json!([{"path": path, "mode": "777"}]),
                "workspace[0].path",
            ),
            (
                "steps",
                json!([{"do": "remove", "path": path}, step]),
                "steps[0].path",
            ),
            (
                "steps",
                json!([step, {"do": "await-file", "path": path}]),
                "steps[1].path",
            ),
            (
                "effects",
                json!({"files": {path.as_str(): "x"}}),
                "effects.files",
            ),
            (
                "effects",
                json!({"files": {path.as_str(): null}}),
                "effects.files",
            ),
            (
                "capsules",
                json!([{"manifest": path}]),
                "capsules[0].manifest",
            ),
            ("host", json!({"read-only": [path]}), "host.read-only[0]"),
        ] {
            let suite = suite.with(key, &value);
            for packed in [suite.folder(), suite.archive()] {
                let run = suite
                    .environment
                    .boll(&["conformance", "--suite", &packed])
                    .fails(2)
                    .says(&["case.json: ", place]);
                assert!(!run.stderr.contains(SECRET), "{run:?}");
            }
            suite.leaves_all_as_it_is();
        }
    }
}

#[test]
fn no_case_grants_what_is_not_its_own() {
    let suite = Suite::new();
    let folder = suite
        .victim
        .parent()
        .expect("a folder")
        .display()
        .to_string();
    let run = |suite: &Suite, more: &[&str]| {
        let folder = suite.folder();
        let args = ["conformance", "--suite", &folder];
        suite.environment.boll(&[&args[..], more].concat())
    };
    for grant in [
        format!("files:{folder}"),
        format!("files-write:{folder}"),
        format!("files:/data {folder}"),
        "sandbox:none".to_owned(),
    ] {
        let granted = suite.with("grants", &json!([grant]));
        run(&granted, &[])
            .fails(2)
            .says(&["case.json: grants: ", &grant]);
        let step = json!([
            {"do": "run-case", "name": "values"},
            {"do": "grant", "capsule": "config-get", "grants": [grant]}
        ]);
        let granted = suite.with("steps", &step);
        run(&granted, &[])
            .fails(2)
            .says(&["case.json: steps[1].grants: "]);
    }
    for grant in [
        "network:host",
        "network:127.0.0.1:80",
        "network:*.example.com:*",
    ] {
        let granted = suite.with("grants", &json!([grant]));
        run(&granted, &[]).fails(3).says(&[
            "case.json: ",
            grant,
            "reaches the network of this machine",
            "--allow-network",
        ]);
        run(&granted, &["--allow-network"]).ends(0);
    }
    let own = json!(["files:/workspace", "files-write:/data ${outside}/data"]);
    run(&suite.with("grants", &own), &[]).ends(0);
    suite.leaves_all_as_it_is();
}

#[test]
fn no_link_leads_out_of_a_suite() {
    for (name, code) in [
        ("cases/config-get/Capsule.toml", 1),
        (CASE, 2),
        ("exemptions.toml", 2),
    ] {
        let suite = Suite::new();
        let folder = suite.folder();
        let link = Path::new(&folder).join(name);
        fs::remove_file(&link).expect("removed");
        symlink(&suite.victim, &link).expect("a link");
        let run = suite.environment.boll(&["conformance", "--suite", &folder]);
        let run = run.ends(code);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("it leads out of the folder"), "{said}");
        assert!(!said.contains(SECRET), "{said}");
        suite.leaves_all_as_it_is();
    }
}

#[test]
fn no_component_leads_out_of_a_suite() {
    let suite = Suite::new();
    let folder = suite.folder();
    let link = Path::new(&folder).join("cases/config-get/guest.wasm");
    fs::remove_file(&link).expect("removed");
    symlink(&suite.victim, &link).expect("a link");
    let packed = suite.environment.current().join("packed.tar.gz");
    for more in [&[][..], &["--pack", "packed.tar.gz"]] {
        let run = [&["conformance", "--suite", &folder], more].concat();
        let run = suite.environment.boll(&run);
        run.fails(2).says(&["has no component"]);
    }
    assert!(!packed.exists());
    suite.leaves_all_as_it_is();
}
