//! Which paths of the host an operator may show to processes and to capsules.
//!
//! A path that shows more than whoever writes it down is likely to mean, or
//! that takes the place of something that the sandbox makes, is refused.

use std::fs;
use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use boll_host::document::{Document, DocumentError};
use boll_host::policy::Grant;
use etcetera::BaseStrategy as _;

use crate::failure::{Code, Failure};

/// Why a path cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unfit {
    message: String,
    hint: Option<String>,
}

/// The kernel's and the services' own: reading there is more than reading a
/// file, and a socket can be connected to.
const LIVE: [&str; 4] = ["/proc", "/sys", "/dev", "/run"];

/// What the sandbox makes at the same place.
const MADE: [&str; 2] = ["/workspace", "/home/capsule"];

/// Folders with something for everybody in them, secrets too.
const WHOLE: [&str; 6] = ["/etc", "/home", "/mnt", "/root", "/tmp", "/var"];

/// What holds a user's keys, in the home folder.
const KEYS: [&str; 8] = [
    ".aws",
    ".azure",
    ".docker",
    ".gnupg",
    ".kube",
    ".netrc",
    ".password-store",
    ".ssh",
];

impl Unfit {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The error for a grant of a folder, wherever it was given.
    pub(super) fn of(self, grant: &Grant) -> Failure {
        let failure = Failure::new(Code::Input, format!("{}, by \"{grant}\"", self.message));
        self.hint.into_iter().fold(failure, Failure::hint)
    }

    /// The error at the path's place in the file.
    pub(super) fn at(self, document: &Document<'_>, span: Range<usize>) -> DocumentError {
        DocumentError {
            hint: self.hint,
            ..document.error(Some(span), self.message)
        }
    }
}

/// Judges a path by itself. `operator` is the operator's file.
pub(super) fn judge(path: &Path, operator: &Path) -> Result<(), Unfit> {
    let shown = path.display();
    if !path.is_absolute() {
        return Err(Unfit::new(format!("`{shown}` is not an absolute path")));
    }
    let real = path
        .canonicalize()
        .map_err(|error| Unfit::new(format!("cannot show `{shown}`: {error}")))?;
    // Processes see it under the name that is written here, where a link would
    // lead to something that they do not see.
    if real != path {
        return Err(Unfit::new(format!(
            "`{shown}` leads elsewhere by a symbolic link or `..`"
        ))
        .hint(format!("write `{}`", real.display())));
    }
    let kind = fs::symlink_metadata(path)
        .map_err(|error| Unfit::new(format!("cannot show `{shown}`: {error}")))?
        .file_type();
    if !kind.is_dir() && !kind.is_file() {
        return Err(Unfit::new(format!(
            "`{shown}` is neither a file nor a folder"
        )));
    }
    refuse_replaceable(path)?;
    let home = etcetera::choose_base_strategy()
        .ok()
        .map(|strategy| strategy.home_dir().to_owned());
    refuse_place(path, home.as_deref(), operator)
}

/// Refuses a path in whose place another user could put something, which the
/// sandbox would then show with this user's rights.
fn refuse_replaceable(path: &Path) -> Result<(), Unfit> {
    let shown = path.display();
    let me = nix::unistd::geteuid().as_raw();
    for entry in path.ancestors() {
        let Some(folder) = entry.parent() else { break };
        let metadata = |path: &Path| {
            fs::symlink_metadata(path)
                .map_err(|error| Unfit::new(format!("cannot show `{shown}`: {error}")))
        };
        let (entry, folder_data) = (metadata(entry)?, metadata(folder)?);
        let mine = |uid| uid == 0 || uid == me;
        let shared = folder_data.mode() & 0o022 != 0;
        let sticky = folder_data.mode() & 0o1000 != 0;
        if !mine(folder_data.uid()) || (shared && !(sticky && mine(entry.uid()))) {
            return Err(Unfit::new(format!(
                "`{shown}` cannot be shown: others can put something else in its place, in {}",
                folder.display()
            )));
        }
    }
    Ok(())
}

fn refuse_place(path: &Path, home: Option<&Path>, operator: &Path) -> Result<(), Unfit> {
    let shown = path.display();
    let refused = |why: &str| Err(Unfit::new(format!("`{shown}` cannot be shown: {why}")));
    let narrower = |why: &str| {
        refused(why).map_err(|unfit: Unfit| unfit.hint("name the folder in it that is needed"))
    };
    if path == Path::new("/") {
        return narrower("it is the whole machine");
    }
    if LIVE.iter().any(|live| path.starts_with(live)) {
        return refused("the kernel's files and the sockets of services are there");
    }
    if MADE.iter().any(|made| path.starts_with(made)) {
        return refused("the sandbox has something of its own there");
    }
    if WHOLE.iter().any(|whole| path == Path::new(whole)) {
        return narrower("it holds much that is no capsule's business");
    }
    if let Some(home) = home {
        // Both as they are written and as they lead.
        for home in [Some(home.to_owned()), home.canonicalize().ok()]
            .into_iter()
            .flatten()
        {
            if home.starts_with(path) {
                return narrower("it holds the whole home folder");
            }
            if KEYS.iter().any(|keys| path.starts_with(home.join(keys))) {
                return refused("keys are there");
            }
        }
    }
    judge_operator(path, operator)
}

