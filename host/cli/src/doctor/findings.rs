//! The findings of `boll doctor`, shown as aligned text or as JSON.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter, Write as _};

use boll_host::plain::escaped;
use nix::unistd::geteuid;
use serde::Serialize;

use crate::toolchain::install::BUBBLEWRAP;
use crate::toolchain::packages::Manager;
use crate::toolchain::run::find_program;
use crate::toolchain::rust_target::ADD_TARGET;
use crate::wrap::{columns, padded, wrapped};

/// The status of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Of no concern to what was asked for.
    NotNeeded,
    /// As it should be.
    Ok,
    /// Good enough for some uses only.
    Weak,
    /// Not there.
    Missing,
    /// There, and does not work.
    Broken,
}

impl Display for Status {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::NotNeeded => "not needed",
            Self::Ok => "ok",
            Self::Weak => "weak",
            Self::Missing => "missing",
            Self::Broken => "broken",
        })
    }
}

/// The way to fix a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fix {
    /// Install bubblewrap, which [`fix`](super::fix) does where it may.
    Bubblewrap(Packages),
    /// Install packages of the system, which an administrator does.
    Install(Packages),
    /// Add the Rust target for capsules, with this line.
    RustTarget(&'static str),
    /// A line for a shell.
    Line(String),
    /// Something that only a person can do, said in words.
    Manual(String),
}

/// Packages of the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Packages {
    /// The packages' names.
    packages: Vec<&'static str>,
    /// The line that installs them, also if it is an ordinary user who pastes it, where Boll knows
    /// the package manager.
    line: Option<String>,
}

impl Packages {
    pub(crate) fn new(packages: &[&'static str]) -> Self {
        Self {
            packages: packages.to_vec(),
            line: Manager::find().map(|manager| as_root(&manager.line(packages))),
        }
    }
}

impl Fix {
    pub(crate) fn bubblewrap() -> Self {
        Self::Bubblewrap(Packages::new(&[BUBBLEWRAP]))
    }

    /// Returns the fix by a line that has to be run as root.
    pub(crate) fn as_root(line: &str) -> Self {
        Self::Line(as_root(line))
    }

    pub(crate) fn rust_target() -> Self {
        Self::RustTarget(ADD_TARGET)
    }

    /// Returns whether [`fix`](super::fix) can apply it.
    fn is_automatic(&self) -> bool {
        matches!(self, Self::Bubblewrap(_) | Self::RustTarget(_))
    }

    /// Returns the line to paste into a shell, if there is one.
    fn line(&self) -> Option<&str> {
        match self {
            Self::Bubblewrap(packages) | Self::Install(packages) => packages.line.as_deref(),
            Self::RustTarget(line) => Some(line),
            Self::Line(line) => Some(line),
            Self::Manual(_) => None,
        }
    }

    /// Returns what to do in words, where there is no line.
    fn words(&self) -> String {
        match self {
            Self::Bubblewrap(packages) | Self::Install(packages) => {
                format!("install {}", packages.packages.join(", "))
            }
            Self::RustTarget(_) | Self::Line(_) => String::new(),
            Self::Manual(words) => words.clone(),
        }
    }
}

/// Returns the line that runs another one as root, for this user.
fn as_root(line: &str) -> String {
    if geteuid().is_root() {
        return line.to_owned();
    }
    // A line has no NUL, so quoting cannot fail.
    let quoted = shlex::try_quote(line).unwrap_or_default();
    match find_program("sudo") {
        Some(_) => format!("sudo sh -c {quoted}"),
        None => format!("su -c {quoted}"),
    }
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The thing that was checked, in a word or two.
    pub(crate) name: String,
    /// Its status.
    pub(crate) status: Status,
    /// The result, in one line.
    pub(crate) detail: String,
    /// The way to fix it, if there is one.
    pub(crate) fix: Option<Fix>,
}

impl Finding {
    /// Returns the finding for a thing that is as it should be.
    pub(crate) fn ok(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(name, Status::Ok, detail, None)
    }

    /// Returns a finding with any status.
    pub(crate) fn new(
        name: impl Into<String>,
        status: Status,
        detail: impl Into<String>,
        fix: Option<Fix>,
    ) -> Self {
        Self {
            name: name.into(),
            status,
            detail: detail.into(),
            fix,
        }
    }
}

/// All findings, in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Findings(pub(crate) Vec<Finding>);

impl Findings {
    /// Returns the worst status; [`Status::Ok`] if there is no finding.
    pub(crate) fn worst(&self) -> Status {
        let statuses = self.0.iter().map(|finding| finding.status);
        statuses.max().unwrap_or(Status::Ok)
    }

