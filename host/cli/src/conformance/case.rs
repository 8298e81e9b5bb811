//! The file of a case: what is set up, what is done in which order, what is
//! expected of it. Pure.

pub(crate) mod reach;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

pub(crate) use self::step::{Action, RunnerAction, Step};
use crate::cases::pattern::Pattern;

/// The manifest of a case that names none.
const MANIFEST: &str = "Capsule.toml";

/// A case as its file tells it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Case {
    /// The purpose, in a sentence.
    pub(crate) title: String,
    /// The functions and the cases of variants that it shows, as
    /// `boll:config/config.error.undeclared`.
    pub(crate) covers: BTreeSet<String>,
    /// The sentences of the contract that it shows, by their ids.
    #[serde(default)]
    pub(crate) sentences: BTreeSet<String>,
    /// The grants of its only capsule.
    #[serde(default)]
    grants: Vec<String>,
    /// The configuration of its only capsule.
    #[serde(default)]
    config: BTreeMap<String, String>,
    /// Its capsules, where there are several.
    #[serde(default)]
    pub(crate) capsules: Vec<CapsuleOfCase>,
    /// Settings of the host.
    #[serde(default)]
    pub(crate) host: Map<String, Value>,
    /// The files and folders of the workspace.
    #[serde(default)]
    pub(crate) workspace: Vec<FileOfCase>,
    /// The steps, in order.
    pub(crate) steps: Vec<Step>,
    /// The effects that are expected outside of the guest afterwards.
    #[serde(default)]
    pub(crate) effects: Effects,
}

/// A capsule of a case. All of a case have the case's component.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CapsuleOfCase {
    /// The manifest's file in the case's folder.
    pub(crate) manifest: String,
    #[serde(default)]
    pub(crate) grants: Vec<String>,
    #[serde(default)]
    pub(crate) config: BTreeMap<String, String>,
    /// Whether a step loads it, rather than the beginning of the case.
    #[serde(default)]
    pub(crate) later: bool,
}

/// A file or folder in the workspace.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct FileOfCase {
    pub(crate) path: String,
    /// The content; a folder has none.
    pub(crate) text: Option<String>,
    /// Its permissions in octal, such as `755`.
    pub(crate) mode: Option<String>,
}

/// The effects that are expected outside of the guest when the case is over. Every case
/// also expects that no process with its marker is left.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Effects {
    /// Files of the workspace and what is in them; `null` for one that is not
    /// there.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, Option<String>>,
    /// Patterns each of which a line of the log matches.
    #[serde(default)]
    pub(crate) log: Vec<Pattern>,
    /// Patterns none of which a line of the log matches.
    #[serde(default)]
    pub(crate) no_log: Vec<Pattern>,
    /// How many lines match a pattern.
    #[serde(default)]
    pub(crate) log_count: Vec<Counted>,
}

/// How many lines of the log match a pattern.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counted {
    pub(crate) line: Pattern,
    pub(crate) count: usize,
}

impl Case {
    /// Reads a case's file. `variables` replace `${name}` in it.
    ///
    /// # Errors
    ///
    /// Returns what is wrong, and where.
    pub(crate) fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Self, String> {
        let outside = variables.iter().find(|(name, _)| *name == reach::OUTSIDE);
        let outside = outside.map_or(reach::STAND_IN, |(_, value)| *value);
        let mut text = text.to_owned();
        for (name, value) in variables.iter().chain([&(reach::OUTSIDE, outside)]) {
            text = text.replace(&format!("${{{name}}}"), value);
        }
        let mut case: Self = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if case.title.trim().is_empty() || case.covers.is_empty() || case.steps.is_empty() {
            return Err("`title`, `covers` and `steps` say something".to_owned());
        }
        case.check_reach(outside)?;
        if case.capsules.is_empty() {
            case.capsules.push(CapsuleOfCase {
                manifest: MANIFEST.to_owned(),
                grants: std::mem::take(&mut case.grants),
                config: std::mem::take(&mut case.config),
                later: false,
            });
        } else if !case.grants.is_empty() || !case.config.is_empty() {
            return Err("`grants` and `config` belong into `capsules`, where there are any".into());
        }
        case.check_names()?;
        Ok(case)
    }

    /// The interfaces that a host needs for it, as `boll:config/config`.
    pub(crate) fn interfaces(&self) -> BTreeSet<&str> {
        let names = self.covers.iter();
        names.filter_map(|name| name.split('.').next()).collect()
    }

    fn check_names(&self) -> Result<(), String> {
        let mut going_on = BTreeSet::new();
        for step in &self.steps {
            match &step.action {
                Action::Runner(RunnerAction::Finish { of }) if !going_on.remove(of.as_str()) => {
                    return Err(format!("no step goes on under the name `{of}`"));
                }
                Action::Runner(RunnerAction::Load { manifest })
                    if !self.capsules.iter().any(|one| one.manifest == *manifest) =>
                {
                    return Err(format!("`{manifest}` is not among `capsules`"));
                }
                _ => going_on.extend(step.name.as_deref()),
            }
        }
        match going_on.first() {
            Some(name) => Err(format!("nothing waits for the end of `{name}`")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(more: &str) -> Result<Case, String> {
        let text = format!(r#"{{"title": "t", "covers": ["boll:log/log.emit"], {more}}}"#);
        Case::parse(&text, &[("marker", "31.5")])
    }

    #[test]
    fn one_capsule_is_the_default() {
        let case = with(r#""grants": ["process:sh"], "steps": [{"do": "run-case", "name": "x"}]"#);
        let case = case.unwrap();
        assert_eq!(case.capsules.len(), 1);
        assert_eq!(case.capsules[0].manifest, "Capsule.toml");
        assert_eq!(case.capsules[0].grants, ["process:sh"]);
        assert_eq!(case.interfaces(), BTreeSet::from(["boll:log/log"]));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (more, expected) in [
            (r#""steps": []"#, "say something"),
            (r#""steps": [{"do": "jump"}]"#, "unknown variant `jump`"),
            (
                r#""steps": [{"do": "run-case", "name": "x", "nam": 1}]"#,
                "unknown field `nam`",
            ),
            (
                r#""steps": [{"do": "invoke", "action": "x"}]"#,
                "needs `expect`",
            ),
            (r#""steps": [{"do": "finish", "of": "a"}]"#, "goes on under"),
            (
                r#""steps": [{"do": "run-case", "name": "x", "as": "a"}]"#,
                "nothing waits for the end of `a`",
            ),
            (
                r#""steps": [{"do": "load", "manifest": "B.toml"}]"#,
                "not among `capsules`",
            ),
            (
                r#""steps": [{"do": "held", "expect": {"$is": 1}}]"#,
                "is no condition",
            ),
            (
                r#""steps": [{"do": "unload", "capsule": "a", "time-ms": 1}]"#,
                "unknown field `time-ms`",
            ),
            (r#""steps": [{"do": "close"}]"#, "is no step"),
            (r#""more": 1, "steps": []"#, "unknown field `more`"),
        ] {
            let error = with(more).unwrap_err();
            assert!(error.contains(expected), "{more}: {error}");
        }
    }

    #[test]
    fn variables_are_put_in() {
        let case = with(
            r#""config": {"marker": "${marker}"}, "steps": [{"do": "run-case", "name": "x"}]"#,
        );
        assert_eq!(case.unwrap().capsules[0].config["marker"], "31.5");
    }
}
