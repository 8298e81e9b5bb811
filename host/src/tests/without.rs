//! What a run of the tests goes without. A test that needs something that not every
//! machine has fails where it is missing, unless the run says that it goes without:
//!
//! ```sh
//! BOLL_TEST_WITHOUT=cgroup,root cargo test --release --workspace
//! ```
//!
//! Then each such test leaves a line `not tried: …` on standard error.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::Write as _;

/// The variable that names what a run goes without.
const VARIABLE: &str = "BOLL_TEST_WITHOUT";

/// Something that not every machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Control groups that the tests may make.
    Cgroup,
    /// The user root.
    Root,
    /// Root that may mount: a container's often may not.
    Mounts,
    /// Process ids that come again soon: root, and Linux 6.14.
    Ids,
}

impl Need {
    const ALL: [Self; 4] = [Self::Cgroup, Self::Root, Self::Mounts, Self::Ids];

    /// The word that the variable has for it.
    fn word(self) -> &'static str {
        match self {
            Self::Cgroup => "cgroup",
            Self::Root => "root",
            Self::Mounts => "mounts",
            Self::Ids => "ids",
        }
    }

    /// Whether the test that needs this is to be tried. `lacking` says why it cannot
    /// be, where that is so.
    ///
    /// # Panics
    ///
    /// Where it is lacking and the run does not say so.
    pub(crate) fn is_met(self, lacking: Option<&str>) -> bool {
        let named = std::env::var(VARIABLE).unwrap_or_default();
        let without = parse(&named).unwrap_or_else(|error| panic!("{error}"));
        let word = self.word();
        if without.contains(&self) {
            let thread = std::thread::current();
            let test = thread.name().unwrap_or("a test");
            let why = lacking.unwrap_or("the run goes without it");
            // Past what the test harness holds back. Nobody reads a closed one.
            let _ = writeln!(std::io::stderr(), "not tried: {test}: {word}: {why}");
            return false;
        }
        if let Some(why) = lacking {
            let all: Vec<&str> = without
                .iter()
                .chain([&self])
                .map(|need| need.word())
                .collect();
            panic!(
                "this test needs `{word}`, which is lacking: {why}\n\
                 Run the tests where it is there, or say that the run goes without:\n\
                 {VARIABLE}={} cargo test --release --workspace\n",
                all.join(",")
            );
        }
        true
    }
}

/// What a list of words names.
fn parse(list: &str) -> Result<Vec<Need>, String> {
    let words = list
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            let known = Need::ALL.into_iter().find(|need| need.word() == word);
            known.ok_or_else(|| {
                let all = Need::ALL.map(Need::word).join(", ");
                format!("{VARIABLE}: unknown word `{word}`; there are {all}")
            })
        })
        .collect()
}

/// Whether the test that needs the user root is to be tried.
pub(crate) fn root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    Need::Root.is_met((!is_root).then_some("this user is not root"))
}

#[test]
fn a_run_goes_without_exactly_what_it_names() {
    assert_eq!(parse(""), Ok(vec![]));
    assert_eq!(parse("cgroup, root"), Ok(vec![Need::Cgroup, Need::Root]));
    for need in Need::ALL {
        assert_eq!(parse(need.word()), Ok(vec![need]));
    }
    let error = parse("cgroup,rot").unwrap_err();
    assert!(error.contains("`rot`") && error.contains("root"), "{error}");
}
