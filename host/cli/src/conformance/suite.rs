//! A suite on disk: a folder a case, and the components of its guests.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::case::Case;
use super::sentences::Sentences;
use crate::beneath::Beneath;
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::interrupt::{self, Listening};

/// The folder of the cases in that of a suite.
pub(super) const CASES: &str = "cases";
/// A case's file.
pub(super) const CASE: &str = "case.json";
/// The file that lists the parts of the contract that no case can show.
pub(super) const EXEMPTIONS: &str = "exemptions.toml";
/// A case's component, where it is built already.
pub(super) const COMPONENT: &str = "guest.wasm";

/// A suite whose components are there.
pub(crate) struct Suite {
    /// Sorted by name.
    pub(crate) cases: Vec<CaseFolder>,
    /// The parts of the contract that no case can show, and the reasons.
    pub(crate) exemptions: BTreeMap<String, String>,
    /// The sentences of the contract, where the suite has a list of them.
    pub(crate) sentences: Sentences,
    /// Where an archive was unpacked, and what keeps a signal from leaving that behind.
    /// Dropped in this order.
    _unpacked: Option<(TempDir, Option<Listening>)>,
}

/// A case on disk.
#[derive(Debug, Clone)]
pub(crate) struct CaseFolder {
    /// The folder of the suite.
    suite: PathBuf,
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) component: PathBuf,
}

impl CaseFolder {
    /// Reads its file and inserts the variables.
    pub(crate) fn case(&self, variables: &[(&str, &str)]) -> Done<Case> {
        let file = self.folder.join(CASE);
        let shown = file.display();
        let text = self.text(CASE);
        let text = text.or_fail(Code::Input, || format!("cannot read {shown}"))?;
        Case::parse(&text, variables).or_fail(Code::Input, || shown.to_string())
    }

    /// Returns the text of one of its files. No link leads out of the suite.
    pub(crate) fn text(&self, name: &str) -> io::Result<String> {
        let own = self.folder.file_name().unwrap_or_default();
        let place = Path::new(CASES).join(own).join(name);
        Beneath::open(&self.suite)?.text(&place)
    }
}

impl Suite {
    /// The cases in a folder, whose components `component` knows. Each is read,
    /// so that a mistake in one shows before any is run.
    pub(super) fn of_folder(
        folder: &Path,
        component: impl Fn(&str, &Path) -> PathBuf,
    ) -> Done<Self> {
        let cases = folder.join(CASES);
        let failed = |error: std::io::Error| {
            let text = format!("cannot read the cases in {}: {error}", cases.display());
            Failure::new(Code::Input, text)
                .hint("a suite is a folder with `cases`, or an archive that --pack made")
        };
        let mut suite = Self {
            cases: Vec::new(),
            exemptions: BTreeMap::new(),
            sentences: Sentences::default(),
            _unpacked: None,
        };
        for entry in fs::read_dir(&cases).map_err(failed)? {
            interrupt::check()?;
            let own = entry.map_err(failed)?.path();
            let name = own.file_name().unwrap_or_default().to_string_lossy();
            let case = CaseFolder {
                suite: folder.to_owned(),
                component: component(&name, &own),
                name: name.into_owned(),
                folder: own,
            };
            case.case(&[])?;
            let found = match case.component.strip_prefix(folder) {
                // No link leads out of the suite.
                Ok(inside) => Beneath::open(folder)
                    .and_then(|suite| suite.file(inside))
                    .is_ok(),
                Err(_) => case.component.is_file(),
            };
            if !found {
                let text = format!("the case {} has no component", case.name);
                return Err(Failure::new(Code::Input, text)
                    .hint(format!("expected at {}", case.component.display())));
            }
            suite.cases.push(case);
        }
        suite.exemptions = exemptions(folder)?;
        suite.sentences = Sentences::of_suite(folder)?;
        suite.cases.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(suite)
    }

    /// A suite whose components lie beside their cases already.
    pub(crate) fn unpacked(folder: &Path) -> Done<Self> {
        Self::of_folder(folder, |_, case| case.join(COMPONENT))
    }

    /// The same of an archive, whose folder is removed with the suite.
    pub(super) fn in_its_folder(listening: Option<Listening>, folder: TempDir) -> Done<Self> {
        let suite = Self::unpacked(folder.path())?;
        Ok(Self {
            _unpacked: Some((folder, listening)),
            ..suite
        })
    }

    /// Refuses cases that grant the network, which is that of this machine.
    pub(crate) fn refuse_network(&self) -> Done {
        for folder in &self.cases {
            let case = folder.case(&[])?;
            if let Some((place, grant)) = case.network() {
                let file = folder.folder.join(CASE);
                let text = format!(
                    "{}: {place}: `{grant}` reaches the network of this machine, its loopback \
                     services too",
                    file.display()
                );
                return Err(Failure::new(Code::NotGranted, text)
                    .hint("to let the suite grant it: --allow-network"));
            }
        }
        Ok(())
    }

    /// Keeps the cases whose name fits one of the patterns, in which `*` stands
    /// for anything.
    pub(crate) fn only(&mut self, patterns: &[String]) -> Done {
        for pattern in patterns {
            if !self.cases.iter().any(|case| fits(pattern, &case.name)) {
                let text = format!("no case is called `{pattern}`");
                return Err(Failure::new(Code::Input, text).hint("--list lists them"));
            }
        }
        if !patterns.is_empty() {
            let is_meant = |name: &str| patterns.iter().any(|pattern| fits(pattern, name));
            self.cases.retain(|case| is_meant(&case.name));
        }
        Ok(())
    }
}

/// Reads what no case can show.
fn exemptions(suite: &Path) -> Done<BTreeMap<String, String>> {
    let file = suite.join(EXEMPTIONS);
    let shown = || file.display().to_string();
    let text = Beneath::open(suite).and_then(|suite| suite.text(Path::new(EXEMPTIONS)));
    toml::from_str(&text.or_fail(Code::Input, shown)?).or_fail(Code::Input, shown)
}

/// Whether a name fits a pattern, in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|left| {
            let mut ends = left.char_indices().map(|(at, _)| at).chain([left.len()]);
            ends.any(|at| fits(rest, &left[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, expected) in [
            ("log-emit", "log-emit", true),
            ("log", "log-emit", false),
            ("log-*", "log-emit", true),
            ("*-emit", "log-emit", true),
            ("*", "log-emit", true),
            ("l*g*t", "log-emit", true),
            ("l*x*t", "log-emit", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern}");
        }
    }
}
