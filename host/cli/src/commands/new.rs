//! `boll new`: creates a new capsule project.

use std::fs;
use std::path::Path;

use boll_host::capsule::CapsuleId;

use crate::args::{Arguments, New};
use crate::failure::{Code, Done, Failure};
use crate::output::Output;
use crate::report::{self, reporter::Reporter};
use crate::template;
use crate::trust;

pub(crate) fn run(new: &New, arguments: &Arguments, reporter: &Reporter) -> Done {
    let id: CapsuleId = new
        .name
        .parse()
        .map_err(|error| Failure::from_error(Code::Input, &error))?;
    let folder = match &new.dir {
        Some(folder) => folder.clone(),
        None => id.as_str().into(),
    };
    require_empty(&folder)?;
    template::write(new.lang, &id, &folder).map_err(|(path, error)| {
        Failure::new(
            Code::Input,
            format!("cannot write {}: {error}", path.display()),
        )
    })?;
    trust_own(&folder);
    let shown = shlex_quoted(&folder);
    reporter.note(&format!(
        "{id} is a new capsule in {}. Next steps:\n\n    cd {shown}\n    boll build\n    boll test\n    \
         boll run . --payload Ada\n",
        new.lang
    ));
    match arguments.output {
        Output::Text => report::result(folder.display().to_string().as_bytes()),
        Output::Json => report::json(&serde_json::json!({ "id": id, "folder": folder })),
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
