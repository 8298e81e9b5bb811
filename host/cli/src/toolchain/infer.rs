//! Finds the tool that builds a capsule, by the files in its folder.

use std::path::{Path, PathBuf};

use boll_host::capsule::BuildTool;

/// The file that calls for a tool, the tool, and its name in `Capsule.toml`.
type Sign = (&'static str, BuildTool, &'static str);

const LANGUAGES: [Sign; 4] = [
    ("Cargo.toml", BuildTool::Cargo, "cargo"),
    ("package.json", BuildTool::Npm, "npm"),
    ("pyproject.toml", BuildTool::Python, "python"),
    ("go.mod", BuildTool::Go, "go"),
];

/// Read last: beside the files of every language there may be a Makefile.
const MAKEFILE: Sign = ("Makefile", BuildTool::Make, "make");

/// The reason why the files in a folder name no single tool.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InferError {
    /// No file in the folder belongs to a known tool.
    #[error(
        "{} holds none of {}, so it is not known how to build it",
        directory.display(),
        all().map(|(file, ..)| file).collect::<Vec<_>>().join(", ")
    )]
    NoTool { directory: PathBuf },
    /// Several kinds of sources are there.
    #[error(
        "{} holds {}: say what builds the capsule, in its Capsule.toml: `[build]` and `tool = {}`",
        directory.display(),
        signs.iter().map(|(file, ..)| *file).collect::<Vec<_>>().join(" and "),
        signs.iter().map(|(.., name)| format!("\"{name}\"")).collect::<Vec<_>>().join("` or `tool = ")
    )]
    SeveralTools {
        directory: PathBuf,
        signs: Vec<Sign>,
    },
}

fn all() -> impl Iterator<Item = Sign> {
    LANGUAGES.into_iter().chain([MAKEFILE])
}

/// Returns the tool that the files in `directory` call for.
pub(crate) fn infer(directory: &Path) -> Result<BuildTool, InferError> {
    let has = |sign: &Sign| directory.join(sign.0).is_file();
    let languages: Vec<Sign> = LANGUAGES.into_iter().filter(has).collect();
    match languages.as_slice() {
        [(_, tool, _)] => Ok(*tool),
        [] if has(&MAKEFILE) => Ok(MAKEFILE.1),
        [] => Err(InferError::NoTool {
            directory: directory.to_owned(),
        }),
        _ => Err(InferError::SeveralTools {
            directory: directory.to_owned(),
            signs: languages,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_say_which_tool_builds() {
        for (file, tool, _) in all() {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(file), "").unwrap();
            assert_eq!(infer(folder.path()).unwrap(), tool);
        }
    }

    #[test]
    fn a_makefile_counts_where_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Makefile"), "").unwrap();
        std::fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        assert_eq!(infer(folder.path()).unwrap(), BuildTool::Cargo);
    }

    #[test]
    fn what_names_no_single_tool_says_what_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let error = infer(root).unwrap_err().to_string();
        assert!(
            error.contains(
                "holds none of Cargo.toml, package.json, pyproject.toml, go.mod, Makefile"
            ),
            "{error}"
        );
        std::fs::write(root.join("package.json"), "{}").unwrap();
        std::fs::write(root.join("Cargo.toml"), "").unwrap();
        let error = infer(root).unwrap_err().to_string();
        assert!(
            error.ends_with(
                "holds Cargo.toml and package.json: say what builds the capsule, in its \
                 Capsule.toml: `[build]` and `tool = \"cargo\"` or `tool = \"npm\"`"
            ),
            "{error}"
        );
    }
}
