//! The reach of a case, whose author need not be its user. Its files lie in the workspace
//! or in the folder beside it, and no grant leads further. Pure.

use std::path::Path;

use boll_host::plain::quoted;
use boll_host::policy::{Grant, InvalidGrant};

use super::{Action, Case, RunnerAction};
use crate::conformance::protocol::Operation;

/// The variable for the folder beside the workspace.
pub(crate) const OUTSIDE: &str = "outside";

/// Stands for that folder while a case is read and not run.
pub(super) const STAND_IN: &str = "/the-folder-beside-the-workspace";

/// The longest path and the longest name in one, in bytes.
const PATH: usize = 1024;
const NAME: usize = 255;

/// The folder that a file of a case lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    Workspace,
    Outside,
}

/// Where a file of a case lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Located<'a> {
    pub(crate) root: Root,
    pub(crate) path: &'a Path,
}

/// Where the file with this name lies; `outside` is the folder beside the workspace.
///
/// # Errors
///
/// Why it cannot lie there.
pub(crate) fn locate<'a>(name: &'a str, outside: &str) -> Result<Located<'a>, String> {
    let beside = name.strip_prefix(outside);
    let (root, path) = match beside.and_then(|rest| rest.strip_prefix('/')) {
        Some(path) => (Root::Outside, path),
        None => (Root::Workspace, name),
    };
    plain(path).map_err(|why| {
        format!(
            "`{}` {why}: a file of a case has a path in the workspace, or begins with \
             `${{{OUTSIDE}}}/`",
            quoted(name)
        )
    })?;
    let path = Path::new(path);
    Ok(Located { root, path })
}

/// The permissions that a text names.
///
/// # Errors
///
/// It names none.
pub(crate) fn mode(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).ok();
    mode.filter(|mode| *mode <= 0o777)
        .ok_or_else(|| format!("`{}` is no mode from 000 to 777", quoted(text)))
}

/// Whether a path leads to something below where it begins.
fn plain(path: &str) -> Result<(), &'static str> {
    if path.is_empty() {
        return Err("names nothing");
    }
    if path.len() > PATH {
        return Err("is too long");
    }
    if path.starts_with('/') {
        return Err("is absolute");
    }
    if path.contains('\0') {
        return Err("has a null character");
    }
    for part in path.split('/') {
        match part {
            "" | "." | ".." => return Err("has a part that is empty, `.` or `..`"),
            part if part.len() > NAME => return Err("has a name that is too long"),
            _ => {}
        }
    }
    Ok(())
}

/// Refuses a grant that leads out of the folders of a case.
fn check_grant(text: &str, outside: &str) -> Result<(), String> {
    let grant: Grant = text
        .parse()
        .map_err(|error: InvalidGrant| error.to_string())?;
    match &grant {
        Grant::Files(files) => {
            let place = files.at.as_ref().unwrap_or(&files.path);
            let beside = locate(place.as_str(), outside).is_ok();
            if beside || place.in_workspace().is_some() {
                return Ok(());
            }
            Err(format!(
                "`{}` grants a folder of the machine: a case grants what lies below \
                 `/workspace`, or has a place below `${{{OUTSIDE}}}/`",
                quoted(text)
            ))
        }
        Grant::SandboxNone => Err(format!(
            "`{}`: no case runs processes without a sandbox",
            quoted(text)
        )),
        Grant::Process { .. }
        | Grant::WorkspaceWrite
        | Grant::WorkspaceGit
        | Grant::NetworkHost
        | Grant::Network(_)
        | Grant::Publish(_)
        | Grant::Subscribe(_) => Ok(()),
        // Until it is judged here, a kind that is added later is refused.
        _ => Err(format!("`{}`: no case grants this", quoted(text))),
    }
}

/// Whether a grant reaches the network of the machine.
fn is_network(text: &str) -> bool {
    let grant = text.parse();
    matches!(grant, Ok(Grant::NetworkHost | Grant::Network(_)))
}

