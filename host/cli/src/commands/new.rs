//! `boll new`: creates a new capsule project.

use std::fs;
use std::path::{Path, PathBuf};

use boll_host::capsule::CapsuleId;
use clap::Args;
use serde_json::json;

use super::Verb;
use crate::args::App;
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::language::Language;
use crate::template;
use crate::trust;

/// Create a new capsule project
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The capsule's id: a-z, 0-9 and, except at the ends, `-`
    name: String,

    /// The language
    #[arg(long, value_enum)]
    lang: Language,

    /// The folder to create, which may exist if it is empty [default: NAME in the current folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Verb for New {
    fn run(&self, app: &App) -> Done {
        let id: CapsuleId = self.name.parse().or_code(Code::Input)?;
        let folder = self.dir.clone();
        let folder = folder.unwrap_or_else(|| id.as_str().into());
        require_empty(&folder)?;
        template::write(self.lang, &id, &folder).map_err(|(path, error)| {
            let text = format!("cannot write {}: {error}", path.display());
            Failure::new(Code::Input, text)
        })?;
        trust_own(&folder);
        let shown = shlex_quoted(&folder);
        app.reporter.note(&format!(
            "{id} is a new capsule in {}. Next steps:\n\n    cd {shown}\n    boll build\n    \
             boll test\n    boll run . --payload Ada\n",
            self.lang
        ));
        let json = json!({ "id": id, "folder": folder });
        app.result(folder.display().to_string(), &json)
    }
}

/// Trusts the folder that was just written here, so that it is built without a question.
fn trust_own(folder: &Path) {
    let manifest = fs::read_to_string(folder.join("Capsule.toml"));
    if let (Ok(folder), Ok(manifest)) = (folder.canonicalize(), manifest) {
        trust::remember(&folder, &manifest, None);
    }
}

/// Requires that the folder is empty or missing: nothing is overwritten.
fn require_empty(folder: &Path) -> Done {
    let refused = |text: String| Err(Failure::new(Code::Input, text));
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => refused(format!("{} is not empty", folder.display())),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => refused(format!("cannot use {}: {error}", folder.display())),
    }
}

fn shlex_quoted(folder: &Path) -> String {
    let text = folder.display().to_string();
    shlex::try_quote(&text).map_or_else(|_| text.clone(), |quoted| quoted.into_owned())
}
