//! The package managers that Boll knows, and the line that installs packages with each. It runs no tool.

use super::run::find_program;

/// A system's package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manager {
    program: &'static str,
    /// The command, before the packages' names. It asks no question and removes no package.
    install: &'static str,
}

impl Manager {
    /// That of Debian, Ubuntu and their kin. It waits while the system's own updates hold the
    /// lock, as they do on a machine just started.
    pub(crate) const APT_GET: Self = Self {
        program: "apt-get",
        install: "apt-get update && apt-get install -y --no-install-recommends --no-remove \
                  -o DPkg::Lock::Timeout=120",
    };

    const ALL: [Self; 5] = [
        Self::APT_GET,
        Self::of("dnf", "dnf install -y"),
        Self::of("pacman", "pacman -Sy --needed --noconfirm"),
        Self::of("zypper", "zypper --non-interactive install"),
        Self::of("apk", "apk add --update-cache"),
    ];

    const fn of(program: &'static str, install: &'static str) -> Self {
        Self { program, install }
    }

    /// Returns the package manager of this system.
    pub(crate) fn find() -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|manager| find_program(manager.program).is_some())
    }

    /// Returns the line that installs packages.
    pub(crate) fn line(self, packages: &[&str]) -> String {
        format!("{} {}", self.install, packages.join(" "))
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