impl Case {
    /// The first grant that reaches the network of the machine, and its place.
    pub(crate) fn network(&self) -> Option<(String, &str)> {
        self.granted().find(|(_, grant)| is_network(grant))
    }

    /// Refuses what leads out of the folders of a case.
    pub(super) fn check_reach(&self, outside: &str) -> Result<(), String> {
        let located = |place: &str, name: &str| {
            let located = locate(name, outside).map(drop);
            located.map_err(|why| format!("{place}: {why}"))
        };
        for (index, file) in self.workspace.iter().enumerate() {
            located(&format!("workspace[{index}].path"), &file.path)?;
            let mode = file.mode.as_deref().map(mode).transpose();
            mode.map_err(|why| format!("workspace[{index}].mode: {why}"))?;
        }
        for name in self.effects.files.keys() {
            located("effects.files", name)?;
        }
        for (index, capsule) in self.capsules.iter().enumerate() {
            plain(&capsule.manifest).map_err(|why| {
                let name = quoted(&capsule.manifest);
                format!("capsules[{index}].manifest: `{name}` {why}: it is a file beside case.json")
            })?;
        }
        for (index, step) in self.steps.iter().enumerate() {
            if let Action::Runner(
                RunnerAction::AwaitFile { path } | RunnerAction::Remove { path },
            ) = &step.action
            {
                located(&format!("steps[{index}].path"), path)?;
            }
        }
        self.check_shown(outside)?;
        for (place, grant) in self.granted() {
            check_grant(grant, outside).map_err(|why| format!("{place}: {why}"))?;
        }
        Ok(())
    }

    /// Refuses paths for processes to read that do not lie beside the workspace.
    fn check_shown(&self, outside: &str) -> Result<(), String> {
        let Some(paths) = self.host.get("read-only") else {
            return Ok(());
        };
        let paths = paths.as_array().ok_or("host.read-only: a list of paths")?;
        for (index, path) in paths.iter().enumerate() {
            let located = path.as_str().map(|path| locate(path, outside));
            if !matches!(located, Some(Ok(located)) if located.root == Root::Outside) {
                let shown = path
                    .as_str()
                    .map_or_else(|| path.to_string(), str::to_owned);
                return Err(format!(
                    "host.read-only[{index}]: `{}` is not below `${{{OUTSIDE}}}/`: a case shows \
                     nothing else of the machine",
                    quoted(&shown)
                ));
            }
        }
        Ok(())
    }

    /// Each grant of the case, with its place in the file.
    fn granted(&self) -> impl Iterator<Item = (String, &str)> {
        let own = self.grants.iter().map(|grant| ("grants".to_owned(), grant));
        let of_capsules = self.capsules.iter().enumerate();
        let of_capsules = of_capsules.flat_map(|(index, capsule)| {
            let place = format!("capsules[{index}].grants");
            capsule
                .grants
                .iter()
                .map(move |grant| (place.clone(), grant))
        });
        let of_steps = self.steps.iter().enumerate();
        let of_steps = of_steps.flat_map(|(index, step)| {
            let grants = match &step.action {
                Action::Host(Operation::Grant { grants, .. }) => grants.as_slice(),
                _ => &[],
            };
            let place = format!("steps[{index}].grants");
            grants.iter().map(move |grant| (place.clone(), grant))
        });
        let all = own.chain(of_capsules).chain(of_steps);
        all.map(|(place, grant)| (place, grant.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(more: &str) -> Result<Case, String> {
        let text = format!(
            r#"{{"title": "t", "covers": ["boll:log/log.emit"], {more}, "steps": [
                {{"do": "run-case", "name": "x"}}]}}"#
        );
        Case::parse(&text, &[])
    }

