//! Reads the settings for building a capsule from a `pyproject.toml`. It runs no tool.

use std::collections::BTreeMap;
use std::path::PathBuf;

use boll_host::document::{Document, DocumentError};
use serde::Deserialize;
use toml::Spanned;

/// The version of componentize-py that new projects name.
pub(crate) const COMPONENTIZE_PY: &str = "componentize-py==0.25.1";

/// The settings of a capsule in a `pyproject.toml`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PyProject {
    /// The packages to install: those that the capsule imports, and those that build it.
    pub(crate) requirements: Vec<String>,
    /// `[tool.boll]`.
    pub(crate) capsule: PythonCapsule,
}

/// `[tool.boll]`: the settings of the component.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct PythonCapsule {
    /// The module that answers calls.
    pub(crate) module: String,
    /// The folders that modules are imported from, relative to the project.
    pub(crate) path: Vec<PathBuf>,
    /// The folder of the contract, relative to the project.
    pub(crate) wit: PathBuf,
    /// The world in it that the capsule is built for.
    pub(crate) world: String,
    /// The folder that the types of the contract are written to, for editors and type checkers.
    pub(crate) types: Option<PathBuf>,
}

impl Default for PythonCapsule {
    fn default() -> Self {
        Self {
            module: "app".to_owned(),
            path: vec![".".into()],
            wit: "wit".into(),
            world: "capsule".to_owned(),
            types: None,
        }
    }
}

/// Other keys are other tools' own.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Raw {
    #[serde(default)]
    project: RawProject,
    #[serde(default)]
    dependency_groups: BTreeMap<String, Vec<Spanned<toml::Value>>>,
    #[serde(default)]
    tool: RawTool,
}

#[derive(Default, Deserialize)]
struct RawProject {
    #[serde(default)]
    dependencies: Vec<String>,
}

#[derive(Default, Deserialize)]
struct RawTool {
    boll: Option<Spanned<PythonCapsule>>,
}

impl PyProject {
    /// Reads the text of the file that errors call `name`.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, DocumentError> {
        let document = Document::new(name, text);
        let raw: Raw = document.parse()?;
        let mut requirements = raw.project.dependencies;
        for entry in raw.dependency_groups.get("build").into_iter().flatten() {
            match entry.get_ref().as_str() {
                Some(requirement) => requirements.push(requirement.to_owned()),
                None => {
                    return Err(document.error(
                        Some(entry.span()),
                        "the group `build` has to name its packages itself",
                    ));
                }
            }
        }
        if !requirements.iter().any(|one| is_componentize_py(one)) {
            let mut error = document.error(None, "nothing here asks for componentize-py");
            error.hint = Some(format!(
                "add this:\n\n[dependency-groups]\nbuild = [\"{COMPONENTIZE_PY}\"]\n"
            ));
            return Err(error);
        }
        let span = raw.tool.boll.as_ref().map(Spanned::span);
        let capsule = raw.tool.boll.map(Spanned::into_inner).unwrap_or_default();
        if capsule.module == capsule.world {
            return Err(document.error(
                span,
                format!(
                    "the module and the world are both called `{}`: the module needs another name",
                    capsule.module
                ),
            ));
        }
        Ok(Self {
            requirements,
            capsule,
        })
    }
}

/// A requirement begins with the package's name, in which `-`, `_` and `.` are the same.
fn is_componentize_py(requirement: &str) -> bool {
    let name = requirement
        .split(|one: char| !(one.is_ascii_alphanumeric() || "-_.".contains(one)))
        .next()
        .unwrap_or_default();
    name.replace(['_', '.'], "-")
        .eq_ignore_ascii_case("componentize-py")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_conventional() {
        let text = "[project]\nname = \"x\"\n[dependency-groups]\nbuild = [\"componentize-py\"]";
        assert_eq!(
            PyProject::parse("pyproject.toml", text).unwrap(),
            PyProject {
                requirements: vec!["componentize-py".to_owned()],
                capsule: PythonCapsule::default(),
            }
        );
    }

    #[test]
    fn everything_can_be_said() {
        let text = "[project]\ndependencies = [\"attrs>=25\"]\n\
                    [dependency-groups]\nbuild = [\"Componentize_Py == 0.25.1\"]\ntest = [\"x\"]\n\
                    [tool.other]\na = 1\n\
                    [tool.boll]\nmodule = \"main\"\npath = [\"src\", \"sdk\"]\nworld = \"w\"\nwit = \"c\"\n\
                    types = \"gen\"";
        assert_eq!(
            PyProject::parse("pyproject.toml", text).unwrap(),
            PyProject {
                requirements: vec![
                    "attrs>=25".to_owned(),
                    "Componentize_Py == 0.25.1".to_owned()
                ],
                capsule: PythonCapsule {
                    module: "main".to_owned(),
                    path: vec!["src".into(), "sdk".into()],
                    wit: "c".into(),
                    world: "w".to_owned(),
                    types: Some("gen".into()),
                },
            }
        );
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let wrong = |text: &str| {
            PyProject::parse("pyproject.toml", text)
                .unwrap_err()
                .to_string()
        };
        let build = "[dependency-groups]\nbuild = [\"componentize-py\"]\n";
        assert_eq!(
            wrong("[project]\nname = \"x\"\n"),
            "pyproject.toml: nothing here asks for componentize-py"
        );
        assert_eq!(
            wrong("[dependency-groups]\nbuild = [{ include-group = \"x\" }]"),
            "pyproject.toml:2:10: the group `build` has to name its packages itself"
        );
        assert!(
            wrong(&format!("{build}[tool.boll]\nwrld = \"x\"")).starts_with("pyproject.toml:4:1: ")
        );
        assert!(
            wrong(&format!(
                "{build}[tool.boll]\nmodule = \"x\"\nworld = \"x\""
            ))
            .contains("both called `x`")
        );
    }
}
