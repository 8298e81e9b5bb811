//! The package managers of the systems Boll knows, and the line that installs packages with each. Runs nothing.

use super::run::find_program;

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

    fn program(self) -> &'static str {
        match self {
            Self::AptGet => "apt-get",
            Self::Dnf => "dnf",
            Self::Pacman => "pacman",
            Self::Zypper => "zypper",
            Self::Apk => "apk",
        }
    }

    /// The line for a shell of root's that installs `packages`, asks nothing and removes no other package.
    pub(crate) fn line(self, packages: &[&str]) -> String {
        let command = match self {
            // Waits while the system's own updates hold the lock, as they do on a machine just started.
            Self::AptGet => {
                "apt-get update && apt-get install -y --no-install-recommends --no-remove \
                 -o DPkg::Lock::Timeout=120"
            }
            Self::Dnf => "dnf install -y",
            Self::Pacman => "pacman -Sy --needed --noconfirm",
            Self::Zypper => "zypper --non-interactive install",
            Self::Apk => "apk add --update-cache",
        };
        format!("{command} {}", packages.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_manager_installs_without_questions_by_one_line() {
        assert_eq!(
            Manager::ALL.map(|manager| manager.line(&["bubblewrap", "git"])),
            [
                "apt-get update && apt-get install -y --no-install-recommends --no-remove \
                 -o DPkg::Lock::Timeout=120 bubblewrap git",
                "dnf install -y bubblewrap git",
                "pacman -Sy --needed --noconfirm bubblewrap git",
                "zypper --non-interactive install bubblewrap git",
                "apk add --update-cache bubblewrap git",
            ]
        );
    }
}