/// Refuses a path that holds the operator's file.
pub(super) fn judge_operator(path: &Path, operator: &Path) -> Result<(), Unfit> {
    let operator: PathBuf = operator
        .canonicalize()
        .unwrap_or_else(|_| operator.to_owned());
    if operator.starts_with(path) {
        return Err(Unfit::new(format!(
            "`{}` cannot be shown: it holds the operator's file, where secrets may be",
            path.display()
        )));
    }
    Ok(())
}

/// Judges a path beside a workspace, whose path has no links.
pub(super) fn judge_beside(path: &Path, workspace: &Path) -> Result<(), Unfit> {
    if workspace.starts_with(path) {
        return Err(Unfit::new(format!(
            "`{}` cannot be shown: it holds the workspace {}, and what lies beside it",
            path.display(),
            workspace.display()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    fn place(path: &str) -> String {
        let judged = refuse_place(
            Path::new(path),
            Some(Path::new("/home/somebody")),
            Path::new("/srv/boll/boll.toml"),
        );
        judged.map_or_else(|unfit| unfit.message, |()| "fits".to_owned())
    }

    #[test]
    fn what_shows_too_much_is_refused() {
        for (path, why) in [
            ("/", "the whole machine"),
            ("/proc", "sockets of services"),
            ("/proc/1", "sockets of services"),
            ("/run/docker.sock", "sockets of services"),
            ("/dev/shm", "sockets of services"),
            ("/sys/kernel", "sockets of services"),
            ("/workspace/x", "of its own"),
            ("/home/capsule", "of its own"),
            ("/etc", "no capsule's business"),
            ("/var", "no capsule's business"),
            ("/tmp", "no capsule's business"),
            ("/home", "no capsule's business"),
            ("/home/somebody", "the whole home folder"),
            ("/home/somebody/.ssh", "keys"),
            ("/home/somebody/.aws/x", "keys"),
            ("/srv/boll", "the operator's file"),
            ("/srv/boll/boll.toml", "the operator's file"),
        ] {
            let found = place(path);
            assert!(found.contains(why), "{path}: {found}");
        }
    }

    #[test]
    fn a_folder_of_tools_fits() {
        for path in [
            "/opt/tools",
            "/etc/tools",
            "/home/somebody/tools",
            "/home/somebody/.cargo",
            "/srv/other",
            "/usr/share",
        ] {
            assert_eq!(place(path), "fits", "{path}");
        }
    }

    #[test]
    fn what_holds_the_workspace_does_not_fit() {
        let judged = |path: &str| judge_beside(Path::new(path), Path::new("/srv/project")).is_ok();
        assert!(judged("/srv/other"));
        assert!(judged("/srv/project/below"));
        assert!(!judged("/srv/project"));
        assert!(!judged("/srv"));
    }

    #[test]
    fn what_others_can_replace_does_not_fit() {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = folder.path().canonicalize().expect("a path").join("shared");
        let tools = shared.join("tools");
        fs::create_dir_all(tools.join("below")).expect("folders");
        let judged = |mode| {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(&shared, permissions).expect("chmod");
            let both =
                [&tools, &tools.join("below")].map(|path| judge(path, Path::new("/nowhere")));
            both.map(|judged| judged.map_err(|unfit| unfit.message))
        };
        assert_eq!(judged(0o755), [Ok(()), Ok(())]);
        assert_eq!(judged(0o1777), [Ok(()), Ok(())]);
        for mode in [0o777, 0o775, 0o757] {
            for found in judged(mode) {
                let message = found.expect_err("others can write");
                assert!(
                    message.contains("others can put something else"),
                    "{message}"
                );
            }
        }
    }

    #[test]
    fn only_real_files_and_folders_fit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("a path");
        fs::create_dir(path.join("tools")).expect("a folder");
        symlink("tools", path.join("link")).expect("a link");
        let _socket = UnixListener::bind(path.join("socket")).expect("a socket");
        let judged = |path: &Path| judge(path, Path::new("/nowhere"));
        assert_eq!(judged(&path.join("tools")), Ok(()));
        for (name, why) in [
            ("missing", "No such file"),
            ("link", "leads elsewhere"),
            ("tools/../tools", "leads elsewhere"),
            ("socket", "neither a file nor a folder"),
        ] {
            let unfit = judged(&path.join(name)).expect_err(name);
            assert!(unfit.message.contains(why), "{name}: {unfit:?}");
        }
        let unfit = judged(&path.join("link")).expect_err("a link");
        assert_eq!(
            unfit.hint,
            Some(format!("write `{}`", path.join("tools").display()))
        );
        let unfit = judged(Path::new("tools")).expect_err("relative");
        assert!(unfit.message.contains("not an absolute path"), "{unfit:?}");
    }
}
