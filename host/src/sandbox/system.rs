//! What processes see of the machine beside the workspace. Pure: `detect` looks.

use std::path::PathBuf;

use crate::policy::{Access, NetworkAccess};

/// Files of `/etc` that programs need to start or to verify certificates, beside
/// [`SMALL`]. What else `/etc/ssl` holds are private keys.
const ETC: [&str; 4] = [
    "/etc/alternatives",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
];

/// Those of them that are small.
pub(super) const SMALL: [&str; 3] = ["/etc/ld.so.cache", "/etc/ssl/openssl.cnf", "/etc/localtime"];

/// Files that programs need beside those to look up names and services, and to
/// trust certificates where they are not in `/etc/ssl`. Shown to a process that
/// may use the network. One that is a link is shown as where it leads.
const ETC_NETWORK: [&str; 12] = [
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/pki/tls/cert.pem",
];

/// How a directory beside `/usr` is on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SystemDirectory {
    /// A link into `/usr`.
    Link {
        /// The path of the link.
        path: PathBuf,
        /// Where it leads, as written.
        target: PathBuf,
    },
    /// A directory of its own.
    Directory(PathBuf),
    /// No directory but a file of the kernel's, which processes cannot read.
    Unreadable(PathBuf),
}

/// The files of `/etc` that are shown.
pub(super) fn etc<'a>(access: Access) -> impl Iterator<Item = &'a str> {
    SMALL.into_iter().chain(large(access))
}

/// Those of them that are not small.
pub(super) fn large<'a>(access: Access) -> impl Iterator<Item = &'a str> {
    let network: &[&'a str] = match access.network {
        NetworkAccess::None => &[],
        NetworkAccess::Host => &ETC_NETWORK,
    };
    ETC.iter().chain(network).copied()
}

/// The system's directories that processes see, for looking up programs.
pub(super) fn visible(system: &[SystemDirectory]) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::from("/usr"), PathBuf::from("/etc/alternatives")];
    paths.extend(system.iter().filter_map(|directory| match directory {
        SystemDirectory::Link { path, .. } | SystemDirectory::Directory(path) => Some(path.clone()),
        SystemDirectory::Unreadable(_) => None,
    }));
    paths
}
