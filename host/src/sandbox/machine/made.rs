//! Files that are made up for processes in namespaces: who they are, and what `localhost`
//! and the sandbox's own name lead to.
//!
//! Pure. Nothing of the host's accounts is in them.

use crate::sandbox::inside::{ACCOUNT, HOME, HOST_NAME, ID, SHELL};

/// The kernel's id of whoever has none in the sandbox, such as the owners of `/usr`.
const NOBODY: u32 = 65_534;

/// The accounts: the process's own, and those that own what it sees.
pub(super) fn passwd() -> String {
    format!(
        "root:x:0:0:root:/root:/usr/sbin/nologin\n\
         {ACCOUNT}:x:{ID}:{ID}:{ACCOUNT}:{HOME}:{SHELL}\n\
         nobody:x:{NOBODY}:{NOBODY}:nobody:/nonexistent:/usr/sbin/nologin\n"
    )
}

/// Their groups.
pub(super) fn group() -> String {
    format!("root:x:0:\n{ACCOUNT}:x:{ID}:\nnogroup:x:{NOBODY}:\n")
}

/// Where names of all kinds are looked up: in files, and names of hosts as the host's own
/// line says, where there is a network.
pub(super) fn nsswitch(hosts: Option<&str>) -> String {
    let hosts = hosts.unwrap_or("files");
    format!(
        "passwd: files\ngroup: files\nshadow: files\nhosts: {hosts}\nnetworks: files\n\
         protocols: files\nservices: files\nethers: files\nrpc: files\nnetgroup: files\n"
    )
}

/// What stands behind `hosts:` in the host's `/etc/nsswitch.conf`.
pub(super) fn hosts_line(nsswitch: &str) -> Option<&str> {
    let line = nsswitch.lines().find_map(|line| {
        let line = line.split('#').next().unwrap_or_default();
        line.trim_start().strip_prefix("hosts:")
    });
    line.map(str::trim).filter(|sources| !sources.is_empty())
}

/// The names of hosts: the sandbox's own and `localhost`, behind what the host has where
/// there is a network.
pub(super) fn hosts(of_host: Option<&[u8]>, has_ipv6: bool) -> Vec<u8> {
    let mut hosts = of_host.unwrap_or_default().to_vec();
    if hosts.last().is_some_and(|byte| *byte != b'\n') {
        hosts.push(b'\n');
    }
    // Where the host has them they lead where its programs go.
    let missing = |name: &&str| of_host.is_none_or(|of_host| !has_name(of_host, name));
    let v4 = ["localhost", "localhost.localdomain"].into_iter();
    let v4: Vec<&str> = v4.filter(missing).collect();
    let v6 = ["localhost", "ip6-localhost", "ip6-loopback"].into_iter();
    let v6: Vec<&str> = v6.filter(missing).filter(|_| has_ipv6).collect();
    // The first name of a line is what the others are short for.
    for (address, names) in [
        ("127.0.0.1", v4),
        ("::1", v6),
        ("127.0.0.1", vec![HOST_NAME]),
    ] {
        if !names.is_empty() {
            hosts.extend(format!("{address}\t{}\n", names.join(" ")).into_bytes());
        }
    }
    hosts
}

/// Whether a file of hosts has a name.
fn has_name(hosts: &[u8], name: &str) -> bool {
    String::from_utf8_lossy(hosts).lines().any(|line| {
        let line = line.split('#').next().unwrap_or_default();
        line.split_whitespace().skip(1).any(|word| word == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_that_shows_has_a_name() {
        let passwd = passwd();
        let accounts: Vec<Vec<&str>> = passwd
            .lines()
            .map(|line| line.split(':').collect())
            .collect();
        assert!(accounts.iter().all(|fields| fields.len() == 7));
        let ids: Vec<&str> = accounts.iter().map(|fields| fields[2]).collect();
        assert_eq!(ids, ["0", "1000", "65534"]);
        let groups: Vec<String> = group()
            .lines()
            .filter_map(|line| line.split(':').nth(2).map(str::to_owned))
            .collect();
        assert_eq!(groups, ids);
    }

    #[test]
    fn names_are_looked_up_in_files_and_as_the_host_says() {
        assert!(nsswitch(None).contains("\nhosts: files\n"));
        let host = "passwd: files systemd\n # hosts: nis\nhosts:   files dns # both\n";
        assert_eq!(hosts_line(host), Some("files dns"));
        assert!(nsswitch(hosts_line(host)).contains("\nhosts: files dns\n"));
        assert!(!nsswitch(hosts_line(host)).contains("systemd"));
        assert_eq!(hosts_line("hosts:\n"), None);
        assert_eq!(hosts_line("passwd: files\n"), None);
    }

    #[test]
    fn localhost_and_the_own_name_are_always_there() {
        let text = |of_host: Option<&str>, has_ipv6| {
            String::from_utf8(hosts(of_host.map(str::as_bytes), has_ipv6)).unwrap()
        };
        let v4 = "127.0.0.1\tlocalhost localhost.localdomain\n";
        let v6 = "::1\tlocalhost ip6-localhost ip6-loopback\n";
        let own = "127.0.0.1\tcapsule\n";
        assert_eq!(text(None, true), format!("{v4}{v6}{own}"));
        assert_eq!(text(None, false), format!("{v4}{own}"));
        assert_eq!(
            text(Some("127.0.0.2 localhost ip6-loopback\n10.0.0.1 db"), true),
            format!(
                "127.0.0.2 localhost ip6-loopback\n10.0.0.1 db\n\
             127.0.0.1\tlocalhost.localdomain\n::1\tip6-localhost\n{own}"
            )
        );
        let without = "10.0.0.1 db # localhost\n";
        assert_eq!(text(Some(without), true), format!("{without}{v4}{v6}{own}"));
    }
}
