//! What processes see of the machine's files, beside `/usr` and what is like it: of
//! `/etc`, `/var` and `/sys` what programs need (`names`, found by `search`), and files
//! that are made up (`made`).
//!
//! What is there is looked for once, and again when something of it has changed.

mod credentials;
mod listing;
mod made;
mod names;
mod search;

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use self::listing::Found;
pub(super) use self::listing::{COPIED_MAX, Listing, What};
use self::names::MADE;
use crate::policy::NetworkAccess;

/// The most that is taken over of the host's own names of hosts, in bytes.
const HOSTS_MAX: u64 = 8 << 20;

/// How long what was found is taken to be there: several sandboxes are built in that time,
/// and looking takes about as long as all else that the host does for one.
const FRESH: Duration = Duration::from_millis(100);

/// The machine's files that are shown, as they were found last.
#[derive(Debug, Default)]
pub(super) struct Machine(Mutex<Option<Seen>>);

#[derive(Debug)]
struct Seen {
    found: Found,
    at: Instant,
}

impl Machine {
    /// What a process is shown now, or was a moment ago.
    pub(super) fn now(&self, network: NetworkAccess) -> Arc<Listing> {
        // It is whole at every point where a holder could panic.
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let found = match seen.take() {
            Some(Seen { found, at }) if now.duration_since(at) < FRESH => Seen { found, at },
            Some(Seen { found, .. }) if found.is_current() => Seen { found, at: now },
            Some(_) | None => Seen {
                found: search::find(Path::new("/")),
                at: now,
            },
        };
        let Seen { found, .. } = seen.insert(found);
        Arc::clone(match network {
            NetworkAccess::None => &found.without_network,
            NetworkAccess::Host => &found.with_network,
        })
    }
}

/// The files that are made up, with what is in them. What of them is taken from the host's
/// is part of what a [`Listing`] compares.
pub(super) fn made(network: NetworkAccess) -> io::Result<Vec<(&'static str, Vec<u8>)>> {
    let has_ipv6 = Path::new("/proc/net/if_inet6").exists();
    let (hosts, nsswitch) = match network {
        NetworkAccess::None => (None, None),
        NetworkAccess::Host => (
            Some(taken("/etc/hosts")?),
            Some(taken("/etc/nsswitch.conf")?),
        ),
    };
    let nsswitch = nsswitch.as_deref().map(String::from_utf8_lossy);
    let line = nsswitch.as_deref().map(|text| {
        let line = made::hosts_line(text);
        line.unwrap_or("files dns")
    });
    let [passwd, group, names, known] = MADE;
    Ok(vec![
        (passwd, made::passwd().into_bytes()),
        (group, made::group().into_bytes()),
        (names, made::nsswitch(line).into_bytes()),
        (known, made::hosts(hosts.as_deref(), has_ipv6)),
    ])
}

/// A file of the host's, or nothing where there is none.
fn taken(path: &str) -> io::Result<Vec<u8>> {
    let unread = |error: io::Error| {
        let message =
            format!("cannot read {path}, which a sandbox with the network copies: {error}");
        io::Error::new(error.kind(), message)
    };
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unread(error)),
    };
    let mut bytes = Vec::new();
    let mut file = file.take(HOSTS_MAX + 1);
    file.read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > HOSTS_MAX {
        let most = HOSTS_MAX >> 20;
        let message = format!("{path} has more than {most} MiB, too much to copy into a sandbox");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(bytes)
}

/// The name of an account of the host's, as its file has it.
pub(super) fn account(id: u32) -> Option<String> {
    let accounts = fs::read("/etc/passwd").ok()?;
    name_of(&String::from_utf8_lossy(&accounts), id)
}

fn name_of(accounts: &str, id: u32) -> Option<String> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        let known = fields.nth(1)?.parse::<u32>().ok()?;
        (known == id).then(|| name.to_owned())
    })
}

/// The paths that are mounted, which bubblewrap has to find.
pub(super) fn mounted(listing: &Listing) -> impl Iterator<Item = &Path> {
    let mounts = listing
        .pieces
        .iter()
        .filter(|piece| piece.what == What::Mount);
    mounts.map(|piece| piece.at.as_path())
}

/// The files and folders that a process reads which sees the host's own, and has nothing made
/// up for it.
pub(super) fn given(listing: &Listing) -> Vec<PathBuf> {
    let made = MADE.iter().map(PathBuf::from);
    listing.given.iter().cloned().chain(made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_id() {
        let accounts = "root:x:0:0::/root:/bin/sh\nbroken\n:x:7:7::/:\nme:x:7:8::/home/me:\n";
        assert_eq!(name_of(accounts, 0).as_deref(), Some("root"));
        assert_eq!(name_of(accounts, 7).as_deref(), Some("me"));
        assert_eq!(name_of(accounts, 8), None);
    }
}