    fn step(more: &str) -> Result<Case, String> {
        let text =
            format!(r#"{{"title": "t", "covers": ["boll:log/log.emit"], "steps": [{{{more}}}]}}"#);
        Case::parse(&text, &[])
    }

    #[test]
    fn a_file_lies_in_the_workspace_or_beside_it() {
        let located = |name| locate(name, "/tmp/o").map(|found| (found.root, found.path));
        assert_eq!(located("a/b"), Ok((Root::Workspace, Path::new("a/b"))));
        assert_eq!(located("/tmp/o/a"), Ok((Root::Outside, Path::new("a"))));
        let long = ["x".repeat(1025), "x".repeat(256)];
        let wrong = ["", "/", "/etc", "..", "a/../b", "a//b", "a/", "./a", "a\0b"];
        let beside = ["/tmp/o", "/tmp/o/", "/tmp/o/../x", "/tmp/other/x"];
        let wrong = wrong.into_iter().chain(beside);
        for name in wrong.chain(long.iter().map(String::as_str)) {
            assert!(locate(name, "/tmp/o").is_err(), "{name:?}");
        }
    }

    #[test]
    fn what_leads_out_of_a_case_is_refused_with_its_place() {
        for (found, expected) in [
            (
                with(r#""workspace": [{"path": "/etc/x", "text": "x"}]"#),
                "workspace[0].path: `/etc/x` is absolute",
            ),
            (
                with(r#""workspace": [{"path": "a"}, {"path": "b", "mode": "4755"}]"#),
                "workspace[1].mode: `4755` is no mode",
            ),
            (
                with(r#""effects": {"files": {"../../x": "x"}}"#),
                "effects.files: `../../x` has a part",
            ),
            (
                with(r#""capsules": [{"manifest": "../Capsule.toml"}]"#),
                "capsules[0].manifest: `../Capsule.toml` has a part",
            ),
            (
                step(r#""do": "remove", "path": "${outside}/../x""#),
                "steps[0].path: ",
            ),
            (
                step(r#""do": "await-file", "path": "/etc/passwd""#),
                "steps[0].path: `/etc/passwd` is absolute",
            ),
            (
                with(r#""host": {"read-only": ["/home/ann/.ssh"]}"#),
                "host.read-only[0]: `/home/ann/.ssh` is not below `${outside}/`",
            ),
            (
                with(r#""host": {"read-only": ["shown"]}"#),
                "host.read-only[0]: `shown` is not below",
            ),
            (
                with(r#""host": {"read-only": "/etc"}"#),
                "host.read-only: a list",
            ),
            (
                with(r#""grants": ["process:sh", "files-write:/victim"]"#),
                "grants: `files-write:/victim` grants a folder of the machine",
            ),
            (
                with(r#""capsules": [{"manifest": "a", "grants": ["files:/a /victim"]}]"#),
                "capsules[0].grants: `files:/a /victim` grants a folder",
            ),
            (
                step(r#""do": "grant", "capsule": "a", "grants": ["files:/a"]"#),
                "steps[0].grants: `files:/a` grants a folder",
            ),
            (
                with(r#""grants": ["sandbox:none"]"#),
                "grants: `sandbox:none`: no case runs",
            ),
            (with(r#""grants": ["everything"]"#), "grants: `everything`"),
        ] {
            let error = found.expect_err(expected);
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn what_stays_in_the_folders_of_a_case_is_its_own() {
        let case = with(
            r#""grants": ["process:sh", "workspace:write", "files:/workspace/a",
                "files-write:/data ${outside}/data", "publish:a.*"],
            "host": {"read-only": ["${outside}/shown"]},
            "workspace": [{"path": "${outside}/shown/file", "text": "x", "mode": "755"}],
            "effects": {"files": {"a/b": null}}"#,
        );
        assert_eq!(case.expect("a case").network(), None);
        for grant in [
            "network:host",
            "network:127.0.0.1:80",
            "network:*.example.com:*",
        ] {
            let case = with(&format!(r#""grants": ["{grant}"]"#)).expect("a case");
            assert_eq!(case.network().expect("a grant").1, grant);
        }
    }
}