    /// Returns whether [`fix`](super::fix) can apply a fix.
    pub(crate) fn has_fixes(&self) -> bool {
        let mut fixes = self.0.iter().filter_map(|finding| finding.fix.as_ref());
        fixes.any(Fix::is_automatic)
    }

    /// Returns the findings for which Boll does not work.
    pub(crate) fn lacking(&self) -> Self {
        let lacking = self
            .0
            .iter()
            .filter(|finding| finding.status > Status::Weak);
        Self(lacking.cloned().collect())
    }

    /// Returns the message about what is lacking.
    pub(crate) fn message(&self) -> String {
        let lacking = self.lacking();
        let named = |finding: &Finding| format!("{} ({})", finding.name, finding.status);
        let names: BTreeSet<String> = lacking.0.iter().map(named).collect();
        let names = Vec::from_iter(names).join(", ");
        format!("this machine lacks something that Boll needs: {names}")
    }
}

impl Findings {
    /// Returns a line for each finding, aligned, and below it the line that fixes it, or what to
    /// do. Long lines are broken to fit a width, except those to be pasted.
    pub(crate) fn text(&self, width: Option<usize>) -> String {
        let widest = |cells: &mut dyn Iterator<Item = usize>| cells.max().unwrap_or(0);
        let statuses = &mut self.0.iter().map(|one| one.status.to_string().len());
        let status = widest(statuses);
        let name = widest(&mut self.0.iter().map(|one| columns(&one.name)));
        let blank = " ".repeat(status + name + 4);
        let mut text = String::new();
        // Writing to a text does not fail.
        for finding in &self.0 {
            let start = format!(
                "{:<status$}  {}  ",
                finding.status,
                padded(&finding.name, name)
            );
            let line = start + &escaped(&finding.detail);
            let _ = writeln!(text, "{}", wrapped(&line, width));
            let Some(fix) = &finding.fix else { continue };
            let _ = match fix.line() {
                Some(line) => writeln!(text, "{blank}fix: {}", escaped(line)),
                None => {
                    let line = format!("{blank}to do: {}", escaped(&fix.words()));
                    writeln!(text, "{}", wrapped(&line, width))
                }
            };
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Findings {
        Findings(vec![
            Finding::ok("git", "git version 2.39.5"),
            Finding::new(
                "bubblewrap",
                Status::Missing,
                "`bwrap` is not in the search path",
                Some(Fix::Bubblewrap(Packages {
                    packages: vec!["bubblewrap"],
                    line: None,
                })),
            ),
            Finding::new(
                "node",
                Status::Weak,
                "not found",
                Some(Fix::Manual("install Node.js".to_owned())),
            ),
        ])
    }

    #[test]
    fn text_is_aligned() {
        assert_eq!(
            findings().text(None),
            "ok       git         git version 2.39.5\n\
             missing  bubblewrap  `bwrap` is not in the search path\n\
             \x20                    to do: install bubblewrap\n\
             weak     node        not found\n\
             \x20                    to do: install Node.js\n"
        );
    }

    #[test]
    fn json_names_status_and_fix() {
        let json = serde_json::to_value(findings()).unwrap();
        assert_eq!(json[0]["fix"], serde_json::Value::Null);
        assert_eq!(json[1]["status"], "missing");
        assert_eq!(json[1]["fix"]["bubblewrap"]["packages"][0], "bubblewrap");
        assert_eq!(json[2]["fix"]["manual"], "install Node.js");
    }

    #[test]
    fn packages_come_with_the_line_that_installs_them() {
        let fix = Fix::Install(Packages {
            packages: vec!["git"],
            line: Some("dnf install -y git".to_owned()),
        });
        assert_eq!(fix.line(), Some("dnf install -y git"));
        assert!(!Findings(vec![Finding::new("git", Status::Missing, "", Some(fix))]).has_fixes());
    }

    #[test]
    fn the_worst_status_counts() {
        assert_eq!(findings().worst(), Status::Missing);
        assert_eq!(Findings::default().worst(), Status::Ok);
        assert!(findings().has_fixes());
        assert_eq!(findings().lacking().0.len(), 1);
        assert!(findings().message().ends_with(": bubblewrap (missing)"));
    }
}
