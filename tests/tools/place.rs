//! Where everything lies that a run makes: a folder that an ordinary user can enter, wherever the
//! project lies.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::account::Who;
use crate::support::environment::BOLL;
use crate::support::guests::guests;

/// The folder.
pub(crate) struct Place {
    folder: TempDir,
    /// The component that runs a given command, copied when it is first needed.
    component: OnceLock<PathBuf>,
    /// Whether this run keeps what it sees, and so what works again is no error.
    pub(crate) records: bool,
}

impl Place {
    pub(crate) fn new(records: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        open(folder.path());
        fs::copy(BOLL, folder.path().join("boll")).expect("copied");
        let place = Self {
            folder,
            component: OnceLock::new(),
            records,
        };
        for who in [Who::Root, Who::Ordinary] {
            let own = place.of(who);
            for folder in [own.clone(), own.join("home"), own.join("cache")] {
                fs::create_dir(&folder).expect("a folder");
                open(&folder);
                // Where there is no root, all of it is the one user's.
                if who == Who::Ordinary {
                    who.own(&folder);
                }
            }
        }
        place
    }

    /// The program `boll`.
    pub(crate) fn boll(&self) -> PathBuf {
        self.folder.path().join("boll")
    }

    /// What an account has here.
    pub(crate) fn of(&self, who: Who) -> PathBuf {
        let folder = self.folder.path().canonicalize().expect("a path");
        folder.join(who.word())
    }

    /// A new folder of the account's.
    pub(crate) fn new_folder(&self, who: Who, prefix: &str) -> TempDir {
        let mut builder = tempfile::Builder::new();
        let folder = builder.prefix(prefix).tempdir_in(self.of(who));
        let folder = folder.expect("a folder");
        open(folder.path());
        who.own(folder.path());
        folder
    }

    /// The component that runs a given command.
    pub(crate) fn component(&self) -> &Path {
        self.component.get_or_init(|| {
            let copy = self.folder.path().join("guests.wasm");
            fs::copy(guests(), &copy).expect("copied");
            fs::set_permissions(&copy, Permissions::from_mode(0o644)).expect("chmod");
            copy
        })
    }
}

fn open(folder: &Path) {
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("chmod");
}
