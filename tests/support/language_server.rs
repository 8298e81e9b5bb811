//! A real language server, installed once for all tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::environment::{Run, TestEnvironment};
use super::root;

/// What is run, in the folder that has the server.
const SERVER: &str = "node_modules/vscode-json-languageserver/bin/vscode-json-languageserver";
/// What says which packages there have to be.
const PACKAGE: [&str; 2] = ["package.json", "package-lock.json"];

/// Puts the server into a workspace; gives the arguments with which `node`
/// runs it there.
pub(crate) fn language_server_in(workspace: &Path) -> [String; 2] {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    let installed = INSTALLED.get_or_init(install);
    copy(installed, &workspace.join("server"));
    [format!("/workspace/server/{SERVER}"), "--stdio".to_owned()]
}

/// Installs what the lock file says below the target folder, unless it is there.
fn install() -> PathBuf {
    let from = root().join("tests/language-server");
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join("language-server");
    let read = |folder: &Path| PACKAGE.map(|name| fs::read(folder.join(name)).ok());
    // npm writes its hidden lock file last.
    let whole = into.join("node_modules/.package-lock.json").is_file();
    if whole && read(&into) == read(&from) {
        return into;
    }
    fs::create_dir_all(&into).expect("a folder");
    for name in PACKAGE {
        fs::copy(from.join(name), into.join(name)).expect("copied");
    }
    let mut npm = TestEnvironment::new().at(&into).command("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]);
    Run::of(npm.output().expect("npm starts")).ends(0);
    assert!(into.join(SERVER).is_file(), "npm installed another server");
    into
}

/// Copies files and folders; links, of which npm makes some, are left out.
fn copy(from: &Path, into: &Path) {
    fs::create_dir_all(into).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (kind, to) = (
            entry.file_type().expect("a type"),
            into.join(entry.file_name()),
        );
        if kind.is_dir() {
            copy(&entry.path(), &to);
        } else if kind.is_file() {
            fs::copy(entry.path(), to).expect("copied");
        }
    }
}
