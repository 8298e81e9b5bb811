//! The package managers of the systems Boll knows, and the commands that each one takes. Runs nothing.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::run::find_program;

/// Package lists older than this are fetched again before an installation.
const LISTS_MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

const APT_LISTS: &str = "/var/lib/apt/lists";

/// A system's package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manager {
    /// Debian, Ubuntu and their kin.
    AptGet,
    /// Fedora, Red Hat and their kin.
    Dnf,
    /// Arch and its kin.
    Pacman,
    /// SUSE.
    Zypper,
    /// Alpine.
    Apk,
}

impl Manager {
    const ALL: [Self; 5] = [
        Self::AptGet,
        Self::Dnf,
        Self::Pacman,
        Self::Zypper,
        Self::Apk,
    ];

    /// The package manager of this system.
    pub(crate) fn find() -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|manager| find_program(manager.program()).is_some())
    }

    /// The program's name.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::AptGet => "apt-get",
            Self::Dnf => "dnf",
            Self::Pacman => "pacman",
            Self::Zypper => "zypper",
            Self::Apk => "apk",
        }
    }

    /// Environment variables that keep the program, and what it starts, from asking questions.
    pub(crate) fn environment(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::AptGet => &[
                ("DEBIAN_FRONTEND", "noninteractive"),
                ("NEEDRESTART_SUSPEND", "1"),
            ],
            _ => &[],
        }
    }

    /// The command that fetches the package lists, for a manager that does not do so by itself.
    pub(crate) fn refresh(self) -> Option<Vec<String>> {
        match self {
            Self::AptGet => Some(words(&["apt-get", "update", "-q"])),
            Self::Pacman => Some(words(&["pacman", "-Sy", "--noconfirm"])),
            Self::Dnf | Self::Zypper | Self::Apk => None,
        }
    }

    /// The command that installs `packages` and asks nothing. It never removes another package.
    pub(crate) fn install(self, packages: &[String]) -> Vec<String> {
        let mut command = match self {
            // Waits while the system's own updates hold the lock, as they do on a machine just started.
            Self::AptGet => words(&[
                "apt-get",
                "install",
                "-q",
                "-y",
                "--no-install-recommends",
                "--no-remove",
                "-o",
                "DPkg::Lock::Timeout=120",
            ]),
            Self::Dnf => words(&["dnf", "install", "-y"]),
            Self::Pacman => words(&["pacman", "-S", "--needed", "--noconfirm"]),
            Self::Zypper => words(&["zypper", "--non-interactive", "install"]),
            Self::Apk => words(&["apk", "add", "--update-cache"]),
        };
        command.extend_from_slice(packages);
        command
    }

    /// The one line that an administrator types for the same, as root.
    pub(crate) fn line(self, packages: &[String]) -> String {
        let command = match self {
            Self::AptGet => "apt-get update && apt-get install --no-install-recommends",
            Self::Dnf => "dnf install",
            Self::Pacman => "pacman -Sy --needed",
            Self::Zypper => "zypper install",
            Self::Apk => "apk add --update-cache",
        };
        format!("{command} {}", packages.join(" "))
    }

    /// Whether the package lists are absent or old, so that [`refresh`](Self::refresh) should come first.
    pub(crate) fn lists_are_old(self) -> bool {
        match self {
            Self::AptGet => apt_lists_are_old(Path::new(APT_LISTS), SystemTime::now()),
            // A refresh without an upgrade of the whole system is discouraged
            // there, so it is done only where nothing can be found without.
            Self::Pacman => is_empty(Path::new("/var/lib/pacman/sync")),
            Self::Dnf | Self::Zypper | Self::Apk => false,
        }
    }
}

/// Whether apt has ever fetched its package lists.
pub(crate) fn apt_has_lists() -> bool {
    has_apt_lists(Path::new(APT_LISTS))
}

fn has_apt_lists(lists: &Path) -> bool {
    std::fs::read_dir(lists).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
    })
}

/// The lists themselves carry the archive's dates; the folders carry the date of the last update.
fn apt_lists_are_old(lists: &Path, now: SystemTime) -> bool {
    let updated = [lists.to_owned(), lists.join("partial")]
        .iter()
        .filter_map(|folder| folder.metadata().ok()?.modified().ok())
        .max();
    let fresh = updated.is_some_and(|updated| {
        now.duration_since(updated)
            .map_or(true, |age| age < LISTS_MAX_AGE)
    });
    !(has_apt_lists(lists) && fresh)
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bubblewrap() -> Vec<String> {
        words(&["bubblewrap"])
    }

    #[test]
    fn every_manager_installs_without_questions() {
        let lines: Vec<String> = Manager::ALL
            .into_iter()
            .map(|manager| manager.install(&bubblewrap()).join(" "))
            .collect();
        assert_eq!(
            lines,
            [
                "apt-get install -q -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=120 bubblewrap",
                "dnf install -y bubblewrap",
                "pacman -S --needed --noconfirm bubblewrap",
                "zypper --non-interactive install bubblewrap",
                "apk add --update-cache bubblewrap",
            ]
        );
    }

    #[test]
    fn the_line_for_the_administrator_is_one_line() {
        for manager in Manager::ALL {
            let line = manager.line(&words(&["bubblewrap", "git"]));
            assert!(line.ends_with("bubblewrap git"), "{line}");
            assert_eq!(line.lines().count(), 1);
        }
    }

    #[test]
    fn package_lists_age() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        assert!(apt_lists_are_old(folder.path(), now), "no lists");
        std::fs::write(folder.path().join("x_main_binary-amd64_Packages.lz4"), "").unwrap();
        assert!(!apt_lists_are_old(folder.path(), now), "just fetched");
        let later = now + LISTS_MAX_AGE * 2;
        assert!(apt_lists_are_old(folder.path(), later), "two days old");
    }
}
