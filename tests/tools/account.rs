//! Who runs a program: root, or an ordinary user.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Uid, User, chown};

use crate::program::Way;
use crate::support::UNPREPARED;

/// The account that root's runs take for an ordinary user, which `cargo xtask tools` makes.
const ORDINARY: &str = "boll-ci";

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Root,
    Ordinary,
}

impl Way {
    pub(crate) fn who(self) -> Who {
        match self {
            Self::BubblewrapRoot | Self::LandlockRoot => Who::Root,
            Self::BubblewrapUser | Self::LandlockUser => Who::Ordinary,
        }
    }

    /// As the files have it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::BubblewrapRoot => "bubblewrap-root",
            Self::BubblewrapUser => "bubblewrap-user",
            Self::LandlockRoot => "landlock-root",
            Self::LandlockUser => "landlock-user",
        }
    }

    pub(crate) fn backend(self) -> &'static str {
        match self {
            Self::BubblewrapRoot | Self::BubblewrapUser => "bubblewrap",
            Self::LandlockRoot | Self::LandlockUser => "landlock",
        }
    }
}

impl Who {
    /// A word for folders.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Ordinary => "user",
        }
    }

    /// What the system knows of it.
    pub(crate) fn account(self) -> User {
        let found = match self {
            Self::Root => User::from_uid(Uid::from_raw(0)),
            Self::Ordinary if Uid::effective().is_root() => User::from_name(ORDINARY),
            Self::Ordinary => User::from_uid(Uid::effective()),
        };
        let found = found.expect("the accounts can be read");
        found.unwrap_or_else(|| {
            panic!("there is no account `{ORDINARY}`: `cargo xtask tools` makes one")
        })
    }

    /// Gives a path to the account.
    pub(crate) fn own(self, path: &Path) {
        if Uid::effective().is_root() {
            let account = self.account();
            chown(path, Some(account.uid), Some(account.gid)).expect("chown");
        }
    }

    /// A command that the account starts, with nothing but what is usual in its environment, and
    /// with the search path that a sandbox has.
    pub(crate) fn command(self, program: impl AsRef<std::ffi::OsStr>, home: &Path) -> Command {
        let account = self.account();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", home)
            .env("LANG", "C.UTF-8")
            .env("USER", &account.name)
            .env("LOGNAME", &account.name)
            .stdin(std::process::Stdio::null());
        if Uid::effective().is_root() {
            command.uid(account.uid.as_raw()).gid(account.gid.as_raw());
        }
        command
    }
}

/// Fails where a program is not in the search path of a sandbox, or its own path is not there.
pub(crate) fn there(program: &str) -> Result<(), String> {
    let folders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"].map(PathBuf::from);
    let path = env::join_paths(folders).expect("folders without a colon");
    let found = env::split_paths(&path).any(|folder| folder.join(program).exists());
    found.then_some(()).ok_or_else(|| {
        format!("{UNPREPARED}\n`{program}` is not there; `cargo xtask tools` installs it")
    })
}
