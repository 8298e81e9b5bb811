//! The parsers of the three files, asked about documents.

use std::fmt;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::beneath::Beneath;
use crate::failure::Failure;
use crate::operator::Operator;
use crate::project::Project;
use crate::schema::Schema;
use crate::testing::cases;
use crate::testing::fixtures::Fixtures;

/// The manifest that the cases belong to.
const MANIFEST: &str = r#"
    [capsule]
    id = "sample"
    version = "1.0.0"
    [[action]]
    name = "report"
    [config.limit]
    type = "integer"
    [[files]]
    path = "/data"
"#;

/// What reads one of the files.
pub(super) struct Parser {
    schema: Schema,
    folder: TempDir,
}

/// Why a document is refused.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) message: String,
    hints: Vec<String>,
}

impl Answer {
    /// What is known where something unknown stands.
    pub(super) fn known(&self) -> Option<Vec<String>> {
        let known = self
            .hints
            .iter()
            .find_map(|hint| hint.strip_prefix("expected one of: "));
        // With a single word, the hint may be that this was meant.
        let meant = self
            .hints
            .iter()
            .find_map(|hint| hint.strip_prefix("did you mean `")?.strip_suffix("`?"));
        let words = known.or(meant)?.split(", ");
        Some(words.map(str::to_owned).collect())
    }
}

impl Parser {
    pub(super) fn of(schema: Schema) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            fs::write(folder.path().join(name), text).expect("written");
        };
        fs::create_dir_all(folder.path().join("cases/workspace")).expect("a folder");
        write("Capsule.toml", MANIFEST);
        write("cases/payload.json", "{}");
        Self { schema, folder }
    }

    /// Has the parser read a document.
    pub(super) fn ask(&self, document: &toml::Table) -> Result<(), Answer> {
        let place = self.folder.path();
        let write = |name: &str| {
            let file = place.join(name);
            fs::write(&file, document.to_string()).expect("written");
            file
        };
        let read = match self.schema {
            Schema::Capsule => Project::open(&write("sample.toml")).map(drop),
            Schema::Operator => Operator::read(Some(&write("boll.toml")), &[]).map(drop),
            Schema::Cases => {
                write("cases/sample.toml");
                let project = Project::open(place).expect("a capsule");
                let folder = Beneath::open(place).expect("a folder");
                let all = |_: &Path| None;
                match cases::find(&project, &Fixtures::read(&folder, &all), &folder) {
                    // Nothing is wrong with the file.
                    Err(failure) if failure.message().contains("has no cases") => Ok(()),
                    read => read.map(drop),
                }
            }
        };
        read.map_err(|failure: Failure| Answer {
            message: failure.message().to_owned(),
            hints: failure.hints().to_vec(),
        })
    }
}

impl fmt::Display for Parser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.schema)
    }
}
