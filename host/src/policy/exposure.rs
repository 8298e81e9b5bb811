//! Which folders of the host expose too much to be given to anybody: one
//! judgement for the workspace, for folders of capsules, and for further paths
//! that processes see.
//!
//! It looks at paths alone. Whoever asks resolves symbolic links before, and
//! says where the homes of this machine's users and Boll's own files are.

use std::path::{Component, Path, PathBuf};

use super::FileAccess;

/// What the judgement knows of a host besides what every Linux has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The home folders of users, without symbolic links on their way. `/root`
    /// and what lies directly in `/home` are known without being listed.
    pub homes: Vec<PathBuf>,
    /// The host's own files and folders.
    pub own: Vec<OwnPlace>,
    /// Folders that the operator gives although they expose more. Each stands
    /// for itself, and not for what is above or below it.
    pub exposed: Vec<PathBuf>,
}

/// A file or folder that belongs to the host itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPlace {
    /// Where it is, without symbolic links on the way.
    pub path: PathBuf,
    /// What it is, with its article: `the operator's file`.
    pub what: String,
    /// Whether reading it is refused as well as writing.
    pub secret: bool,
}

/// Why a folder is not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Exposure {
    /// It is `/`.
    #[error("it is the whole machine")]
    Machine,
    /// It is the kernel's, or has the sockets of services.
    #[error("the kernel's files and the sockets of services are there")]
    Live,
    /// It is a folder with something for everybody in it.
    #[error("it holds much that is no capsule's business")]
    Wide,
    /// It belongs to the system, and is to be written.
    #[error("the system lives there: whoever writes it controls the machine")]
    System,
    /// It belongs to services of the system, or has their keys.
    #[error("the system keeps its secrets there")]
    Private,
    /// It is, or holds, a home folder.
    #[error("it holds the whole home folder {}", .0.display())]
    Home(PathBuf),
    /// It has what a user's keys, passwords or sessions are in.
    #[error("keys are there")]
    Keys,
    /// It holds what a user's keys, passwords or sessions are in.
    #[error("it holds {}, where keys may be", .0.display())]
    HoldsKeys(PathBuf),
    /// It is to be written, and a user's programs and shells obey it.
    #[error("programs of the user obey what is written there")]
    Obeyed,
    /// It holds a place of the host itself.
    #[error("it holds {what}{}", if *.secret { ", where secrets may be" } else { ", which the host trusts" })]
    HoldsOwn {
        /// What it is.
        what: String,
        /// Whether reading is refused, too.
        secret: bool,
    },
    /// It lies in a place of the host itself.
    #[error("it is part of {what}")]
    PartOfOwn {
        /// What it is.
        what: String,
    },
}

impl Exposure {
    /// Returns whether a folder below it may do.
    #[must_use]
    pub fn is_too_wide(&self) -> bool {
        matches!(
            self,
            Self::Machine | Self::Wide | Self::Home(_) | Self::HoldsKeys(_) | Self::HoldsOwn { .. }
        )
    }
}

/// The kernel's and the services' own: reading there is more than reading a
/// file, and a socket can be connected to.
const LIVE: &[&str] = &["/proc", "/sys", "/dev", "/run", "/var/run"];

/// Where removable media are, below which projects lie: `/run/media/USER/DISK`.
const MEDIA: &str = "/run/media";

/// Folders with something for everybody in them, secrets too.
const WIDE: &[&str] = &[
    "/etc",
    "/home",
    "/lost+found",
    "/media",
    "/mnt",
    "/tmp",
    "/var",
    "/var/log",
    "/var/tmp",
];

/// What only the system and its services read, and all below.
const PRIVATE: &[&str] = &[
    "/boot",
    "/etc/NetworkManager",
    "/etc/docker",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/ipsec.d",
    "/etc/krb5.keytab",
    "/etc/kubernetes",
    "/etc/letsencrypt",
    "/etc/openvpn",
    "/etc/pki/tls/private",
    "/etc/ppp",
    "/etc/rancher",
    "/etc/security",
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/ssh",
    "/etc/ssl/private",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/wireguard",
    "/var/backups",
    "/var/mail",
    "/var/cache",
    "/var/db",
    "/var/lib",
    "/var/spool",
];

/// What nobody but the system's own tools writes, and all below.
const SYSTEM: &[&str] = &[
    "/bin", "/boot", "/etc", "/gnu", "/lib", "/lib32", "/lib64", "/libx32", "/nix", "/sbin",
    "/snap", "/usr", "/var/log",
];

