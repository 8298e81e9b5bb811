//! What a process that may write the workspace plants, and whether git on the
//! host then executes it. With real git, in real sandboxes.

mod allowed;
mod closed;
mod commands;
mod computed;
mod named;
mod plants;
mod running;
mod trees;
mod ways;

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::geteuid;
use tempfile::TempDir;

use super::support::{Bench, sh};
use crate::policy::WorkspaceAccess;
use crate::process::ProcessError;
use crate::sandbox::{GitSettings, Sandbox, SandboxSettings};

/// What the host's scripts begin with. `$MARK` is a file that only what was
/// planted makes, `$EVIL` a command that makes it.
const HOST: &str = "set -e
new() {
  mkdir -p \"$1\"; git init -q -b main \"$1\"; git -C \"$1\" config user.email a@example.org
  git -C \"$1\" config user.name a; echo x > \"$1/f\"; git -C \"$1\" add f; git -C \"$1\" commit -qm one
}
";

/// Whose the workspace is: the host's own, or another's, where the host may choose.
fn owners() -> Vec<Option<u32>> {
    match geteuid().is_root() {
        true => vec![None, Some(1234)],
        false => vec![None],
    }
}

/// A folder with a workspace `w` in it.
struct Place {
    folder: TempDir,
    /// The workspace, below the folder.
    workspace: &'static str,
}

impl Place {
    /// With what a script makes in the folder.
    fn new(workspace: &'static str, owner: Option<u32>, prepare: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(workspace)).unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        let place = Self { folder, workspace };
        place
            .on_host(prepare)
            .unwrap_or_else(|error| panic!("{error}: {prepare}"));
        if let Some(owner) = owner {
            own(place.folder.path(), owner);
        }
        place
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(self.workspace)
    }

    fn mark(&self) -> PathBuf {
        self.folder.path().join("home/mark")
    }

    fn bench(&self) -> Bench {
        let mut settings = SandboxSettings::new(self.path());
        let homes = ["home", "home/other"].map(|home| self.folder.path().join(home));
        settings.git = homes.map(of_user).into();
        let included = self.path().join("included");
        if included.exists() {
            let set = ("include.path".to_owned(), included.display().to_string());
            settings.git[1].values = vec![set];
        }
        let sandbox = Sandbox::open(settings).unwrap();
        Bench::of(tempfile::tempdir().unwrap(), sandbox)
    }

    fn evil(&self) -> String {
        format!("touch {};false", self.mark().display())
    }

    /// Runs a script on the host, in the workspace.
    fn on_host(&self, script: &str) -> Result<String, String> {
        let output = Command::new("sh")
            .args(["-c", &format!("{HOST}{script}")])
            .current_dir(self.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.folder.path().join("home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_COUNT", "2")
            .env("GIT_CONFIG_KEY_0", "safe.directory")
            .env("GIT_CONFIG_VALUE_0", "*")
            .env("GIT_CONFIG_KEY_1", "protocol.file.allow")
            .env("GIT_CONFIG_VALUE_1", "always")
            .env("GIT_EDITOR", "true")
            .env("EVIL", self.evil())
            .env("MARK", self.mark())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.success() {
            true => Ok(text),
            false => Err(text + &String::from_utf8_lossy(&output.stderr)),
        }
    }

    /// Runs a script in a sandbox; gives what it wrote.
    async fn inside(&self, access: WorkspaceAccess, script: &str) -> Result<String, ProcessError> {
        let bench = self.bench();
        let script = format!(
            "exec 2>&1; export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=safe.directory \
             GIT_CONFIG_VALUE_0='*' GIT_CONFIG_KEY_1=protocol.file.allow GIT_CONFIG_VALUE_1=always \
             GIT_EDITOR=true EVIL='{}' MARK={}\n{script}",
            self.evil(),
            self.mark().display()
        );
        let command = bench.allow(sh(&script), access);
        let output = bench.service.run(command, bench.context()).await?;
        bench.service.shut_down().await;
        Ok(String::from_utf8_lossy(&output.stdout.bytes).into_owned())
    }
}

/// What the user with this home has set.
fn of_user(home: PathBuf) -> GitSettings {
    GitSettings {
        config: vec![home.join(".gitconfig")],
        home: Some(home),
        ..GitSettings::default()
    }
}

/// Gives a folder with all that is in it to somebody.
fn own(path: &Path, owner: u32) {
    let status = Command::new("chown")
        .args(["-Rh", &format!("{owner}:{owner}")])
        .arg(path)
        .status();
    assert!(status.unwrap().success());
    chown(path, Some(owner), Some(owner)).unwrap();
}

/// The names of what is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
