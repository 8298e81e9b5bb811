//! A real language server, installed once for all tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::npm;

/// What is run, in the folder that has the server.
const SERVER: &str = "node_modules/vscode-json-languageserver/bin/vscode-json-languageserver";

/// Puts the server into a workspace; gives the arguments with which `node`
/// runs it there.
pub(crate) fn language_server_in(workspace: &Path) -> [String; 2] {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    let installed = INSTALLED.get_or_init(install);
    copy(installed, &workspace.join("server"));
    [format!("/workspace/server/{SERVER}"), "--stdio".to_owned()]
}

fn install() -> PathBuf {
    let folder = npm::installed("tests/language-server");
    assert!(
        folder.join(SERVER).is_file(),
        "npm installed another server"
    );
    folder
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