/// Sources below what is the system's.
const SOURCES: &[&str] = &["/usr/local/src", "/usr/src"];

/// What holds a user's keys, passwords, sessions and what was typed, in a home
/// folder.
const KEYS: &[&str] = &[
    ".ansible",
    ".aws",
    ".azure",
    ".bash_history",
    ".bitcoin",
    ".boto",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".claude",
    ".codex",
    ".composer/auth.json",
    ".config/1Password",
    ".config/BraveSoftware",
    ".config/Bitwarden",
    ".config/Code",
    ".config/Element",
    ".config/Signal",
    ".config/Slack",
    ".config/age",
    ".config/boll",
    ".config/chromium",
    ".config/containers",
    ".config/doctl",
    ".config/gcloud",
    ".config/gh",
    ".config/git",
    ".config/glab-cli",
    ".config/google-chrome",
    ".config/helm",
    ".config/heroku",
    ".config/hub",
    ".config/keepassxc",
    ".config/microsoft-edge",
    ".config/op",
    ".config/rclone",
    ".config/sops",
    ".config/vivaldi",
    ".databrickscfg",
    ".docker",
    ".electrum",
    ".ethereum",
    ".gem/credentials",
    ".gemini",
    ".git-credentials",
    ".gnupg",
    ".gradle/gradle.properties",
    ".kube",
    ".local/share/gnupg",
    ".local/share/keyrings",
    ".local/share/kwalletd",
    ".m2/settings.xml",
    ".minikube",
    ".mozilla",
    ".my.cnf",
    ".mysql_history",
    ".netrc",
    ".node_repl_history",
    ".npmrc",
    ".oci",
    ".password-store",
    ".pgpass",
    ".pki",
    ".psql_history",
    ".putty",
    ".pypirc",
    ".python_history",
    ".snowflake",
    ".snowsql",
    ".ssh",
    ".terraform.d",
    ".thunderbird",
    ".vault-token",
    ".var/app",
    ".zsh_history",
    "snap",
];

/// Names that are keys wherever they lie: a home folder may have been copied.
const KEYS_ANYWHERE: &[&str] = &[
    ".aws",
    ".gnupg",
    ".kube",
    ".mozilla",
    ".netrc",
    ".password-store",
    ".ssh",
    ".thunderbird",
];

/// What lies directly in a folder that is somebody's home, or a copy of one.
/// For whoever can look into folders before they are judged.
pub const MARKS_OF_HOMES: &[&str] = &[
    ".aws/credentials",
    ".bash_history",
    ".docker/config.json",
    ".git-credentials",
    ".gnupg",
    ".kube/config",
    ".mozilla",
    ".netrc",
    ".password-store",
    ".pgpass",
    ".ssh",
    ".thunderbird",
    ".zsh_history",
];

impl Surroundings {
    /// Judges a file or folder that is to be given for reading, or for writing as
    /// well. `path` is absolute, and has no symbolic links on its way.
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use boll_host::policy::{Exposure, FileAccess, Surroundings};
    ///
    /// let host = Surroundings {
    ///     homes: vec!["/home/ann".into()],
    ///     ..Surroundings::default()
    /// };
    /// let judged = |path: &str| host.judge(Path::new(path), FileAccess::Read);
    /// assert_eq!(judged("/home/ann/project"), Ok(()));
    /// assert_eq!(judged("/home/ann/.ssh"), Err(Exposure::Keys));
    /// assert_eq!(judged("/"), Err(Exposure::Machine));
    /// ```
    ///
    /// # Errors
    ///
    /// The [`Exposure`] that it would be. A folder that the operator named in
    /// [`Surroundings::exposed`] is refused only where it is to be written and the
    /// host trusts what is there.
    pub fn judge(&self, path: &Path, access: FileAccess) -> Result<(), Exposure> {
        let own = self.own(path, access);
        let exposure = if self.exposed.iter().any(|exposed| exposed == path) {
            own.filter(|_| access == FileAccess::ReadWrite)
        } else {
            self.place(path, access).or(own)
        };
        exposure.map_or(Ok(()), Err)
    }

    /// Returns whether naming a folder in [`Surroundings::exposed`] would allow it: nobody
    /// else writes what the host trusts.
    #[must_use]
    pub fn can_be_allowed(&self, path: &Path, access: FileAccess) -> bool {
        access == FileAccess::Read || self.own(path, access).is_none()
    }

