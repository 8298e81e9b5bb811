//! The sentences of the contract, and the cases that show them.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::Deserialize;

use super::case::Case;
use crate::beneath::Beneath;
use crate::failure::{Code, Done, OrFail as _};
use crate::foreign;

/// The file of the sentences, in an archive of a suite and beside the WIT files.
pub(super) const SENTENCES: &str = "sentences.toml";

/// The sentences of the contract, in its order.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sentences {
    #[serde(default, rename = "sentence")]
    pub(crate) all: Vec<Sentence>,
    /// The file as it was read.
    #[serde(skip)]
    pub(crate) text: String,
}

/// A sentence of the contract.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sentence {
    /// The name that cases use.
    pub(crate) id: String,
    /// The item of the WIT files or of the manifest that it belongs to.
    pub(crate) item: String,
    pub(crate) text: String,
    /// Why no case can show it.
    pub(crate) exempt: Option<String>,
    /// It says what the item is, which no host can do otherwise.
    #[serde(default)]
    pub(crate) describes: bool,
}

/// How a sentence is shown.
pub(crate) enum Shown<'a> {
    /// By these cases, or by none.
    By(Vec<&'a str>),
    /// By none, for this reason.
    Exempt(&'a str),
    /// There is nothing to show.
    Describes,
}

impl Sentences {
    /// Reads those of a suite. One without a list has none.
    pub(super) fn of_suite(suite: &Path) -> Done<Self> {
        let text = Beneath::open(suite).and_then(|suite| suite.text(Path::new(SENTENCES)));
        Self::read(&suite.join(SENTENCES), text)
    }

    /// Reads those beside the WIT files of a checkout, whose suite lies in this folder.
    pub(super) fn of_checkout(suite: &Path) -> Done<Self> {
        let file = suite.join("../../wit").join(SENTENCES);
        let text = foreign::text(&file);
        Self::read(&file, text)
    }

    fn read(file: &Path, text: io::Result<String>) -> Done<Self> {
        let shown = || file.display().to_string();
        let text = match text {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            text => text.or_fail(Code::Input, shown)?,
        };
        let read: Self = toml::from_str(&text).or_fail(Code::Input, shown)?;
        Ok(Self { text, ..read })
    }

    /// Returns each sentence, and how the cases show it.
    pub(crate) fn shown<'a>(
        &'a self,
        cases: &[(&'a str, Case)],
    ) -> impl Iterator<Item = (&'a Sentence, Shown<'a>)> {
        let mut shown_by: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
        for (name, case) in cases {
            for id in &case.sentences {
                shown_by.entry(id.clone()).or_default().push(name);
            }
        }
        self.all.iter().map(move |sentence| {
            let shown = match (&sentence.exempt, sentence.describes) {
                (Some(reason), _) => Shown::Exempt(reason),
                (None, true) => Shown::Describes,
                (None, false) => Shown::By(shown_by.remove(&sentence.id).unwrap_or_default()),
            };
            (sentence, shown)
        })
    }
}