    /// Returns whether a path is a home folder, or lies in one: it tells a user's name then.
    #[must_use]
    pub fn is_at_home(&self, path: &Path) -> bool {
        let homes = self.all_homes(path);
        homes.iter().any(|home| path.starts_with(home))
    }

    /// The place of the host's own that a path holds or lies in.
    fn own(&self, path: &Path, access: FileAccess) -> Option<Exposure> {
        let writes = access == FileAccess::ReadWrite;
        let mut own = self.own.iter().filter(|own| writes || own.secret);
        own.find_map(|own| {
            let what = own.what.clone();
            if own.path.starts_with(path) {
                let secret = own.secret;
                Some(Exposure::HoldsOwn { what, secret })
            } else if path.starts_with(&own.path) {
                Some(Exposure::PartOfOwn { what })
            } else {
                None
            }
        })
    }

    fn place(&self, path: &Path, access: FileAccess) -> Option<Exposure> {
        if path == Path::new("/") {
            return Some(Exposure::Machine);
        }
        if is_below(path, LIVE) && !is_on_media(path) {
            return Some(Exposure::Live);
        }
        if let Some(exposure) = self.home(path, access) {
            return Some(exposure);
        }
        if WIDE.iter().any(|wide| path == Path::new(wide)) {
            return Some(Exposure::Wide);
        }
        let mut names = path.components();
        if names.any(|name| KEYS_ANYWHERE.iter().any(|keys| name.as_os_str() == *keys)) {
            return Some(Exposure::Keys);
        }
        // A service's home may be there, with its projects in it.
        let at_home = self
            .all_homes(path)
            .iter()
            .any(|home| path.starts_with(home));
        if is_below(path, PRIVATE) && !at_home {
            return Some(Exposure::Private);
        }
        let mut private = PRIVATE.iter().map(Path::new);
        if let Some(held) = private.find(|private| private.starts_with(path)) {
            return Some(Exposure::HoldsKeys(held.into()));
        }
        if access == FileAccess::ReadWrite && is_of_system(path) && !at_home {
            return Some(Exposure::System);
        }
        None
    }

    /// What a path exposes of a home folder.
    fn home(&self, path: &Path, access: FileAccess) -> Option<Exposure> {
        for home in self.all_homes(path) {
            if home.starts_with(path) {
                return Some(Exposure::Home(home));
            }
            let Ok(inside) = path.strip_prefix(&home) else {
                continue;
            };
            if is_below(inside, KEYS) {
                return Some(Exposure::Keys);
            }
            if let Some(keys) = KEYS.iter().find(|keys| Path::new(keys).starts_with(inside)) {
                return Some(Exposure::HoldsKeys(home.join(keys)));
            }
            if access == FileAccess::ReadWrite && is_obeyed(inside) {
                return Some(Exposure::Obeyed);
            }
        }
        None
    }

    /// The homes that are known, and those that a path's own form tells of. A
    /// user without one has `/` for it, which is judged as such.
    fn all_homes(&self, path: &Path) -> Vec<PathBuf> {
        let known = self.homes.iter().filter(|home| *home != Path::new("/"));
        let mut homes: Vec<PathBuf> = known.cloned().collect();
        homes.push("/root".into());
        if let Ok(below) = path.strip_prefix("/home")
            && let Some(name) = below.components().next()
        {
            homes.push(Path::new("/home").join(name));
        }
        homes
    }
}

/// Whether a path, which has no symbolic links, is the system's: nobody but its own
/// tools writes there, and capsules are not given it for writing.
pub(crate) fn is_of_system(path: &Path) -> bool {
    let mut sources = SOURCES.iter().map(Path::new);
    let source = sources.any(|source| path.starts_with(source) && path != source);
    is_below(path, SYSTEM) && !source
}

/// Whether a path is one of these, or below one.
fn is_below(path: &Path, places: &[&str]) -> bool {
    places.iter().any(|place| path.starts_with(place))
}

fn is_on_media(path: &Path) -> bool {
    path.strip_prefix(MEDIA)
        .is_ok_and(|below| below.components().count() > 2)
}

/// Whether shells, desktops and tools read and execute what is there: all that
/// is hidden in a home folder, and its programs.
fn is_obeyed(inside: &Path) -> bool {
    match inside.components().next() {
        Some(Component::Normal(name)) => name.as_encoded_bytes().starts_with(b".") || name == "bin",
        _ => false,
    }
}

#[cfg(test)]
mod tests;
